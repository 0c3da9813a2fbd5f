//! The engine: a pool of connections to one database, and everything that goes over the network.

mod cache;
mod connection;
mod copy;
mod executor;
mod give_up;
mod isolation;
mod known_types;
mod manager;
mod outcome;
mod plan;
mod sending;
mod settings;
mod take_rows;
mod text;
mod two_phase;
mod url;
mod wire;

pub use connection::Connection;
pub use executor::Executor;
pub use isolation::Isolation;
pub use plan::{Actual, Cost, Plan, PlanNode};
pub use sending::SendWatcher;
pub use text::FromRow;
pub use two_phase::PreparedTransaction;
pub use wire::Reply;

pub(crate) use copy::{CopyIn, CopyOut, Lease, Lend, RowsOut};
pub(crate) use known_types::{note_column, note_type};
pub(crate) use outcome::is_stale;
pub(crate) use take_rows::{ReadRows, TakeRows};
pub(crate) use text::{rows, scalar, scalars};
pub(crate) use two_phase::Gid;
pub(crate) use wire::{Local, Request, Wire};

use crate::error::{Error, ErrorKind, Result};
use crate::events::StatementEvent;
use crate::schema::TableName;
use crate::sql::IntoTrustedSql;
use manager::Manager;
use settings::Settings;
use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;
use url::DatabaseUrl;
use wire::Counters;

/// A pool of connections to one database; cheap to clone, to be made once per program.
///
/// ```no_run
/// # async fn run() -> orm_core::Result<()> {
/// use orm_core::prelude::*;
/// let engine = Engine::connect("postgresql://ann:secret@localhost:5432/shop").await?;
/// println!("{engine}"); // postgresql://ann:***@localhost:5432/shop
/// # Ok(()) }
/// ```
///
/// One engine serves all tasks; what they run on it takes any free connection:
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// engine.execute_script("INSERT INTO product (sku, title, price_cents) VALUES ('T-1', 'Tea', 390)").await?;
/// let tea: Product = engine.fetch_one(select::<Product>().filter(Product::SKU.eq("T-1"))).await?;
/// assert_eq!(tea.title, "Tea");
/// assert_eq!(engine.fetch_all(columns(Product::TITLE)).await?, ["Tea"]);
/// assert!(engine.fetch_optional(select::<Product>().filter(Product::SKU.eq("C-1"))).await?.is_none());
/// assert_eq!(engine.count(select::<Product>()).await?, 1);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    pool: bb8::Pool<Manager>,
    settings: Arc<Settings>,
    counters: Arc<Counters>,
    last_failure: Arc<Mutex<Option<String>>>,
    /// Tables whose sequences this role may not use.
    closed_sequences: RwLock<HashSet<TableName<'static>>>,
}

/// What an engine has sent so far.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let before = engine.statistics();
/// let mut session = engine.session();
/// session.add_all(["T-1", "T-2"].map(|sku| Product::builder().sku(sku).title("Tea").price_cents(390)));
/// session.commit().await?;
/// let after = engine.statistics();
/// assert_eq!(after.round_trips - before.round_trips, 1);
/// assert_eq!(after.statements - before.statements, 1); // one INSERT of both rows; it needs no BEGIN
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Round trips: times that the engine waited for an answer.
    pub round_trips: u64,
    /// Statements, BEGIN, COMMIT and ROLLBACK included.
    pub statements: u64,
}

