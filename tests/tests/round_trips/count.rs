//! Counting on the wire.

use orm_core::Session;
use orm_core::prelude::*;
use orm_tests::proxy::RoundTripProxy;
use std::sync::{Arc, Mutex};

/// What a piece of work may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) trips: u64,
    pub(crate) statements: usize,
}

pub(crate) const fn cost(trips: u64, statements: usize) -> Cost {
    Cost { trips, statements }
}

/// Runs `act` three times over a proxy that counts, each time in a session of its own, and asserts what it sends.
///
/// `prepare` runs before, with an engine that is not counted; its session is the one of `act`, so that it can load
/// what `act` works on.
pub(crate) async fn check<B: DeclarativeBase, S>(
    expected: Cost,
    prepare: impl AsyncFn(&Engine, &mut Session, usize) -> S,
    act: impl AsyncFn(&mut Session, S),
) {
    let database = orm_testkit::database_of::<B>().await.unwrap();
    let direct = Engine::connect(database.url()).await.unwrap();
    let proxy = RoundTripProxy::start(database.url()).await;
    let texts: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&texts);
    let engine = Engine::builder(&proxy.url())
        .pool_size(1)
        .on_statement(move |event| log.lock().unwrap().push(event.text.to_owned()))
        .connect()
        .await
        .unwrap();
    for (round, name) in ["cold", "preparing", "prepared"].into_iter().enumerate() {
        let mut session = engine.session();
        let state = prepare(&direct, &mut session, round).await;
        texts.lock().unwrap().clear();
        proxy.reset();
        let before = engine.statistics();
        act(&mut session, state).await;
        let found = Cost { trips: proxy.take(), statements: texts.lock().unwrap().len() };
        let sent = texts.lock().unwrap().join("\n");
        assert_eq!(found, expected, "{name}; sent:\n{sent}");
        let after = engine.statistics();
        assert_eq!(after.round_trips - before.round_trips, expected.trips, "the engine's own count, {name}");
        assert_eq!(after.statements - before.statements, expected.statements as u64, "{name}");
        // One statement is a transaction by itself.
        let ends = sent.lines().filter(|line| ["BEGIN", "COMMIT"].contains(line)).count();
        assert!(expected.statements != 1 || ends == 0, "{sent}");
    }
    assert_eq!(proxy.connections(), 1, "one connection does it all");
}

/// [`check`] for work that needs nothing before.
pub(crate) async fn check_fresh<B: DeclarativeBase>(expected: Cost, act: impl AsyncFn(&mut Session, usize)) {
    check::<B, usize>(expected, async |_, _, round| round, act).await;
}
