//! A database behind a gate, somebody who looks at it from outside, and what must hold after a fault.

use crate::gate::Gate;
use crate::work::Work;
use orm_core::prelude::*;
use orm_core::{Connection, EngineBuilder, ErrorKind, Result};
use orm_testkit::TestDatabase;
use shop_models::models::{Base, Customer};
use std::time::{Duration, Instant};
use tokio_postgres::{Client, NoTls};

pub(crate) const POOL: u32 = 2;

/// The most that anything may take after a fault.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct World {
    pub(crate) gate: Gate,
    pub(crate) engine: Engine,
    pub(crate) observer: Client,
    /// The database, without the gate.
    pub(crate) url: String,
    pool: u32,
    _database: Option<TestDatabase>,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(POOL, |engine| engine).await
    }

    pub(crate) async fn with(pool: u32, set: impl FnOnce(EngineBuilder) -> EngineBuilder) -> Self {
        let database = orm_testkit::database_of::<Base>().await.unwrap();
        let url = database.url().to_owned();
        Self::at(&url, Some(database), pool, set).await
    }

    /// On a database that has the tables.
    pub(crate) async fn at(
        url: &str,
        database: Option<TestDatabase>,
        pool: u32,
        set: impl FnOnce(EngineBuilder) -> EngineBuilder,
    ) -> Self {
        let gate = Gate::start(url).await;
        let engine = set(Engine::builder(&gate.url()).pool_size(pool)).connect().await.unwrap();
        let (observer, url) = (observe(url).await, url.to_owned());
        Self { gate, engine, observer, url, pool, _database: database }
    }

    /// Whether the server has timers. The one that comes with `orm-testkit` has none: its timeouts never fire, and it finds
    /// no deadlock, so that what tests those is skipped there.
    pub(crate) async fn has_timers(&self) -> bool {
        let slept = self.observer.batch_execute("SET statement_timeout = 50; SELECT pg_sleep(0.5)").await;
        self.run("RESET statement_timeout").await;
        if slept.is_ok() {
            eprintln!("skipped: this server has no timers, so no timeouts and no detection of deadlocks");
        }
        slept.is_err()
    }

    /// A number, asked for by the observer.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.observer.query_one(sql, &[]).await.unwrap().get(0)
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.observer.batch_execute(sql).await.unwrap();
    }

    /// Waits until a number that the observer asks for is something.
    pub(crate) async fn until(&self, what: &str, sql: &str, is_enough: impl Fn(i64) -> bool) {
        let start = Instant::now();
        loop {
            let found = self.number(sql).await;
            if is_enough(found) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{what}: {found} after {PATIENCE:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// All of I1 to I5, after `outcome` of committing `work`; whether the work was done.
    pub(crate) async fn check_after(
        &self,
        session: &mut Session,
        work: &Work,
        outcome: &Result<()>,
        n: usize,
    ) -> bool {
        if outcome.is_err() {
            roll_back(session).await;
        }
        self.settled().await;
        let done = work.check_outcome(self, outcome).await;
        work.check_objects(session, self, outcome.is_ok()).await;
        // It works, and sends nothing of what was rolled back.
        session.add(Customer::builder().name("after").email(format!("after {n}")));
        session.commit().await.unwrap();
        assert_eq!(work.is_done(self).await, done);
        if !done {
            work.again(session);
            session.commit().await.unwrap();
            assert!(work.is_done(self).await, "said again, it is done");
            work.check_objects(session, self, true).await;
        }
        done
    }

    /// I4: the pool gives all its connections, none of them in a transaction, and whatever was given up has left the
    /// server, with its locks.
    pub(crate) async fn settled(&self) {
        let start = Instant::now();
        let all = loop {
            match tokio::time::timeout(PATIENCE, self.all_connections()).await.expect("connections in time") {
                Ok(all) => break all,
                Err(error) => assert!(start.elapsed() < PATIENCE, "no connections: {error:?}"),
            }
        };
        assert!(all.iter().all(|connection| !connection.in_transaction()));
        let others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
            AND backend_type = 'client backend'";
        let pool = i64::from(self.pool);
        self.until("connections", &format!("SELECT count(*) {others}"), |n| n <= pool).await;
        let busy = format!("SELECT count(*) {others} AND (state <> 'idle' OR backend_xid IS NOT NULL)");
        self.until("busy connections", &busy, |n| n == 0).await;
        let locks = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
            WHERE d.datname = current_database() AND l.pid <> pg_backend_pid()";
        self.until("locks", locks, |n| n == 0).await;
    }

    /// One that was idle while it ended may be lent once: then it says so.
    async fn all_connections(&self) -> Result<Vec<Connection>> {
        let all = (0..self.pool).map(|_| self.engine.connection());
        let mut all = futures_util::future::try_join_all(all).await?;
        for connection in &mut all {
            connection.execute_script("SELECT 1").await?;
        }
        Ok(all)
    }
}

/// Looks at the database from outside, as soon as it takes connections.
pub(crate) async fn observe(url: &str) -> Client {
    let start = Instant::now();
    loop {
        match tokio_postgres::connect(url, NoTls).await {
            Ok((observer, connection)) => {
                tokio::spawn(connection);
                return observer;
            }
            Err(error) => assert!(start.elapsed() < PATIENCE, "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The tables of the shop in a server of one's own.
pub(crate) async fn fill(url: &str) {
    Base::create_all(&Engine::connect(url).await.unwrap()).await.unwrap();
}

/// I3: a session that failed says so, and nothing else, until it is rolled back.
pub(crate) async fn roll_back(session: &mut Session) {
    assert!(!session.is_active());
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    assert_eq!(session.begin().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    assert_eq!(session.query::<Customer>().count().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    session.rollback().await.unwrap();
    assert!(session.is_active() && !session.in_transaction());
}
