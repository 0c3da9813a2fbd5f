//! Deleting an object and adding another one with its key, in one flush.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_tests::models::books::{self, Author, Book};
use orm_tests::models::keys::{self, City, Country, Course, Document, Enrollment, Page, Remark, Student};
use shop_models::models::{Base, Cart, CartProduct, Customer, Product};

fn customer(id: i64, name: &str) -> Customer {
    Customer::builder().id(id).name(name).email("a@x").build()
}

#[orm_testkit::test(base = Base)]
async fn one_update_of_what_differs(engine: Engine) {
    let mut session = engine.session();
    let old = session.add(customer(7, "Ann"));
    session.commit().await.unwrap();
    let created = session[old].created_at;
    session.delete(old).unwrap();
    let new = session.add(customer(7, "Bea"));
    assert_eq!(session.flush_plan().unwrap().to_string(), "update 1 row of customer (name)");
    orm_testkit::assert_queries!(session, 1, { session.commit().await.unwrap() });
    assert_eq!(session.state(old).unwrap(), ObjectState::Deleted);
    assert_eq!(session.state(new).unwrap(), ObjectState::Persistent);
    assert_eq!(session[new].created_at, created, "what the new object left to the database stays");
    assert_eq!(session.get::<Customer>(7).await.unwrap(), Some(new), "the identity is the new object's");
    assert_eq!(engine.fetch_all(columns(Customer::NAME)).await.unwrap(), ["Bea"]);
    session[new].age = Some(3);
    session.commit().await.unwrap();
    assert_eq!(engine.fetch_all(columns(Customer::AGE)).await.unwrap(), [Some(3)]);
}

#[orm_testkit::test(base = Base)]
async fn nothing_is_sent_for_an_equal_row_and_the_row_counts_as_the_database_has_it(engine: Engine) {
    let mut session = engine.session();
    let old = session.add(customer(7, "Ann"));
    session.commit().await.unwrap();
    session[old].name = "never written".into();
    session.delete(old).unwrap();
    session.add(customer(7, "Ann"));
    orm_testkit::assert_queries!(session, 0, { session.commit().await.unwrap() });
    assert_eq!(engine.fetch_all(columns(Customer::NAME)).await.unwrap(), ["Ann"]);
}

#[orm_testkit::test(base = Base)]
async fn a_batch_is_one_statement_a_shape(engine: Engine) {
    let product =
        |n: i64, title: &str| Product::builder().id(n).sku(n.to_string()).title(title).price_cents(n);
    let mut session = engine.session();
    let old = session.add_all((0..100).map(|n| product(n, "old")));
    session.commit().await.unwrap();
    for handle in old {
        session.delete(handle).unwrap();
    }
    let new = session.add_all((50..150).map(|n| product(n, "new")));
    assert_eq!(
        session.flush_plan().unwrap().to_string(),
        "unlink 50 rows of cart_product\n\
         delete 50 rows of product\n\
         insert 50 rows into product (id, sku, title, price_cents)\n\
         update 50 rows of product (title)"
    );
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Product>().filter(Product::TITLE.eq("new"))).await.unwrap(), 100);
    assert!(new.iter().all(|handle| session.state(*handle).unwrap() == ObjectState::Persistent));
}

#[orm_testkit::test(base = keys::Base)]
async fn keys_of_several_columns(engine: Engine) {
    let mut session = engine.session();
    let (student, course) =
        (session.add(Student::builder().name("s")), session.add(Course::builder().code("c").title("t")));
    let old = session.add(Enrollment::builder().student(student).course(course));
    session.add(Remark::builder().text("r").enrollment(old));
    session.commit().await.unwrap();
    session.delete(old).unwrap();
    let new = session.add(Enrollment::builder().student(student).course(course).grade(3));
    assert_eq!(
        session.flush_plan().unwrap().to_string(),
        "delete 1 row of remark\nupdate 1 row of enrollment (grade)"
    );
    session.commit().await.unwrap();
    assert_eq!(engine.fetch_all(columns(Enrollment::GRADE)).await.unwrap(), [Some(3)]);
    assert_eq!(
        session.at(student).related(Student::ENROLLMENTS).unwrap().map(|e| e.handle()).collect::<Vec<_>>(),
        [new]
    );
}

