//! The session: the one façade over objects, queries and the flush.
//!
//! | file | what it adds to [`Session`] |
//! |---|---|
//! | `objects` | add, delete, reading and writing by handle |
//! | `entity` | walking what is loaded, JSON |
//! | `query` | queries whose rows become objects |
//! | `load` | relations of objects that are there |
//! | `work` | flush, commit, rollback |

mod entity;
mod load;
mod objects;
mod query;
mod work;

pub use entity::{Entity, Related};
pub use load::Handles;
pub use query::Query;

use crate::engine::{Connection, Engine, Executor, Reply, Request};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::Statement;
use crate::state::Arena;
use std::fmt;

/// A unit of work: objects, what the database has of them, and the transaction in which they are written.
///
/// The session owns its objects and gives out [`Handle`](crate::mapper::Handle)s. `session[handle]` reads, `&mut session[handle]`
/// writes; the first write keeps a snapshot, and the next flush sends the columns that differ.
///
/// A transaction begins with the first flush or [`begin`](Session::begin), not with the first read: under READ COMMITTED a read
/// outside a transaction sees what one inside would, and holds no connection while the program thinks.
///
/// ```no_run
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Customer { #[model(primary_key)] pub id: Auto<i64>, pub name: String, pub age: Option<i32> }
/// # async fn run(engine: Engine) -> orm_core::Result<()> {
/// let mut session = engine.session();
/// let ann = session.add(Customer::builder().name("Ann"));
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
}

impl Engine {
    /// A new session on this engine. It takes a connection with its first statement.
    pub fn session(&self) -> Session {
        Session::new(self)
    }
}

impl Session {
    /// A new session on an engine.
    pub fn new(engine: &Engine) -> Self {
        Self { engine: engine.clone(), arena: Arena::new(), connection: None, failed: false }
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
    pub const fn in_transaction(&self) -> bool {
        self.connection.is_some()
    }

    /// Whether the session can be used; `false` means that [`rollback`](Self::rollback) comes first.
    pub const fn is_active(&self) -> bool {
        !self.failed
    }

    fn usable(&self) -> Result<()> {
        if !self.failed {
            return Ok(());
        }
        let why = "an earlier flush or statement of this session failed or was dropped: call `rollback()` first";
        Err(Error::new(ErrorKind::NeedsRollback, why))
    }

    /// Sends statements that read, in one flight: inside the open transaction, or on any connection.
    async fn read(&mut self, mut statements: Vec<Statement>) -> Result<Vec<Reply>> {
        self.usable()?;
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        let requests = |statements: Vec<Statement>| statements.into_iter().map(Request::Run).collect();
        let Some(connection) = &mut self.connection else {
            let mut connection = self.engine.connection().await?;
            return match statements.pop() {
                Some(only) if statements.is_empty() => Ok(vec![connection.run(only).await?]),
                Some(last) => {
                    statements.push(last);
                    connection.wire().fly(requests(statements)).await
                }
                None => Ok(Vec::new()),
            };
        };
        // A failed statement has ended the transaction, and so has a future that is dropped here.
        self.failed = true;
        let replies = connection.wire().fly(requests(statements)).await?;
        self.failed = false;
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
