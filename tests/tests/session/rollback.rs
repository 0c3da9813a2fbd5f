//! Rollback takes back states, values, keys and collections.

use orm_core::prelude::*;
use orm_core::state::ObjectState;
use shop_models::models::{Base, Cart, Customer, Product};

fn customer(email: &str) -> Customer {
    Customer::builder().name("Ann").email(email).build()
}

#[orm_testkit::test(base = Base)]
async fn written_and_unwritten_changes_are_dropped(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(customer("a@x"));
    session.commit().await.unwrap();
    session[ann].name = "flushed".into();
    session.flush().await.unwrap();
    session[ann].age = Some(3);
    session.rollback().await.unwrap();
    assert_eq!((session[ann].name.as_str(), session[ann].age), ("Ann", None));
    session[ann].age = Some(5);
    session.rollback().await.unwrap();
    assert_eq!(session[ann].age, None, "without any flush");
    assert!(session.flush_plan().unwrap().is_empty());
}

#[orm_testkit::test(base = Base)]
async fn new_objects_lose_what_the_database_gave_them_and_wait(engine: Engine) {
    let mut session = engine.session();
    let tea = session.add(Product::builder().sku("T").title("Tea").price_cents(1));
    let ann =
        session.add(Customer::builder().name("Ann").email("a@x").carts([Cart::builder().products([tea])]));
    session.flush().await.unwrap();
    let cart = session.at(ann).related(Customer::CARTS).unwrap().next().unwrap().handle();
    assert!(session[ann].id.is_set() && session[cart].customer.key().is_some());
    session.rollback().await.unwrap();
    assert!(!session[ann].id.is_set() && !session[ann].created_at.is_set());
    assert_eq!(session[cart].customer.key(), None);
    assert_eq!(session.state(ann).unwrap(), ObjectState::Transient);
    assert!(session.flush_plan().unwrap().is_empty(), "a rollback discards what was added");
    assert_eq!(session.get::<Customer>(1).await.unwrap(), None, "and its identity");

    session.add_again(ann).unwrap();
    session.commit().await.unwrap();
    let mut other = engine.session();
    let found = other.query::<Customer>().with(Customer::CARTS.then(Cart::PRODUCTS)).one().await.unwrap();
    let carts: Vec<_> = other.at(found).related(Customer::CARTS).unwrap().collect();
    assert_eq!(carts.len(), 1, "the graph came back with its root");
    assert_eq!(carts[0].related(Cart::PRODUCTS).unwrap().len(), 1);
}

#[orm_testkit::test(base = Base)]
async fn deleted_objects_come_back(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(customer("a@x"));
    session.commit().await.unwrap();
    session[ann].age = Some(1);
    session.delete(ann).unwrap();
    session.flush().await.unwrap();
    assert!(session.try_get(ann).is_err());
    session.rollback().await.unwrap();
    assert_eq!(session[ann].age, None);
    assert_eq!(session.get::<Customer>(1).await.unwrap(), Some(ann));
    session[ann].age = Some(2);
    session.commit().await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn collections_return_to_what_they_were(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(Customer::builder().name("Ann").email("a@x").carts([Cart::builder()]));
    session.commit().await.unwrap();
    let second = session.add(Cart::builder().customer(ann));
    session.flush().await.unwrap();
    assert_eq!(
        session.at(ann).related(Customer::CARTS).unwrap().len(),
        2,
        "the other side agrees at the flush"
    );
    session.rollback().await.unwrap();
    assert_eq!(session.at(ann).related(Customer::CARTS).unwrap().len(), 1);
    assert_eq!(session[ann].carts.handles().unwrap().len(), 1);
    assert_eq!(session.state(second).unwrap(), ObjectState::Transient);
}

#[orm_testkit::test(base = Base)]
async fn a_dropped_session_rolls_back_and_leaves_the_pool_clean(engine: Engine) {
    {
        let mut session = engine.session();
        session.add(customer("a@x"));
        session.flush().await.unwrap();
    }
    for _ in 0..20 {
        let connection = engine.connection().await.unwrap();
        assert!(!connection.in_transaction());
    }
    assert_eq!(select::<Customer>().count(&engine).await.unwrap(), 0);
}

#[orm_testkit::test(base = Base)]
async fn an_explicit_transaction_holds_reads_and_writes(engine: Engine) {
    let mut session = engine.session();
    session.begin().await.unwrap();
    assert!(session.in_transaction());
    assert_eq!(session.query::<Customer>().count().await.unwrap(), 0);
    session.add(customer("a@x"));
    session.flush().await.unwrap();
    assert_eq!(session.query::<Customer>().count().await.unwrap(), 1);
    session.rollback().await.unwrap();
    assert!(!session.in_transaction());
    assert_eq!(session.query::<Customer>().count().await.unwrap(), 0);
}