#[orm_testkit::test(base = Base)]
async fn the_deletion_cascades_as_ever(engine: Engine) {
    for known in [false, true] {
        let mut session = engine.session();
        let tea = session.add(Product::builder().sku(format!("T{known}")).title("Tea").price_cents(1));
        let id = if known { 1 } else { 2 };
        let email = format!("{id}@x");
        let new = |id: i64| Customer::builder().id(id).name("n").email(format!("{id}@x"));
        session.add(new(id).carts([Cart::builder().products([tea]), Cart::builder()]));
        session.commit().await.unwrap();
        let mut session = engine.session();
        let old = session.query::<Customer>().filter(Customer::EMAIL.eq(&email[..])).one().await.unwrap();
        if known {
            session.load(old, Customer::CARTS.then(Cart::PRODUCTS)).await.unwrap();
        }
        session.delete(old).unwrap();
        let new = session.add(new(id).carts([Cart::builder().invoice(format!("new {id}"))]));
        session.commit().await.unwrap();
        let carts = engine.fetch_all(select::<Cart>().filter(Cart::CUSTOMER_ID.eq(id))).await.unwrap();
        assert_eq!(carts.len(), 1, "loaded: {known}");
        assert_eq!(carts[0].invoice, Some(format!("new {id}")));
        assert_eq!(session.at(new).related(Customer::CARTS).unwrap().len(), 1);
        assert_eq!(engine.count(select::<CartProduct>()).await.unwrap(), 0);
    }
}

#[orm_testkit::test(base = Base)]
async fn members_that_the_new_object_takes_over_stay(engine: Engine) {
    let mut session = engine.session();
    let old = session.add(customer(7, "Ann").clone());
    session[old].carts.extend([Cart::builder(), Cart::builder()]);
    session.commit().await.unwrap();
    let carts: Vec<_> = session[old].carts.handles().unwrap().collect();
    session.delete(old).unwrap();
    let new = session.add(customer(7, "Bea"));
    session[new].carts.push(carts[0]);
    let by_key = session.add(Cart::builder().customer_key(7));
    session.commit().await.unwrap();
    assert_eq!(session.state(carts[0]).unwrap(), ObjectState::Persistent);
    assert_eq!(session.state(carts[1]).unwrap(), ObjectState::Deleted);
    assert_eq!(
        session.state(by_key).unwrap(),
        ObjectState::Persistent,
        "a key given now means the new object"
    );
    let shown: Vec<_> = session[new].carts.handles().unwrap().collect();
    assert_eq!(shown, [carts[0], by_key]);
    assert_eq!(engine.count(select::<Cart>()).await.unwrap(), 2);
}

#[orm_testkit::test(base = books::Base)]
async fn what_has_to_refer_to_the_row_refers_to_the_new_object(engine: Engine) {
    let mut session = engine.session();
    let old = session.add(Author::builder().id(7).name("old"));
    let book = session.add(Book::builder().title("b").author(old));
    let edited = session.add(Book::builder().title("e").author(old).editor(old));
    session.commit().await.unwrap();
    session.delete(old).unwrap();
    let new = session.add(Author::builder().id(7).name("new"));
    session.commit().await.unwrap();
    assert_eq!(session[book].author.handle(), Some(new));
    assert!(session[edited].editor.is_none(), "an optional reference is cleared, as by any deletion");
    session[book].title = "changed".into();
    session.commit().await.unwrap();
    assert_eq!(session.load(new, Author::BOOKS).await.unwrap(), [book, edited]);
}