impl Engine {
    /// Connects with the default settings, and checks that the server answers.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// use orm_core::{Engine, ErrorKind};
    /// let error = Engine::connect("postgresql://ann:secret@127.0.0.1:1/shop").await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Connect); // nobody listens on port 1
    /// assert!(!format!("{error:?}").contains("secret"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) for a wrong URL, [`Connect`](ErrorKind::Connect) when the server
    /// does not answer or refuses.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::builder(url).connect().await
    }

    /// Settings for an engine.
    pub fn builder(url: &str) -> EngineBuilder {
        EngineBuilder { settings: DatabaseUrl::parse(url).map(Settings::new), application_name: None }
    }

    /// Takes a connection out of the pool.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use std::time::Duration;
    /// let bounds = Engine::builder(database.url()).pool_size(1).checkout_timeout(Duration::from_millis(50));
    /// let engine = bounds.connect().await?;
    /// let only = engine.connection().await?;
    /// let error = engine.connection().await.unwrap_err();
    /// assert!(error.to_string().contains("1 of 1 are open, 0 of them idle"));
    /// drop(only);
    /// engine.connection().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`PoolTimeout`](ErrorKind::PoolTimeout) when none becomes free in time; its source is the last
    /// failure to connect, if there was one.
    pub async fn connection(&self) -> Result<Connection> {
        match self.shared.pool.get_owned().await {
            Ok(wire) => Ok(Connection::new(wire)),
            Err(bb8::RunError::User(error)) => Err(error),
            Err(bb8::RunError::TimedOut) => Err(self.no_connection()),
        }
    }

    /// Runs one or more statements given as SQL text, without values, and drops their rows. A text that is no part of the program
    /// needs the name [`TrustedSql`](crate::sql::TrustedSql).
    ///
    /// # Errors
    /// The server's.
    pub fn execute_script(
        &self,
        sql: impl IntoTrustedSql,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + '_>> {
        let sql = sql.into_trusted_sql();
        Box::pin(async move { self.connection().await?.execute_script(sql).await })
    }

    /// What was sent so far, over all connections.
    pub fn statistics(&self) -> Statistics {
        let counters = &self.shared.counters;
        Statistics {
            round_trips: counters.flights.load(Ordering::Relaxed),
            statements: counters.statements.load(Ordering::Relaxed),
        }
    }

    /// The tables whose sequences this role may not use, as far as that is known.
    pub(crate) fn closed_sequences(&self) -> HashSet<TableName<'static>> {
        self.shared.closed_sequences.read().map(|closed| closed.clone()).unwrap_or_default()
    }

    /// Remembers tables whose sequences may not be used; `false` when that was known already.
    pub(crate) fn close_sequences(&self, tables: impl Iterator<Item = TableName<'static>>) -> bool {
        let Ok(mut closed) = self.shared.closed_sequences.write() else { return false };
        let before = closed.len();
        closed.extend(tables);
        closed.len() > before
    }

    fn no_connection(&self) -> Error {
        let settings = &self.shared.settings;
        let state = self.shared.pool.state();
        let error = Error::new(
            ErrorKind::PoolTimeout,
            format!(
                "no connection to {} became free within {:?}; {} of {} are open, {} of them idle",
                settings.url,
                settings.checkout_timeout,
                state.connections,
                settings.pool_size,
                state.idle_connections
            ),
        );
        match self.shared.last_failure.lock().ok().and_then(|last| last.clone()) {
            Some(failure) => error.with_source(failure),
            None => error,
        }
    }
}

/// Shows the URL, its password masked.
impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.settings.url.fmt(f)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Engine({})", self.shared.settings.url)
    }
}

/// Settings of an [`Engine`]; every wait has a bound.
///
/// ```
/// use orm_core::prelude::*;
/// use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> orm_core::Result<()> {
/// let engine = Engine::builder("postgresql://ann:secret@localhost/shop")
///     .pool_size(4)
///     .statement_timeout(Duration::from_secs(5))
///     .echo(true)
///     .build()?; // connects with the first statement
/// assert_eq!(format!("{engine:?}"), "Engine(postgresql://ann:***@localhost/shop)");
/// # Ok(()) }
/// ```
///
/// All settings, and the check that the server answers:
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use std::time::Duration;
/// let engine = Engine::builder(database.url())
///     .application_name("shop")
///     .connect_timeout(Duration::from_secs(3))
///     .checkout_timeout(Duration::from_secs(3))
///     .idle_timeout(Duration::from_secs(60))
///     .statement_cache(0) // for a pooler that cannot have prepared statements
///     .on_statement(|event| assert!(event.outcome.is_ok()))
///     .connect()
///     .await?;
/// assert_eq!(engine.count(select::<Product>()).await?, 0);
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "the builder does nothing before `build` or `connect`"]
pub struct EngineBuilder {
    settings: Result<Settings>,
    application_name: Option<String>,
}

