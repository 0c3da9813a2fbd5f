//! Queries inside of queries, and values that the database chooses.

use crate::joins::shop;
use orm_core::prelude::*;
use orm_core::query::{Ordering, Scoped, coalesce, count, exists, max, value, when};
use shop_models::models::{Base, Cart, Customer, Product};

orm_core::alias!(Older = Customer);

#[orm_testkit::test(base = Base)]
async fn a_query_asks_rows_of_the_query_around_it(engine: Engine) {
    shop(&engine).await;
    let carts = || select::<Cart>().correlate::<Customer>().filter(Cart::CUSTOMER_ID.eq(Customer::ID));
    let names = |filter: Predicate<Customer>| columns(Customer::NAME).filter(filter).order_by(Customer::NAME);
    assert_eq!(names(exists(carts())).fetch_all(&engine).await.unwrap(), ["Ann", "Bea"]);
    let dear = carts().join(Cart::PRODUCTS).filter(Product::PRICE_CENTS.gt(500) & Customer::AGE.gt(40));
    assert_eq!(names(exists(dear)).fetch_all(&engine).await.unwrap(), ["Ann"]);
    let number = carts().aggregate(count()).scalar_subquery();
    let query = columns((Customer::NAME, number.clone())).filter(number.ge(1)).order_by(Customer::NAME);
    let rows = query.fetch_all(&engine).await.unwrap();
    assert_eq!(rows, [("Ann".to_owned(), Some(2)), ("Bea".to_owned(), Some(1))]);
}

#[orm_testkit::test(base = Base)]
async fn the_same_table_inside_and_outside(engine: Engine) {
    shop(&engine).await;
    // Without another name the inner rows hide those around; with one they meet.
    let oldest = || select::<Customer>().aggregate(max(Customer::AGE)).scalar_subquery();
    let names = columns(Customer::NAME).filter(Customer::AGE.eq(oldest())).order_by(Customer::NAME);
    assert_eq!(names.fetch_all(&engine).await.unwrap(), ["Ann", "Cem"]);
    let same_age = select::<Cart>().correlate::<Customer>().join_on::<Older>(
        Customer::AGE.from(Older).eq(Customer::AGE) & Customer::ID.from(Older).gt(Customer::ID),
    );
    let names = columns(Customer::NAME).filter(exists(same_age));
    assert_eq!(names.fetch_all(&engine).await.unwrap(), ["Ann"]);
}

#[orm_testkit::test(base = Base)]
async fn a_value_is_among_those_of_a_query(engine: Engine) {
    shop(&engine).await;
    let bought = || select::<Cart>().join(Cart::PRODUCTS).columns(Product::ID);
    let left = columns(Product::SKU).filter(!Product::ID.in_query(bought()));
    assert_eq!(left.fetch_all(&engine).await.unwrap(), ["cocoa"]);
    let often = bought().group_by(Product::ID).having(|_| count().gt(1)).columns(|id| id);
    let tea = select::<Cart>().join(Cart::PRODUCTS).filter(Product::ID.in_query(often)).columns(Cart::ID);
    assert_eq!(tea.count(&engine).await.unwrap(), 2);
    let mut session = engine.session();
    let found = session.query::<Product>().filter(Product::ID.in_query(bought())).all().await.unwrap();
    assert_eq!(found.len(), 2);
}

#[orm_testkit::test(base = orm_tests::models::drawers::Base)]
async fn hidden_rows_are_in_no_query_inside_unless_it_says_so(engine: Engine) {
    use orm_tests::models::drawers::{Drawer, Note};
    let mut session = engine.session();
    let drawer = session.add(Drawer::builder().tenant(1).name("ours"));
    session.add(Note::builder().text("gone").deleted(true).drawer(drawer));
    session.commit().await.unwrap();
    let notes = || select::<Note>().correlate::<Drawer>().filter(Note::DRAWER_ID.eq(Drawer::ID));
    let number =
        async |filter: Predicate<Drawer>| engine.count(select::<Drawer>().filter(filter)).await.unwrap();
    assert_eq!(number(exists(notes())).await, 0);
    assert_eq!(number(exists(notes().unrestricted())).await, 1);
    assert_eq!(number(Drawer::ID.in_query(columns(Note::DRAWER_ID))).await, 0);
    assert_eq!(number(Drawer::ID.in_query(columns(Note::DRAWER_ID).unrestricted())).await, 1);
    assert_eq!(number(notes().aggregate(count()).scalar_subquery().eq(0)).await, 1);
    assert_eq!(number(notes().unrestricted().aggregate(count()).scalar_subquery().eq(0)).await, 0);
}