#[orm_testkit::test(base = Base)]
async fn associations_go_and_come(engine: Engine) {
    let product = |title: &str| Product::builder().id(1).sku("T").title(title).price_cents(1);
    let mut session = engine.session();
    let old = session.add(product("old"));
    let ann = session.add(customer(7, "Ann"));
    let carts =
        session.add_all([Cart::builder().customer(ann).products([old]), Cart::builder().customer(ann)]);
    session.commit().await.unwrap();
    session.delete(old).unwrap();
    let new = session.add(product("new").carts([carts[1]]));
    session.commit().await.unwrap();
    assert_eq!(
        engine.fetch_all(columns(CartProduct::CART_ID)).await.unwrap(),
        [session[carts[1]].id.unwrap()]
    );
    assert_eq!(session.at(carts[0]).related(Cart::PRODUCTS).unwrap().len(), 0);
    let shown: Vec<_> = session.at(carts[1]).related(Cart::PRODUCTS).unwrap().map(|p| p.handle()).collect();
    assert_eq!(shown, [new]);
}

#[orm_testkit::test(base = books::Base)]
async fn a_rollback_restores_both(engine: Engine) {
    let mut session = engine.session();
    let old = session.add(Author::builder().id(7).name("old"));
    let book = session.add(Book::builder().title("b").author(old));
    session.commit().await.unwrap();
    session.delete(old).unwrap();
    let new = session.add(Author::builder().id(7).name("new"));
    session.flush().await.unwrap();
    assert_eq!(session[book].author.handle(), Some(new));
    session.rollback().await.unwrap();
    assert_eq!(session.state(old).unwrap(), ObjectState::Persistent);
    assert_eq!(session.state(new).unwrap(), ObjectState::Transient);
    assert_eq!(session[book].author.handle(), Some(old));
    assert_eq!(session.get::<Author>(7).await.unwrap(), Some(old));
    session.commit().await.unwrap();
    assert_eq!(engine.fetch_all(columns(Author::NAME)).await.unwrap(), ["old"]);
}

#[orm_testkit::test(base = keys::Base)]
async fn keys_that_the_program_makes(engine: Engine) {
    let id = Uuid::from_u128(9);
    let mut session = engine.session();
    let old = session.add(
        Document::builder().id(id).title("old").pages([Page::builder().id(Uuid::from_u128(1)).number(1)]),
    );
    session.add(
        Country::builder()
            .code("de")
            .name("D")
            .cities([City::builder().name("Ulm"), City::builder().name("Bonn")]),
    );
    session.commit().await.unwrap();
    let country = session.get_one::<Country>("de").await.unwrap();
    session.delete(old).unwrap();
    session.delete(country).unwrap();
    // The same member again, in the new owner: a switch inside a switch.
    session.add(
        Document::builder().id(id).title("new").pages([Page::builder().id(Uuid::from_u128(1)).number(2)]),
    );
    session.add(Country::builder().code("de").name("E").cities([City::builder().name("Ulm")]));
    assert_eq!(
        session.flush_plan().unwrap().to_string(),
        "delete 1 row of city\n\
         update 1 row of country (name)\n\
         update 1 row of document (title)\n\
         update 1 row of page (number)"
    );
    session.commit().await.unwrap();
    assert_eq!(engine.fetch_all(columns(Page::NUMBER)).await.unwrap(), [2]);
    assert_eq!(engine.fetch_all(columns(City::NAME)).await.unwrap(), ["Ulm"]);
}

#[orm_testkit::test(base = Base)]
async fn a_row_that_is_gone_is_stale(engine: Engine) {
    let mut session = engine.session();
    let old = session.add(customer(7, "Ann"));
    session.commit().await.unwrap();
    Customer::find(&engine, 7).await.unwrap().unwrap().delete(&engine).await.unwrap();
    session.delete(old).unwrap();
    session.add(customer(7, "Bea"));
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::StaleData);
}
