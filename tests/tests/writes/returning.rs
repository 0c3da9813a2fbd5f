//! What comes back of rows that were written.

use orm_core::ErrorKind;
use orm_core::bulk::{delete, insert, update};
use orm_core::prelude::*;
use orm_core::query::{count, value, whole};
use shop_models::models::{Base, Cart, Customer, Product};

async fn products(engine: &Engine) {
    let all = (1..=3).map(|n| Product::builder().sku(n.to_string()).title("Tea").price_cents(n));
    insert(all).execute(engine).await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn models_values_and_expressions_come_back(engine: Engine) {
    let ann = Customer::builder().name("Ann").email("a").age(40);
    let next = Customer::AGE + 1;
    let insert = insert([ann]).returning((whole::<Customer>(), next, Customer::NAME));
    let (ann, age, name) = insert.fetch_one(&engine).await.unwrap();
    assert_eq!((ann.id, ann.age, age, &name[..]), (Auto::Set(1), Some(40), Some(41), "Ann"));
    assert!(ann.created_at.is_set());

    let older = update(select::<Customer>()).set(Customer::AGE.set_to(None)).returning((Customer::AGE,));
    assert_eq!(older.fetch_all(&engine).await.unwrap(), [(None,)]);
    let carts = select::<Cart>().correlate::<Customer>().filter(Cart::CUSTOMER_ID.eq(Customer::ID));
    let carts = carts.aggregate(count()).scalar_subquery();
    let gone = delete(select::<Customer>()).returning((whole::<Customer>(), carts));
    let (gone, carts) = gone.fetch_one(&engine).await.unwrap();
    assert_eq!((&gone.name[..], carts), ("Ann", Some(0)));
}

#[orm_testkit::test(base = Base)]
async fn one_row_or_none(engine: Engine) {
    products(&engine).await;
    let dearer = |cents| {
        let rows = select::<Product>().filter(Product::PRICE_CENTS.ge(cents));
        update(rows).set(Product::TITLE.set_to("Dear tea")).returning(Product::SKU)
    };
    assert_eq!(dearer(3).fetch_one(&engine).await.unwrap(), "3");
    assert_eq!(dearer(4).fetch_optional(&engine).await.unwrap(), None);
    assert_eq!(dearer(4).fetch_one(&engine).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(dearer(2).fetch_one(&engine).await.unwrap_err().kind(), ErrorKind::MultipleFound);
    let written = select::<Product>().filter(Product::TITLE.eq("Dear tea"));
    assert_eq!(engine.count(written).await.unwrap(), 2, "all the same");
}

#[orm_testkit::test(base = Base)]
async fn objects_of_a_session_follow(engine: Engine) {
    products(&engine).await;
    let mut session = engine.session();
    let all = session.all(select::<Product>().order_by(Product::ID)).await.unwrap();
    let rows = select::<Product>().filter(Product::PRICE_CENTS.lt(3));
    let doubled = update(rows.clone()).set(Product::PRICE_CENTS.set_to(value(Product::PRICE_CENTS) * 2));
    let mut doubled =
        doubled.returning((Product::SKU, Product::PRICE_CENTS)).fetch_all(&mut session).await.unwrap();
    doubled.sort();
    assert_eq!(doubled, [("1".to_owned(), 2), ("2".to_owned(), 4)]);
    assert_eq!(all.iter().map(|p| session[*p].price_cents).collect::<Vec<_>>(), [2, 4, 3]);
    let gone = delete(rows).returning(Product::TITLE).fetch_all(&mut session).await.unwrap();
    assert_eq!(gone, ["Tea"]);
    assert_eq!(session.state(all[0]).unwrap(), orm_core::state::ObjectState::Deleted);
    session.rollback().await.unwrap();
    assert_eq!(all.iter().map(|p| session[*p].price_cents).collect::<Vec<_>>(), [1, 2, 3]);
}
