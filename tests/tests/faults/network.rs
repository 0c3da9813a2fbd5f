//! Connections that are cut, reset, silent, slow, in pieces, or lose the answer to COMMIT.

use crate::gate::{Fault, Then};
use crate::work::Work;
use crate::world::{POOL, World};
use orm_core::ErrorKind;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long the engine waits for an answer where none will come.
const BOUND: Duration = Duration::from_millis(300);

/// More than any wait of the engine, and than a busy machine needs.
const LONG: Duration = Duration::from_secs(10);

/// Commits, with the connection broken at messages 0, 1, 2, …; how often there was which error, and whether the work was
/// done.
async fn enumerate(then: Then, step: usize) -> HashMap<(ErrorKind, bool), usize> {
    let world = World::with(POOL, |engine| {
        engine.statement_cache(0).statement_timeout(BOUND).connect_timeout(BOUND * 4)
    });
    let world = world.await;
    let mut seen = HashMap::new();
    for n in (0..).step_by(step) {
        let mut session = world.engine.session();
        let work = Work::prepare(&world, &mut session, n).await;
        world.gate.set(Fault::At(n, then));
        let outcome = tokio::time::timeout(LONG, session.commit()).await.expect("a bounded wait");
        world.gate.set(Fault::None);
        let done = world.check_after(&mut session, &work, &outcome, n).await;
        match outcome {
            Ok(()) => break,
            Err(error) => *seen.entry((error.kind(), done)).or_default() += 1,
        }
    }
    seen
}

#[tokio::test]
async fn a_cut_at_every_message() {
    let seen = enumerate(Then::Cut, 1).await;
    assert!(seen[&(ErrorKind::ConnectionLost, false)] > 5, "{seen:?}");
    assert!(seen[&(ErrorKind::CommitOutcomeUnknown, false)] > 10, "{seen:?}");
}

#[tokio::test]
async fn a_reset_at_every_message() {
    let seen = enumerate(Then::Reset, 1).await;
    assert!(seen[&(ErrorKind::ConnectionLost, false)] > 5, "{seen:?}");
    assert!(seen[&(ErrorKind::CommitOutcomeUnknown, false)] > 10, "{seen:?}");
}

/// The other side is there and says nothing more.
#[tokio::test]
async fn silence_at_many_messages() {
    let seen = enumerate(Then::Silence, 4).await;
    assert!(seen[&(ErrorKind::Timeout, false)] >= 1, "{seen:?}");
    assert!(seen[&(ErrorKind::CommitOutcomeUnknown, false)] >= 1, "{seen:?}");
}

/// The server has committed, and its answer is lost: with the connection, or in silence.
#[tokio::test]
async fn a_lost_answer_to_commit() {
    let world = World::with(POOL, |engine| engine.statement_timeout(BOUND * 3)).await;
    for (n, (then, flushes)) in
        [(Then::Cut, false), (Then::Cut, true), (Then::Silence, false), (Then::Silence, true)]
            .into_iter()
            .enumerate()
    {
        let mut session = world.engine.session();
        let work = Work::prepare(&world, &mut session, n).await;
        if flushes {
            session.flush().await.unwrap();
        }
        world.gate.set(Fault::LoseCommit(then));
        let outcome = tokio::time::timeout(LONG, session.commit()).await.expect("a bounded wait");
        world.gate.set(Fault::None);
        let error = outcome.as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CommitOutcomeUnknown, "{error:?}");
        assert!(world.check_after(&mut session, &work, &outcome, n).await, "{then:?}: it was committed");
    }
}

/// What is unknown is not run again by `transaction`, which would do it twice.
#[tokio::test]
async fn an_unknown_commit_is_not_repeated() {
    let world = World::start().await;
    let runs = std::cell::Cell::new(0);
    world.gate.set(Fault::LoseCommit(Then::Cut));
    let outcome = world.engine.transaction(|mut session| {
        runs.set(runs.get() + 1);
        async move {
            session.add(shop_models::models::Customer::builder().name("once").email("once"));
            session.flush().await?;
            Ok::<_, orm_core::Error>(())
        }
    });
    assert_eq!(outcome.await.unwrap_err().kind(), ErrorKind::CommitOutcomeUnknown);
    world.gate.set(Fault::None);
    assert_eq!(runs.get(), 1);
    assert_eq!(world.number("SELECT count(*) FROM customer").await, 1);
    world.settled().await;
}

#[tokio::test]
async fn pieces_and_delays_change_nothing() {
    let world = World::start().await;
    for (n, fault) in [Fault::Pieces, Fault::Slow(Duration::from_millis(2))].into_iter().enumerate() {
        world.gate.set(fault);
        let mut session = world.engine.session();
        let work = Work::prepare(&world, &mut session, n).await;
        let outcome = session.commit().await;
        outcome.as_ref().unwrap();
        world.check_after(&mut session, &work, &outcome, n).await;
    }
}

/// Nobody answers a new connection either: every call comes back with an error in time, and works when that is over.
#[tokio::test]
async fn a_server_that_answers_nobody() {
    let world = World::with(1, |engine| {
        engine.statement_timeout(BOUND).connect_timeout(BOUND).checkout_timeout(BOUND * 3)
    });
    let world = world.await;
    let mut session = world.engine.session();
    let work = Work::prepare(&world, &mut session, 0).await;
    world.gate.set(Fault::Deaf);
    let start = Instant::now();
    let first = session.commit().await;
    let kind = first.as_ref().unwrap_err().kind();
    assert!(matches!(kind, ErrorKind::Timeout | ErrorKind::CommitOutcomeUnknown), "{first:?}");
    let mut other = world.engine.session();
    let error = other.query::<shop_models::models::Cart>().count().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PoolTimeout, "{error:?}");
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
    world.gate.set(Fault::None);
    assert!(!world.check_after(&mut session, &work, &first, 0).await);
    assert_eq!(other.query::<shop_models::models::Cart>().count().await.unwrap(), 2);
}