#[orm_testkit::test(base = Base)]
async fn the_database_chooses_values(engine: Engine) {
    shop(&engine).await;
    let class =
        when(Customer::AGE.is_null(), "?").when(Customer::AGE.ge(18), Customer::NAME).otherwise("young");
    let rows = select::<Customer>().columns((class.clone(), value(Customer::AGE).cast::<String>()));
    let rows = rows.order_by(class.desc()).fetch_all(&engine).await.unwrap();
    let age = || Some("41".to_owned());
    assert_eq!(rows, [("Cem".to_owned(), age()), ("Ann".to_owned(), age()), ("?".to_owned(), None)]);
    // Each class with the number of those in it: the bound values are one in SELECT and GROUP BY.
    let class = when(Customer::AGE.ge(18), "grown up").otherwise("?");
    let groups =
        select::<Customer>().group_by(class).order_by(Scoped::desc).columns(|class| (class, count()));
    let rows = engine.fetch_all(groups).await.unwrap();
    assert_eq!(rows, [("grown up".to_owned(), 2), ("?".to_owned(), 1)]);
    let named = select::<Cart>().join(Cart::CUSTOMER).columns(coalesce(Cart::INVOICE, Customer::NAME));
    let named = named.order_by(Cart::ID).fetch_all(&engine).await.unwrap();
    assert_eq!(named, ["A-1", "A-2", "Bea"]);
}

#[orm_testkit::test(base = Base)]
async fn conditions_and_orders_come_at_run_time(engine: Engine) {
    shop(&engine).await;
    let search = async |name: Option<&str>, least: Option<i32>, words: &[&str], order: &str| {
        let words: Vec<_> = words.iter().map(|word| Customer::EMAIL.like(format!("%{word}%"))).collect();
        let query = columns(Customer::NAME)
            .filter(name.map(|name| Customer::NAME.eq(name)))
            .filter(least.map(|age| Customer::AGE.ge(age)))
            .filter(words);
        query.order_by((Ordering::by_name(order).unwrap(), Customer::ID)).fetch_all(&engine).await.unwrap()
    };
    assert_eq!(search(None, None, &[], "name").await, ["Ann", "Bea", "Cem"]);
    assert_eq!(search(None, Some(18), &["example"], "-name").await, ["Cem", "Ann"]);
    assert_eq!(search(Some("Bea"), None, &["example", "org"], "age").await, ["Bea"]);
    assert!(search(Some("Bea"), Some(18), &[], "id").await.is_empty());
    for hostile in ["name; DROP TABLE customer", "\"name\"", "NAME", "", "-", "--name", "customer.name", "1"]
    {
        let error = Ordering::<Customer>::by_name(hostile).unwrap_err();
        assert_eq!(error.kind(), orm_core::ErrorKind::UnknownColumn, "{hostile:?}");
    }
    let youngest =
        columns(Customer::NAME).order_by((Customer::AGE.asc().nulls_first(), Customer::NAME.desc()));
    assert_eq!(youngest.fetch_all(&engine).await.unwrap(), ["Bea", "Cem", "Ann"]);
}

#[orm_testkit::test(base = Base)]
async fn a_session_gives_values_of_what_it_wrote_and_sees(engine: Engine) {
    shop(&engine).await;
    let mut session = engine.session();
    session.restrict::<Customer>(Customer::NAME.ne("Ann"));
    session.add(Customer::builder().name("Dan").email("dan@example.org"));
    let names = || columns(Customer::NAME).order_by(Customer::NAME);
    assert_eq!(session.fetch_all(names()).await.unwrap(), ["Bea", "Cem", "Dan"]);
    assert_eq!(session.fetch_all(names().unrestricted()).await.unwrap().len(), 4);
    assert_eq!(session.fetch_optional(names().filter(Customer::NAME.eq("Ann"))).await.unwrap(), None);
    let error = session.fetch_one(names()).await.unwrap_err();
    assert_eq!(error.kind(), orm_core::ErrorKind::MultipleFound);
    session.rollback().await.unwrap();
    assert_eq!(session.fetch_one(select::<Customer>().aggregate(count())).await.unwrap(), 2);
}
