//! The session: the one façade over objects, queries and the flush.
//!
//! | file | what it adds to [`Session`] |
//! |---|---|
//! | `objects` | add, delete, reading and writing by handle |
//! | `entity` | walking what is loaded, JSON |
//! | `query` | queries whose rows become objects |
//! | `value_query` | joins, groups and values from the builder |
//! | `load` | relations of objects that are there |
//! | `explain` | how the server runs a query |
//! | `lock` | locks on rows |
//! | `linking` | both sides of a relation at once |
//! | `keyed` | collections as maps |
//! | `through` | relations through objects of an association model |
//! | `values` | setting single columns, also to expressions |
//! | `work` | flush, commit, rollback |
//! | `savepoint` | parts of a transaction that can be taken back alone |
//! | `expiry` | what is stale, and reading it again |
//! | `merge`, `expunge` | taking a graph of owned values over, and giving one back |
//! | `inspect` | states, changes, the identity map |
//! | `two_phase` | a transaction that is prepared, and committed later |
//! | `text` | SQL text and the connection inside the transaction |
//! | `transaction` | a closure that is run again after a lost race |
//! | `context` | settings of each transaction, for row-level security and tenants |
//! | `criteria` | what rows have to meet to be seen |
//! | `autoflush` | writing what changed before a query reads |
//! | `maker` | making sessions with the same settings; closing them all |
//! | `scoped` | one session a scope |
//! | `info` | data of the program's own |
//! | `events` | listeners: hearing of what happens, changing it, vetoing it |
//! | `bulk` | many rows past the objects |
//! | `matching` | UPDATE and DELETE of what a query finds |
//! | `page` | pages, by cursors and by numbers |
//! | `writing` | statements that write rows |
//! | `stream` | many rows in bounded memory |
//! | `options` | how a session behaves |

mod autoflush;
mod bulk;
mod columns;
mod concrete;
mod context;
mod criteria;
mod entity;
mod events;
mod expiry;
mod explain;
mod expunge;
mod fetch;
mod info;
mod inspect;
mod keyed;
mod lent;
mod linking;
mod load;
mod lock;
mod maker;
mod matching;
mod merge;
mod objects;
mod options;
mod page;
mod planned;
mod polymorphic;
mod query;
mod related;
mod savepoint;
mod scoped;
mod stream;
mod text;
mod through;
mod transaction;
mod tree;
mod two_phase;
mod value_query;
mod values;
mod work;
mod writing;

pub use autoflush::NoAutoflush;
pub use criteria::WithoutCriteria;
pub use entity::{Entity, Related};
pub use events::{Listeners, Verdict};
pub use info::Info;
pub use inspect::{Change, History};
pub use keyed::Keyed;
pub use load::Handles;
pub use maker::{SessionMaker, SessionOptions};
pub use matching::QueryUpdate;
pub use polymorphic::PolymorphicQuery;
pub use query::Query;
pub use savepoint::Nested;
pub use scoped::{ConnectionGuard, QueryProperty, ScopeRegistry, ScopedSession, SessionGuard, TaskScope};
pub use stream::Rows;
pub use transaction::{TransactionOptions, TransactionSession};
pub use tree::EntityTree;
pub use value_query::{GroupQuery, ValueQuery};
pub use writing::WritesRows;

use crate::engine::{Connection, Engine, Gid, Isolation, Reply, Request, TakeRows, is_stale};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::Statement;
use crate::state::Arena;
use context::Context;
use events::Watch;
use maker::Membership;
use options::Options;
use std::fmt;

/// A unit of work: objects, what the database has of them, and the transaction in which they are written.
///
/// The session owns its objects and gives out [`Handle`](crate::mapper::Handle)s. `session[handle]` reads, `&mut session[handle]`
/// writes; the first write keeps a snapshot, and the next flush sends the columns that differ.
///
/// A transaction begins with the first flush or [`begin`](Session::begin), not with the first read: under READ COMMITTED a read
/// outside a transaction sees what one inside would, and holds no connection while the program thinks.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
/// session.commit().await?; // one round trip
/// session[ann].age = Some(41);
/// session.commit().await?; // one UPDATE of one column
/// assert!(session[ann].id.is_set());
/// # Ok(()) }
/// ```
pub struct Session {
    engine: Engine,
    arena: Arena,
    /// The connection, while a transaction is open.
    connection: Option<Connection>,
    /// Whether something failed, or was dropped half-way, since the last rollback.
    failed: bool,
    /// Whether the failure was a race against another transaction.
    lost_race: bool,
    /// Whether a commit is under way, or its answer did not come.
    commit_in_doubt: bool,
    /// The transaction that the server keeps for this session.
    prepared: Option<Gid>,
    options: Options,
    /// Settings of each transaction.
    context: Context,
    /// The program's own data.
    info: Info,
    /// What tells that the maker of the session closed it.
    maker: Option<Membership>,
    /// Who listens, when somebody does.
    watch: Option<Box<Watch>>,
}

