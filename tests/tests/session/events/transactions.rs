//! Listeners inside closures that run again.

use super::{Log, customer, everything};
use orm_core::prelude::*;
use orm_core::{Error, ErrorKind, Isolation, Listeners, SessionMaker, TransactionOptions};
use shop_models::models::{Base, Customer};
use std::sync::atomic::{AtomicUsize, Ordering};

#[orm_testkit::test(base = Base)]
async fn every_attempt_is_heard_and_one_commit(engine: Engine) {
    customer("ann").insert(&engine).await.unwrap();
    let log = Log::default();
    let listeners = everything(&log);
    let (tries, listeners, engine) = (AtomicUsize::new(0), &listeners, &engine);
    let options = TransactionOptions::default().isolation(Isolation::RepeatableRead);
    let result = engine.transaction_with(options, |mut session| {
        let attempt = tries.fetch_add(1, Ordering::Relaxed);
        async move {
            session.listen(listeners);
            let ann = session.get_one::<Customer>(1).await?;
            if attempt == 0 {
                let mut other = session[ann].clone();
                other.name = "changed by somebody else".into();
                other.update(engine).await?;
            }
            session[ann].age = Some(41);
            Ok::<_, Error>(())
        }
    });
    result.await.unwrap();
    let common = [
        "after_begin",
        "on_load ann",
        "before_commit",
        "before_flush",
        "before_update ann",
        "on_set age of ann: None → Some(41)",
    ];
    let lost = ["after_rollback"];
    let won = ["after_update ann", "after_flush: update 1 row of customer (age)", "after_commit"];
    assert_eq!(log.take(), [&common[..], &lost, &common, &won].concat());
}

#[orm_testkit::test(base = Base)]
async fn a_veto_ends_the_transaction(engine: Engine) {
    let listeners = Listeners::new().before_insert(|_: &mut Customer| Err("no".into()));
    let (tries, listeners) = (AtomicUsize::new(0), &listeners);
    let result = engine.transaction(|mut session| {
        tries.fetch_add(1, Ordering::Relaxed);
        async move {
            session.listen(listeners);
            session.add(customer("ann"));
            Ok::<_, Error>(())
        }
    });
    assert_eq!(result.await.unwrap_err().kind(), ErrorKind::Vetoed);
    assert_eq!(tries.load(Ordering::Relaxed), 1, "nobody runs it again");
    assert!(!engine.connection().await.unwrap().in_transaction());
}

#[orm_testkit::test(base = Base)]
async fn one_value_for_many_sessions_and_threads(engine: Engine) {
    let log = Log::default();
    let listeners = everything(&log);
    let tasks = (0..4).map(|n| {
        let (engine, listeners) = (engine.clone(), listeners.clone());
        tokio::spawn(async move {
            let mut session = engine.session();
            session.listen(&listeners);
            session.add(customer(&n.to_string()));
            session.commit().await.unwrap();
        })
    });
    futures_util::future::join_all(tasks).await.into_iter().for_each(Result::unwrap);
    let heard = log.take();
    for n in 0..4 {
        assert!(heard.contains(&format!("after_insert {n}")));
    }
    assert_eq!(heard.iter().filter(|line| *line == "after_commit").count(), 4);
}

#[orm_testkit::test(base = Base)]
async fn the_flush_before_a_query_tells_as_any_other(engine: Engine) {
    let log = Log::default();
    let mut session = engine.session();
    session.listen(&everything(&log));
    session.add(customer("ann"));
    log.take();
    session.no_autoflush().query::<Customer>().all().await.unwrap();
    assert!(log.take().is_empty());
    session.query::<Customer>().all().await.unwrap();
    let expected = [
        "before_flush",
        "before_insert ann",
        "after_begin",
        "on_state Customer: Pending → Persistent",
        "after_insert ann",
        "after_flush: insert 1 row into customer (name, email, age)",
    ];
    assert_eq!(log.take(), expected, "the row that is read is the object that was written");

    session.listen(&Listeners::new().before_insert(|_: &mut Customer| Err("no".into())));
    let bea = session.add(customer("bea"));
    let error = session.query::<Customer>().all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Vetoed);
    let message = "a listener of `before_insert` vetoed a `Customer` (from the autoflush before a query";
    assert!(error.to_string().starts_with(message), "{error}");
    assert_eq!(session.no_autoflush().query::<Customer>().all().await.unwrap().len(), 1);
    assert!(!session[bea].id.is_set() && session.is_active());
}

#[orm_testkit::test(base = Base)]
async fn all_sessions_of_a_maker(engine: Engine) {
    let log = Log::default();
    let maker = SessionMaker::new(&engine);
    let mut before = maker.session();
    let maker = maker.listen(&everything(&log));
    before.add(customer("before"));
    before.commit().await.unwrap();
    assert!(log.take().is_empty(), "it was made without");
    for email in ["ann", "bea"] {
        let mut session = maker.session();
        session.add(customer(email));
        session.commit().await.unwrap();
        assert!(log.take().contains(&format!("after_insert {email}")));
    }
    let refused = maker.begin(|mut session| async move {
        session.listen(&Listeners::new().before_commit(|_| Err("no".into())));
        session.add(customer("cea"));
        Ok::<_, Error>(())
    });
    assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::Vetoed);
    assert_eq!(log.take().pop().unwrap(), "after_rollback");
}

#[orm_testkit::test(base = Base)]
async fn text_begins_a_transaction_and_flushes(engine: Engine) {
    let log = Log::default();
    let mut session = engine.session();
    session.listen(&everything(&log));
    session.execute(orm_core::sql::text("UPDATE customer SET age = 1")).await.unwrap();
    assert_eq!(log.take(), ["after_begin"], "rows that no object stands for tell nothing");
    session.add(customer("ann"));
    log.take();
    session.execute(orm_core::sql::text("UPDATE customer SET age = 1")).await.unwrap();
    assert!(log.take().contains(&"after_insert ann".to_owned()));
}
