//! A database behind a dripping proxy, somebody who looks at it from outside, and what must hold after a fault.

use crate::drip::Drip;
use orm_core::prelude::*;
use orm_core::{Connection, ErrorKind};
use orm_testkit::TestDatabase;
use shop_models::models::Base;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio_postgres::{Client, NoTls};

pub(crate) const POOL: u32 = 2;

/// The most that anything may take after a fault.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Bench {
    pub(crate) drip: Drip,
    pub(crate) engine: Engine,
    pub(crate) observer: Client,
    _database: TestDatabase,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::with(256).await
    }

    /// With answers in one piece: there are as many polls as there are answers to wait for.
    pub(crate) async fn whole() -> Self {
        let bench = Self::with(256).await;
        bench.drip.turn_off();
        bench
    }

    /// Nothing is prepared, so that the same work is always the same bytes.
    pub(crate) async fn unprepared() -> Self {
        Self::with(0).await
    }

    async fn with(statement_cache: usize) -> Self {
        Self::of(orm_testkit::database_of::<Base>().await.unwrap(), statement_cache).await
    }

    /// With a database that has the tables of the shop.
    pub(crate) async fn of(database: TestDatabase, statement_cache: usize) -> Self {
        let drip = Drip::start(database.url()).await;
        let engine = Engine::builder(drip.url()).pool_size(POOL).statement_cache(statement_cache);
        let engine = engine.connect().await.unwrap();
        let (observer, connection) = tokio_postgres::connect(database.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        Self { drip, engine, observer, _database: database }
    }

    /// A number, asked for by the observer.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.observer.query_one(sql, &[]).await.unwrap().get(0)
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.observer.batch_execute(sql).await.unwrap();
    }

    /// Waits until a number is 0.
    async fn until_none(&self, what: &str, sql: &str, allowed: i64) {
        let start = Instant::now();
        loop {
            let found = self.number(sql).await;
            if found <= allowed {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{what}: {found} after {PATIENCE:?}");
            tokio::task::yield_now().await;
        }
    }

    /// The pool gives all its connections, none of them is in a transaction, and whatever was given up has left
    /// the server, with its locks.
    pub(crate) async fn settled(&self) {
        self.drip.end();
        let all = (0..POOL).map(|_| self.engine.connection());
        let all = tokio::time::timeout(PATIENCE, futures_util::future::try_join_all(all)).await;
        let mut all: Vec<Connection> = all.expect("all connections in time").unwrap();
        for connection in &mut all {
            assert!(!connection.in_transaction());
            connection.execute_script("SELECT 1").await.unwrap();
        }
        let others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let count = format!("SELECT count(*) {others} AND backend_type = 'client backend'");
        self.until_none("connections besides the pool's", &count, i64::from(POOL)).await;
        let busy = format!("SELECT count(*) {others} AND (state <> 'idle' OR backend_xid IS NOT NULL)");
        self.until_none("busy connections", &busy, 0).await;
        let locks = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
            WHERE d.datname = current_database() AND l.pid <> pg_backend_pid()";
        self.until_none("locks", locks, 0).await;
    }
}

/// Polls a future so many times at most, then drops it; what it gave, if it got so far.
pub(crate) async fn poll_times<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    if polls == 0 {
        return None;
    }
    let mut future = pin!(future);
    let mut done = 0;
    poll_fn(|cx| {
        done += 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if done == polls => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// A session that failed or was dropped says so, and nothing else, until it is rolled back.
pub(crate) async fn roll_back(session: &mut Session) {
    assert!(!session.is_active());
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    session.rollback().await.unwrap();
    assert!(session.is_active() && !session.in_transaction());
}