impl EngineBuilder {
    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        if let Ok(settings) = &mut self.settings {
            change(settings);
        }
        self
    }

    /// The most connections that are open at once; 10 unless set.
    pub fn pool_size(self, connections: u32) -> Self {
        self.set(|s| s.pool_size = connections)
    }

    /// How long opening a connection may take; 10 s unless set.
    pub fn connect_timeout(self, bound: Duration) -> Self {
        self.set(|s| s.connect_timeout = bound)
    }

    /// How long a task waits for a free connection; 30 s unless set.
    pub fn checkout_timeout(self, bound: Duration) -> Self {
        self.set(|s| s.checkout_timeout = bound)
    }

    /// How long the answer to statements may take before they are cancelled; 60 s unless set.
    pub fn statement_timeout(self, bound: Duration) -> Self {
        self.set(|s| s.statement_timeout = bound)
    }

    /// How long an unused connection stays open; 10 minutes unless set.
    pub fn idle_timeout(self, bound: Duration) -> Self {
        self.set(|s| s.idle_timeout = bound)
    }

    /// How many statements a connection keeps prepared; 256 unless set. 0 sends no prepared statements, for
    /// poolers that cannot have them.
    pub fn statement_cache(self, statements: usize) -> Self {
        self.set(|s| s.statement_cache = statements)
    }

    /// The name under which `pg_stat_activity` shows the connections.
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.application_name = Some(name.into());
        self
    }

    /// Whether each statement is printed to standard error, with its values, time and rows.
    pub fn echo(self, echo: bool) -> Self {
        self.set(|s| s.log.set_echo(echo))
    }

    /// Tells `listener` of every statement.
    pub fn on_statement(self, listener: impl Fn(&StatementEvent<'_>) + Send + Sync + 'static) -> Self {
        self.set(|s| s.log.listen(Arc::new(listener)))
    }

    /// The engine, without connecting yet. To be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) for a wrong URL or setting.
    pub fn build(self) -> Result<Engine> {
        let mut settings = self.settings?;
        if settings.pool_size == 0 {
            return Err(Error::new(ErrorKind::Config, "a pool of 0 connections: expected at least 1"));
        }
        for (name, bound) in settings.bounds() {
            if bound.is_zero() {
                return Err(Error::new(ErrorKind::Config, format!("a {name} of 0: expected a longer time")));
            }
        }
        if tokio::runtime::Handle::try_current().is_err() {
            let why = "an engine is built inside a tokio runtime: its pool has work of its own";
            return Err(Error::new(ErrorKind::Config, why));
        }
        if let Some(name) = self.application_name {
            if name.contains('\0') {
                let why = format!("an application name with a NUL character: {name:?}");
                return Err(Error::new(ErrorKind::Config, why));
            }
            settings.url.config.application_name(name);
        }
        let settings = Arc::new(settings);
        let counters = Arc::new(Counters::default());
        let last_failure = Arc::default();
        let manager = Manager::new(settings.clone(), counters.clone(), Arc::clone(&last_failure));
        let pool = bb8::Pool::builder()
            .max_size(settings.pool_size)
            .connection_timeout(settings.checkout_timeout)
            .idle_timeout(settings.idle_timeout)
            .test_on_check_out(true)
            .build_unchecked(manager);
        Ok(Engine {
            shared: Arc::new(Shared {
                pool,
                settings,
                counters,
                last_failure,
                closed_sequences: RwLock::default(),
            }),
        })
    }

    /// The engine, after the server has answered once.
    ///
    /// # Errors
    /// As [`Engine::connect`].
    pub async fn connect(self) -> Result<Engine> {
        let engine = self.build()?;
        // Straight to the server, not through the pool: a refused password is told at once.
        let wire = engine.shared.pool.dedicated_connection().await?;
        let _ = engine.shared.pool.add(wire);
        Ok(engine)
    }
}