impl Engine {
    /// A new session on this engine. It takes a connection with its first statement.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// assert!(session.query::<Customer>().all().await?.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn session(&self) -> Session {
        Session::new(self)
    }
}

impl Session {
    /// A new session on an engine.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let session = Session::new(&engine); // the same as `engine.session()`
    /// assert_eq!(session.engine().to_string(), engine.to_string());
    /// assert_ne!(session.id(), Session::new(&engine).id());
    /// # Ok(()) }
    /// ```
    pub fn new(engine: &Engine) -> Self {
        Self::with(SessionOptions::new(engine))
    }

    /// The engine.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The number that handles of this session carry.
    pub const fn id(&self) -> u64 {
        self.arena.session()
    }

    /// Whether a transaction is open.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.query::<Customer>().all().await?;
    /// assert!(!session.in_transaction()); // reading begins none
    /// session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// session.flush().await?;
    /// assert!(session.in_transaction());
    /// session.commit().await?;
    /// assert!(!session.in_transaction());
    /// # Ok(()) }
    /// ```
    pub const fn in_transaction(&self) -> bool {
        self.connection.is_some() || self.prepared.is_some()
    }

    /// Whether the session can be used; `false` means that [`rollback`](Self::rollback) comes first.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::ErrorKind;
    /// let mut session = engine.session();
    /// session.add_all(["Ann", "Bea"].map(|name| Customer::builder().name(name).email("one@example.org")));
    /// assert!(session.commit().await.unwrap_err().is_unique_violation());
    /// assert!(!session.is_active());
    /// assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    /// session.rollback().await?;
    /// assert!(session.is_active());
    /// # Ok(()) }
    /// ```
    pub fn is_active(&self) -> bool {
        !self.failed && !self.is_closed()
    }

    fn is_closed(&self) -> bool {
        self.maker.as_ref().is_some_and(Membership::is_closed)
    }

    fn usable(&mut self) -> Result<()> {
        if self.is_closed() {
            // The server rolls back what was open; the pool gives that connection up.
            self.connection = None;
            self.arena.rollback(None)?;
            let why = "the maker of this session closed all its sessions: ask it for a new one";
            return Err(Error::new(ErrorKind::Closed, why));
        }
        if let Some(gid) = &self.prepared {
            let why = format!(
                "the transaction of this session is prepared as {:?}: call `commit()` or `rollback()` first",
                gid.name()
            );
            return Err(Error::new(ErrorKind::Prepared, why));
        }
        if !self.failed {
            return Ok(());
        }
        let why = "an earlier flush, statement or listener of this session failed or was dropped: call `rollback()` first";
        Err(Error::new(ErrorKind::NeedsRollback, why))
    }

    /// Sends statements that read, in one flight: inside the open transaction, or on any connection.
    async fn read(&mut self, statements: Vec<Statement>) -> Result<Vec<Reply>> {
        self.read_into(statements, &mut []).await
    }

    /// [`read`](Self::read), where somebody may take the rows of the statements as they come.
    async fn read_into(
        &mut self,
        mut statements: Vec<Statement>,
        takers: &mut [&mut dyn TakeRows],
    ) -> Result<Vec<Reply>> {
        self.usable()?;
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        let requests = |statements: Vec<Statement>| statements.into_iter().map(Request::Run);
        if self.connection.is_some() || self.options.transactional {
            return self.fly_inside(requests(statements), takers).await;
        }
        let mut connection = self.engine.connection().await?;
        if !self.context.is_empty() {
            return self.read_in_context(&mut connection, statements, takers).await;
        }
        match statements.pop() {
            Some(only) if statements.is_empty() => Ok(vec![connection.wire().run_into(only, takers).await?]),
            Some(last) => {
                statements.push(last);
                connection.wire().fly_into(requests(statements).collect(), takers).await
            }
            None => Ok(Vec::new()),
        }
    }

    /// Sends statements that read in a transaction of their own, which has the session's settings.
    async fn read_in_context(
        &self,
        connection: &mut Connection,
        statements: Vec<Statement>,
        takers: &mut [&mut dyn TakeRows],
    ) -> Result<Vec<Reply>> {
        let before: Vec<Request> =
            [Request::Begin(Isolation::default())].into_iter().chain(self.context.request()).collect();
        let begun = before.len();
        let reading = statements.into_iter().map(Request::Run);
        let requests: Vec<Request> = before.into_iter().chain(reading).chain([Request::Commit]).collect();
        let mut replies = connection.wire().fly_into(requests.clone(), takers).await;
        if replies.as_ref().is_err_and(is_stale) {
            replies = connection.wire().fly_into(requests, takers).await;
        }
        let mut replies = replies?.split_off(begun);
        replies.pop();
        Ok(replies)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let objects: usize = self.arena.stores.iter().map(|store| store.slots.len()).sum();
        f.debug_struct("Session")
            .field("id", &self.id())
            .field("engine", &self.engine)
            .field("objects", &objects)
            .field("in_transaction", &self.in_transaction())
            .field("failed", &self.failed)
            .finish()
    }
}
