//! Listeners where objects leave, come back, become stale, and where parts of a transaction are taken back.

use super::{Log, customer, everything};
use orm_core::prelude::*;
use orm_core::{Error, Listeners};
use shop_models::models::{Base, Cart, Customer};

#[orm_testkit::test(base = Base)]
async fn what_is_read_again(engine: Engine) {
    let log = Log::default();
    let refreshed = log.clone();
    let mut session = engine.session();
    session.listen(&everything(&log).on_refresh(move |customer: &mut Customer| {
        refreshed.put(format_args!("on_refresh {} {}", customer.email, customer.name));
        customer.name = "by the listener".into();
    }));
    let ann = session.add(customer("ann"));
    session.commit().await.unwrap();
    engine.execute_script("UPDATE customer SET name = 'new'").await.unwrap();
    log.take();
    session.refresh(ann).await.unwrap();
    assert_eq!(log.take(), ["on_refresh ann new"]);
    assert_eq!(session[ann].name, "by the listener");
    assert!(session.flush_plan().unwrap().is_empty(), "that is no change");

    session.expire_all();
    session[ann].age = Some(41);
    session.no_autoflush().get::<Customer>(1).await.unwrap();
    assert_eq!(log.take(), ["on_refresh ann new"]);
    let plan = session.flush_plan().unwrap().to_string();
    assert_eq!(plan, "update 1 row of customer (age)", "an unsaved change stays, and is all that is written");
}

#[orm_testkit::test(base = Base)]
async fn a_row_that_is_gone(engine: Engine) {
    let log = Log::default();
    let mut session = engine.session();
    session.listen(&everything(&log));
    session.add(customer("ann"));
    session.commit().await.unwrap();
    engine.execute_script("DELETE FROM customer").await.unwrap();
    session.expire_all();
    log.take();
    assert_eq!(session.get::<Customer>(1).await.unwrap(), None);
    assert_eq!(log.take(), ["on_state Customer: Persistent → Deleted"]);
}

#[orm_testkit::test(base = Base)]
async fn merging_and_expunging(engine: Engine) {
    customer("ann").insert(&engine).await.unwrap();
    let log = Log::default();
    let mut session = engine.session();
    session.listen(&everything(&log));
    let given = Customer::builder().id(1).name("Anna").email("ann").carts([Cart::builder()]);
    let ann = session.merge(given).await.unwrap();
    let cart = "cart unset";
    let expected = [
        "on_load ann".to_owned(),
        format!("before_attach {cart}"),
        "on_state Cart: Transient → Pending".into(),
        format!("after_attach {cart}"),
    ];
    assert_eq!(log.take(), expected, "the customer was there, the cart is new");
    session.commit().await.unwrap();
    log.take();
    session.expunge(ann).unwrap();
    let gone = ["on_state Customer: Persistent → Detached", "on_state Cart: Persistent → Detached"];
    assert_eq!(log.take(), gone);
}

#[orm_testkit::test(base = Base)]
async fn an_emptied_session_is_still_heard(engine: Engine) {
    let log = Log::default();
    let mut session = engine.session();
    session.listen(&everything(&log));
    session.add_all(["ann", "bea"].map(customer));
    session.add(shop_models::models::Product::builder().sku("tea").title("Tea").price_cents(1));
    session.commit().await.unwrap();
    log.take();
    session.expunge_all();
    let gone = ["Customer", "Customer", "Product"].map(|m| format!("on_state {m}: Persistent → Detached"));
    assert_eq!(log.take(), gone);
    session.query::<Customer>().order_by(Customer::ID).all().await.unwrap();
    assert_eq!(log.take(), ["on_load ann", "on_load bea"]);
    session.reset().await.unwrap();
    let gone = "on_state Customer: Persistent → Detached";
    assert_eq!(log.take(), ["after_rollback", gone, gone]);
    session.add(customer("cea"));
    session.commit().await.unwrap();
    assert!(log.take().contains(&"after_insert cea".to_owned()));
}

/// The events that have to do with transactions and states, of a session with listeners for savepoints.
fn listeners(log: &Log) -> Listeners {
    let (begun, back) = (log.clone(), log.clone());
    everything(log)
        .after_begin_nested(move |session| {
            begun.put(format_args!("after_begin_nested, inside: {}", session.in_nested_transaction()));
        })
        .after_rollback_nested(move |session| {
            back.put(format_args!("after_rollback_nested, inside: {}", session.in_nested_transaction()));
        })
}

#[orm_testkit::test(base = Base)]
async fn savepoints(engine: Engine) {
    let log = Log::default();
    let mut session = engine.session();
    session.listen(&listeners(&log));
    let mut nested = session.begin_nested().await.unwrap();
    assert_eq!(log.take(), ["after_begin", "after_begin_nested, inside: true"]);
    nested.add(customer("ann"));
    nested.flush().await.unwrap();
    log.take();
    nested.rollback().await.unwrap();
    let back = ["on_state Customer: Persistent → Transient", "after_rollback_nested, inside: false"];
    assert_eq!(log.take(), back);

    let mut nested = session.begin_nested().await.unwrap();
    nested.add(customer("bea"));
    nested.flush().await.unwrap();
    log.take();
    drop(nested);
    assert!(log.take().is_empty(), "nobody is called from a drop");
    session.flush().await.unwrap();
    assert_eq!(log.take(), back);

    let mut nested = session.begin_nested().await.unwrap();
    nested.add(customer("cea"));
    log.take();
    nested.commit().await.unwrap();
    assert!(log.take().contains(&"after_insert cea".to_owned()), "its flush is a flush");
    session.commit().await.unwrap();
    assert_eq!(log.take(), ["before_commit", "after_commit"]);
    assert_eq!(engine.fetch_all(columns(Customer::EMAIL)).await.unwrap(), ["cea"]);
}

#[orm_testkit::test(base = Base)]
async fn a_veto_inside_a_savepoint(engine: Engine) {
    let mut session = engine.session();
    session.listen(&Listeners::new().before_insert(|customer: &mut Customer| match &customer.email[..] {
        "bea" => Err("no".into()),
        _ => Ok(()),
    }));
    session.add(customer("ann"));
    let mut nested = session.begin_nested().await.unwrap();
    nested.add(customer("bea"));
    let refused: Result<(), Error> = nested.commit().await;
    assert_eq!(refused.unwrap_err().kind(), orm_core::ErrorKind::Vetoed);
    session.commit().await.unwrap();
    assert_eq!(engine.fetch_all(columns(Customer::EMAIL)).await.unwrap(), ["ann"]);
}
