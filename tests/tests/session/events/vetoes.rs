//! Vetoes: nothing is sent, the error tells which event and model, the session goes on.

use super::{Log, customer, everything};
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_core::{Error, ErrorKind, Listeners};
use shop_models::models::{Base, Cart, Customer, Product};
use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A program's own error.
#[derive(Debug, PartialEq)]
struct NotToday(u8);

impl fmt::Display for NotToday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not today, {}", self.0)
    }
}

impl std::error::Error for NotToday {}

/// Whether listeners veto.
#[derive(Clone)]
struct Strict(Arc<AtomicBool>);

impl Strict {
    fn verdict(&self) -> orm_core::session::Verdict {
        if self.0.load(Ordering::Relaxed) { Err(NotToday(7).into()) } else { Ok(()) }
    }
}

/// Two customers that are there, changes of every kind, and listeners that veto one of them: nothing is sent, the objects
/// keep what the program gave them, and the same commit works when nobody vetoes.
async fn check(engine: &Engine, listeners: impl Fn(Strict) -> Listeners, message: &str) -> Error {
    let strict = Strict(Arc::new(AtomicBool::new(false)));
    let mut session = engine.session();
    let [ann, bea] = ["ann", "bea"].map(|email| session.add(customer(email)));
    session.commit().await.unwrap();
    let log = Log::default();
    session.listen(&everything(&log).and(&listeners(strict.clone())));
    session[ann].age = Some(41);
    session.delete(bea).unwrap();
    let tea = session.add(Product::builder().sku("tea").title("Tea").price_cents(390));

    strict.0.store(true, Ordering::Relaxed);
    let before = engine.statistics();
    log.take();
    let error = session.commit().await.unwrap_err();
    assert_eq!(engine.statistics(), before, "nothing is sent");
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Vetoed, message));
    assert_eq!(error.source().unwrap().downcast_ref(), Some(&NotToday(7)), "the listener's own error");
    let heard = log.take();
    assert!(!heard.iter().any(|line| line.starts_with("after_")), "{heard:?}");
    assert!(session.is_active() && !session.in_transaction());
    assert_eq!((session[ann].age, &session[tea].sku[..]), (Some(41), "tea"));
    assert_eq!(session.state(bea).unwrap(), ObjectState::Deleting);

    strict.0.store(false, Ordering::Relaxed);
    session.commit().await.unwrap();
    let rows = engine.fetch_all(columns((Customer::EMAIL, Customer::AGE))).await.unwrap();
    assert_eq!(rows, [("ann".to_owned(), Some(41))]);
    assert_eq!(engine.count(select::<Product>()).await.unwrap(), 1);
    error
}

#[orm_testkit::test(base = Base)]
async fn of_a_commit(engine: Engine) {
    let listeners = |strict: Strict| Listeners::new().before_commit(move |_| strict.verdict());
    let error = check(&engine, listeners, "a listener of `before_commit` vetoed the commit").await;
    assert_eq!(error.model(), None);
}

#[orm_testkit::test(base = Base)]
async fn of_a_flush(engine: Engine) {
    let listeners = |strict: Strict| Listeners::new().before_flush(move |_| strict.verdict());
    check(&engine, listeners, "a listener of `before_flush` vetoed the flush").await;
}

#[orm_testkit::test(base = Base)]
async fn of_an_insertion(engine: Engine) {
    let listeners = |strict: Strict| Listeners::new().before_insert(move |_: &mut Product| strict.verdict());
    let error = check(&engine, listeners, "a listener of `before_insert` vetoed a `Product`").await;
    assert_eq!(error.model(), Some("Product"));
}

#[orm_testkit::test(base = Base)]
async fn of_an_update(engine: Engine) {
    let listeners = |strict: Strict| Listeners::new().before_update(move |_: &mut Customer| strict.verdict());
    let message = "a listener of `before_update` vetoed a `Customer` with the key 1";
    assert_eq!(check(&engine, listeners, message).await.model(), Some("Customer"));
}

#[orm_testkit::test(base = Base)]
async fn of_a_deletion(engine: Engine) {
    let listeners = |strict: Strict| Listeners::new().before_delete(move |_: &Customer| strict.verdict());
    check(&engine, listeners, "a listener of `before_delete` vetoed a `Customer` with the key 2").await;
}

#[orm_testkit::test(base = Base)]
async fn of_a_column(engine: Engine) {
    let listeners = |strict: Strict| Listeners::new().on_set(Customer::AGE, move |_, _, _| strict.verdict());
    let message = "a listener of `on_set` vetoed the new `age` of a `Customer` with the key 1";
    assert_eq!(check(&engine, listeners, message).await.column(), Some("age"));
}

#[orm_testkit::test(base = Base)]
async fn the_first_veto_ends_the_questions(engine: Engine) {
    let log = Log::default();
    let mut session = engine.session();
    session.listen(
        &Listeners::new().before_insert(|_: &mut Customer| Err(NotToday(1).into())).and(&everything(&log)),
    );
    session.add(Customer::builder().name("Ann").email("ann").carts([Cart::builder()]));
    log.take();
    session.flush().await.unwrap_err();
    assert_eq!(log.take(), ["before_flush"], "neither the second listener nor the cart was asked");
}

#[orm_testkit::test(base = Base)]
async fn an_open_transaction_stays_open(engine: Engine) {
    let mut session = engine.session();
    session.listen(&Listeners::new().before_insert(|customer: &mut Customer| match &customer.email[..] {
        "bea" => Err(NotToday(2).into()),
        _ => Ok(()),
    }));
    session.add(customer("ann"));
    session.flush().await.unwrap();
    let bea = session.add(customer("bea"));
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::Vetoed);
    assert!(session.in_transaction() && session.is_active());
    session.delete(bea).unwrap();
    session.commit().await.unwrap();
    assert_eq!(engine.fetch_all(columns(Customer::EMAIL)).await.unwrap(), ["ann"]);
}

#[orm_testkit::test(base = Base)]
async fn an_error_of_the_session_is_a_veto_too(engine: Engine) {
    let mut session = engine.session();
    let ann = engine.session().add(customer("ann"));
    session.listen(&Listeners::new().before_flush(move |session| Ok(session.delete(ann)?)));
    session.add(customer("bea"));
    let error = session.flush().await.unwrap_err();
    let source: &Error = error.source().unwrap().downcast_ref().unwrap();
    assert_eq!((error.kind(), source.kind()), (ErrorKind::Vetoed, ErrorKind::ForeignHandle));
}
