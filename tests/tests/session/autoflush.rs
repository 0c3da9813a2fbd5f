//! Changes are written before a query reads, unless the session is told not to.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use shop_models::models::{Base, Cart, Customer, Product};

fn customer(n: i64) -> Customer {
    Customer::builder().name(format!("c{n}")).email(format!("{n}@x")).build()
}

fn product(n: i64) -> Product {
    Product::builder().sku(format!("P-{n}")).title("Tea").price_cents(n).build()
}

/// A session with one customer in the database, who has one cart, and that knows neither.
async fn reopened(engine: &Engine) -> Session {
    let mut session = engine.session();
    let mut ann = customer(1);
    ann.carts.push(Cart::builder());
    session.add(ann);
    session.commit().await.unwrap();
    engine.session()
}

#[orm_testkit::test(base = Base)]
async fn each_kind_of_query_sees_what_changed(engine: Engine) {
    let mut session = reopened(&engine).await;
    session.add(customer(2));
    assert_eq!(session.query::<Customer>().all().await.unwrap().len(), 2);
    session.add(customer(3));
    assert_eq!(session.all(select::<Customer>()).await.unwrap().len(), 3);
    let four = session.add(customer(4));
    assert_eq!(session.query::<Customer>().count().await.unwrap(), 4);
    assert_eq!(session.state(four).unwrap(), ObjectState::Persistent);
    let ann = session.query::<Customer>().order_by(Customer::ID).first().await.unwrap().unwrap();
    session[ann].name = "Ann".into();
    assert_eq!(session.query::<Customer>().filter(Customer::NAME.eq("Ann")).one().await.unwrap(), ann);
    let mut seven = customer(7);
    seven.id = Auto::Set(7);
    let seven = session.add(seven);
    assert_eq!(session.get::<Customer>(7).await.unwrap(), Some(seven), "written, then found under its key");
    session[ann].carts.push(Cart::builder());
    assert_eq!(session.load(ann, Customer::CARTS).await.unwrap().len(), 2);
    assert!(session.flush_plan().unwrap().is_empty());
    assert_eq!(engine.count(select::<Customer>()).await.unwrap(), 1, "flushed, not committed");
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Customer>()).await.unwrap(), 5);
}

#[orm_testkit::test(base = Base)]
async fn deleted_rows_are_not_found_any_more(engine: Engine) {
    let mut session = reopened(&engine).await;
    let ann = session.query::<Customer>().one().await.unwrap();
    session.delete(ann).unwrap();
    assert_eq!(session.query::<Cart>().count().await.unwrap(), 0, "what goes with her is gone, too");
    assert_eq!(session.state(ann).unwrap(), ObjectState::Deleted);
    session.rollback().await.unwrap();
    assert_eq!(session.query::<Cart>().count().await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn what_the_session_knows_is_no_query(engine: Engine) {
    let mut session = reopened(&engine).await;
    let ann = session.query::<Customer>().one().await.unwrap();
    let carts = session.load(ann, Customer::CARTS).await.unwrap();
    let new = session.add(customer(2));
    orm_testkit::assert_queries!(session, 0, {
        assert_eq!(session.get::<Customer>(1).await.unwrap(), Some(ann));
        assert_eq!(session.load(carts[0], Cart::CUSTOMER).await.unwrap(), [ann]);
        assert_eq!(session.load(new, Customer::CARTS).await.unwrap(), []);
    });
    assert_eq!(session.state(new).unwrap(), ObjectState::Pending);
}

#[orm_testkit::test(base = Base)]
async fn nothing_is_begun_for_nothing(engine: Engine) {
    let mut session = reopened(&engine).await;
    let ann = session.query::<Customer>().one().await.unwrap();
    session[ann].name.push('x');
    session[ann].name.pop();
    orm_testkit::assert_queries!(session, 1, { session.query::<Customer>().count().await.unwrap() });
    assert!(!session.in_transaction());
}

#[orm_testkit::test(base = Base)]
async fn a_guard_puts_it_off_and_guards_nest(engine: Engine) {
    let mut session = reopened(&engine).await;
    session.add(customer(2));
    {
        let mut quiet = session.no_autoflush();
        assert_eq!(quiet.query::<Customer>().count().await.unwrap(), 1);
        {
            let mut inner = quiet.no_autoflush();
            assert_eq!(inner.query::<Customer>().count().await.unwrap(), 1);
        }
        assert!(!quiet.autoflush(), "the outer guard still holds");
        assert_eq!(quiet.query::<Customer>().count().await.unwrap(), 1);
        quiet.flush().await.unwrap();
        assert_eq!(quiet.query::<Customer>().count().await.unwrap(), 2, "flushing by hand works");
        quiet.add(customer(3));
    }
    assert!(session.autoflush());
    assert_eq!(session.query::<Customer>().count().await.unwrap(), 3);
}

#[orm_testkit::test(base = Base)]
async fn its_errors_say_where_they_come_from(engine: Engine) {
    let mut session = reopened(&engine).await;
    let cart = session.add(Cart::builder());
    let error = session.query::<Customer>().all().await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Unset, Some("customer_id")));
    assert!(
        error
            .to_string()
            .ends_with("(from the autoflush before a query; `session.no_autoflush()` puts it off)")
    );
    assert!(session.is_active(), "nothing was sent");
    session.delete(cart).unwrap();

    session.add(customer(1));
    let error = session.query::<Product>().count().await.unwrap_err();
    assert!(error.is_unique_violation() && error.to_string().contains("autoflush"), "{error}");
    let error = session.query::<Product>().count().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NeedsRollback);
    session.rollback().await.unwrap();
    assert_eq!(session.query::<Product>().count().await.unwrap(), 0);
}

#[orm_testkit::test(base = Base)]
async fn a_flush_that_has_to_load_does_not_flush_itself(engine: Engine) {
    let mut session = reopened(&engine).await;
    let ann = session.query::<Customer>().one().await.unwrap();
    session.add_all((0..3).map(product));
    session.delete(ann).unwrap();
    // Her carts are not loaded: the flush asks for them, and is one flush.
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Cart>()).await.unwrap(), 0);
    assert_eq!(engine.count(select::<Product>()).await.unwrap(), 3);
}
