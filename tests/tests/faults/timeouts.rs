//! Timeouts of the server and of the engine, each by its SQLSTATE.

use crate::work::Work;
use crate::world::{POOL, World};
use orm_core::error::SqlState;
use orm_core::prelude::*;
use orm_core::{EngineBuilder, Error, ErrorKind, Result};
use std::time::{Duration, Instant};

/// Commits while the observer keeps a table locked; the error, after which everything goes on.
async fn blocked(
    settings: &str,
    set: impl FnOnce(EngineBuilder) -> EngineBuilder,
    begins: bool,
    act: impl AsyncFn(&mut Session) -> Result<()>,
) -> Error {
    let world = World::with(POOL, set).await;
    set_up(&world, settings).await;
    let mut session = world.engine.session();
    let work = Work::prepare(&world, &mut session, 0).await;
    if begins {
        session.begin().await.unwrap();
    }
    world.run("BEGIN; LOCK TABLE product IN SHARE MODE").await;
    let start = Instant::now();
    let outcome = act(&mut session).await;
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'product'::regclass \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    world.until("nobody waits any more", waiting, |n| n == 0).await;
    world.run("ROLLBACK").await;
    let done = world.check_after(&mut session, &work, &outcome, 0).await;
    assert!(!done);
    outcome.unwrap_err()
}

/// Gives all connections of the pool a setting: new ones, as those from before do not have it.
async fn set_up(world: &World, setting: &str) {
    let database = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET";
    world.run(&format!("{database} {setting}', current_database()); END $$")).await;
    let others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    world.number(&format!("SELECT count(pg_terminate_backend(pid)) {others}")).await;
    world.until("connections", &format!("SELECT count(*) {others}"), |n| n == 0).await;
    world.settled().await;
}

async fn commit(session: &mut Session) -> Result<()> {
    session.commit().await
}

async fn flush(session: &mut Session) -> Result<()> {
    session.flush().await
}

#[tokio::test]
async fn a_statement_timeout_of_the_server() {
    if !World::start().await.has_timers().await {
        return;
    }
    for (begins, act) in [(false, true), (true, true), (true, false)] {
        let error = blocked(
            "statement_timeout = 100",
            |engine| engine,
            begins,
            async |session| {
                if act { commit(session).await } else { flush(session).await }
            },
        );
        let error = error.await;
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
        assert_eq!(error.code(), Some(&SqlState::QUERY_CANCELED));
        assert!(error.to_string().contains("statement timeout"), "{error}");
    }
}

#[tokio::test]
async fn a_lock_timeout_of_the_server() {
    if !World::start().await.has_timers().await {
        return;
    }
    let error = blocked("lock_timeout = 100", |engine| engine, false, commit).await;
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
    assert_eq!(error.code(), Some(&SqlState::LOCK_NOT_AVAILABLE));
    assert!(error.to_string().contains("lock timeout"), "{error}");
}

/// The engine gives up by itself, and cancels what it gave up: the lock was never got.
#[tokio::test]
async fn the_statement_timeout_of_the_engine() {
    let short = Duration::from_millis(300);
    let error = blocked("lock_timeout = 0", |engine| engine.statement_timeout(short), true, flush).await;
    assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, None), "{error:?}");
    // After COMMIT was sent nobody knows; here it was not done.
    let error = blocked("lock_timeout = 0", |engine| engine.statement_timeout(short), false, commit).await;
    assert_eq!((error.kind(), error.code()), (ErrorKind::CommitOutcomeUnknown, None), "{error:?}");
}

/// The server ends a session that is idle in a transaction. The next call says why, whatever it is, and a COMMIT that
/// was never sent is not unknown.
#[tokio::test]
async fn an_idle_transaction() {
    if !World::start().await.has_timers().await {
        return;
    }
    type Act = fn(&mut Session) -> futures_util::future::LocalBoxFuture<'_, Result<()>>;
    let acts: [Act; 4] = [
        |session| Box::pin(session.commit()),
        |session| Box::pin(session.flush()),
        |session| Box::pin(async { session.query::<shop_models::models::Cart>().count().await.map(|_| ()) }),
        |session| Box::pin(async { session.get::<shop_models::models::Cart>(999).await.map(|_| ()) }),
    ];
    for act in acts {
        let world = World::start().await;
        set_up(&world, "idle_in_transaction_session_timeout = 100").await;
        let mut session = world.engine.session();
        let work = Work::prepare(&world, &mut session, 0).await;
        session.flush().await.unwrap();
        session.add(shop_models::models::Customer::builder().name("more").email("more"));
        let backends = "FROM pg_stat_activity WHERE datname = current_database()";
        let idle = format!("SELECT count(*) {backends} AND state = 'idle in transaction'");
        world.until("the idle transaction", &idle, |n| n == 0).await;
        let outcome = act(&mut session).await;
        let error = outcome.as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error:?}");
        assert_eq!(error.code(), Some(&SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT), "{error:?}");
        assert!(!world.check_after(&mut session, &work, &outcome, 0).await);
    }
}
