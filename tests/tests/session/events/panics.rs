//! A listener that panics leaves a session that says so, and a rollback mends it.

use super::customer;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_core::{ErrorKind, Listeners};
use shop_models::models::{Base, Cart, Customer};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::task::Poll;

/// Whether a future panics with these words.
async fn panics<F: Future>(future: F, with: &str) -> bool {
    let mut future = pin!(future);
    let outcome = std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(_)) => Poll::Ready(None),
            Err(panic) => Poll::Ready(Some(panic)),
        }
    });
    match outcome.await {
        None => false,
        Some(panic) if panic.downcast_ref() == Some(&with) => true,
        Some(panic) => resume_unwind(panic),
    }
}

/// A graph and a change, a listener that panics at the commit: the session needs a rollback, and is as before the transaction
/// then. `written` says whether the database has it.
async fn check(engine: &Engine, listeners: Listeners, written: bool) {
    let mut session = engine.session();
    let ann = session.add(customer("ann"));
    session.commit().await.unwrap();
    session.listen(&listeners);
    session[ann].age = Some(41);
    let bea = session.add(Customer::builder().name("Bea").email("bea").carts([Cart::builder()]));
    assert!(panics(session.commit(), "listener").await, "the listener was called");
    assert!(!session.is_active());
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    session.rollback().await.unwrap();
    assert!(session.is_active() && !session.in_transaction());
    let (age, state) =
        if written { (Some(41), ObjectState::Persistent) } else { (None, ObjectState::Transient) };
    assert_eq!((session[ann].age, session.state(bea).unwrap()), (age, state));
    assert_eq!(
        engine.fetch_all(columns(Customer::AGE).filter(Customer::EMAIL.eq("ann"))).await.unwrap(),
        [age]
    );
    let customers = engine.count(select::<Customer>()).await.unwrap();
    assert_eq!(customers, if written { 2 } else { 1 });
    let mut fresh = engine.session();
    assert_eq!(fresh.query::<Cart>().count().await.unwrap(), i64::from(written), "the pool is clean");
}

const BOOM: &str = "listener";

#[orm_testkit::test(base = Base)]
async fn before_anything_is_sent(engine: Engine) {
    for listeners in [
        Listeners::new().before_commit(|_| std::panic::panic_any(BOOM)),
        Listeners::new().before_flush(|_| std::panic::panic_any(BOOM)),
        Listeners::new().before_insert(|_: &mut Cart| std::panic::panic_any(BOOM)),
        Listeners::new().before_update(|_: &mut Customer| std::panic::panic_any(BOOM)),
        Listeners::new().on_set(Customer::AGE, |_, _, _| std::panic::panic_any(BOOM)),
    ] {
        check(&engine, listeners, false).await;
        engine.execute_script("TRUNCATE customer, cart, cart_product").await.unwrap();
    }
}

#[orm_testkit::test(base = Base)]
async fn after_the_commit(engine: Engine) {
    for listeners in [
        Listeners::new().after_begin(|_| std::panic::panic_any(BOOM)),
        Listeners::new().on_state(|_: Handle<Cart>, _, to| {
            if to == ObjectState::Persistent {
                std::panic::panic_any(BOOM)
            }
        }),
        Listeners::new().after_insert(|_: &Cart| std::panic::panic_any(BOOM)),
        Listeners::new().after_update(|_: &Customer| std::panic::panic_any(BOOM)),
        Listeners::new().after_flush(|_, _| std::panic::panic_any(BOOM)),
        Listeners::new().after_commit(|_| std::panic::panic_any(BOOM)),
    ] {
        check(&engine, listeners, true).await;
        engine.execute_script("TRUNCATE customer, cart, cart_product").await.unwrap();
    }
}

#[orm_testkit::test(base = Base)]
async fn after_a_flush_inside_a_transaction(engine: Engine) {
    let mut session = engine.session();
    session.listen(&Listeners::new().after_insert(|_: &Customer| std::panic::panic_any(BOOM)));
    let ann = session.add(customer("ann"));
    assert!(panics(session.flush(), BOOM).await);
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    session.rollback().await.unwrap();
    assert_eq!(session.state(ann).unwrap(), ObjectState::Transient);
    assert_eq!(engine.count(select::<Customer>()).await.unwrap(), 0);
}

#[orm_testkit::test(base = Base)]
async fn while_objects_come_in(engine: Engine) {
    customer("ann").insert(&engine).await.unwrap();
    let mut session = engine.session();
    session.listen(
        &Listeners::new()
            .before_attach(|_: &mut Cart| std::panic::panic_any(BOOM))
            .on_load(|_: &mut Customer| std::panic::panic_any(BOOM)),
    );
    let graph = Customer::builder().name("Bea").email("bea").carts([Cart::builder()]);
    let added = catch_unwind(AssertUnwindSafe(|| session.add(graph)));
    assert!(added.is_err() && !session.is_active());
    session.rollback().await.unwrap();
    assert!(session.flush_plan().unwrap().is_empty());

    assert!(panics(session.query::<Customer>().all(), BOOM).await);
    assert_eq!(session.query::<Customer>().all().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    session.rollback().await.unwrap();
    assert_eq!(session.query::<Customer>().all().await.unwrap().len(), 1, "it is loaded, and told once");
}

#[orm_testkit::test(base = Base)]
async fn of_a_rollback(engine: Engine) {
    let mut session = engine.session();
    session.listen(&Listeners::new().after_rollback(|_| std::panic::panic_any(BOOM)));
    session.add(customer("ann"));
    session.flush().await.unwrap();
    assert!(panics(session.rollback(), BOOM).await);
    assert_eq!(engine.count(select::<Customer>()).await.unwrap(), 0, "it was rolled back before");
    assert!(!session.is_active() && !session.in_transaction());
}
