//! Savepoints.

use super::Session;
use super::lent::Lent;
use crate::engine::Request;
use crate::error::{Error, ErrorKind, Result};
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A savepoint: a part of the transaction that can be taken back alone. It derefs to its [`Session`], so that
/// everything is written as without it, and savepoints nest to any depth.
///
/// [`commit`](Self::commit) keeps the part. [`rollback`](Self::rollback), or dropping the value, takes it back:
/// rows, and the objects with their values, states, collections and keys, return to what they were when it began.
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
/// session.commit().await?;
/// for email in ["bea@example.org", "ann@example.org"] {
///     let mut nested = session.begin_nested().await?;
///     nested[ann].age = Some(nested[ann].age.unwrap_or(40) + 1);
///     nested.add(Customer::builder().name("Bea").email(email));
///     match nested.commit().await {
///         Ok(()) => {}
///         Err(error) => assert!(error.is_unique_violation()), // only this part is lost
///     }
/// }
/// session.commit().await?;
/// assert_eq!(session[ann].age, Some(41));
/// assert_eq!(engine.count(select::<Customer>()).await?, 2);
/// # Ok(()) }
/// ```
#[must_use = "a savepoint that is dropped is rolled back"]
pub struct Nested<'s> {
    session: Lent<'s>,
    level: usize,
    /// Tells this savepoint from a later one at the same level.
    number: Option<u64>,
    is_open: bool,
}

impl Session {
    /// Flushes, and begins a savepoint; it begins the transaction, too, when none is open.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let mut outer = session.begin_nested().await?;
    /// outer.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// let mut inner = outer.begin_nested().await?;
    /// inner.add(Product::builder().sku("C-1").title("Coffee").price_cents(890));
    /// inner.flush().await?;
    /// inner.rollback().await?;
    /// outer.commit().await?;
    /// session.commit().await?;
    /// assert_eq!(engine.count(select::<Product>()).await?, 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`flush`](Self::flush).
    pub async fn begin_nested(&mut self) -> Result<Nested<'_>> {
        Nested::begin(Lent::Borrowed(self)).await
    }

    /// Whether a savepoint is open.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let nested = session.begin_nested().await?;
    /// assert!(nested.in_nested_transaction() && nested.in_transaction());
    /// nested.commit().await?;
    /// assert!(!session.in_nested_transaction() && session.in_transaction());
    /// # Ok(()) }
    /// ```
    pub fn in_nested_transaction(&self) -> bool {
        self.arena.savepoints() > 0
    }

    /// Ends the innermost savepoint that was [detached](Nested::detach), as [`Nested::commit`] does.
    ///
    /// # Errors
    /// As [`Nested::commit`]; [`NeedsRollback`](ErrorKind::NeedsRollback) when no savepoint is open.
    pub async fn commit_nested(&mut self) -> Result<()> {
        self.innermost()?.commit().await
    }

    /// Ends the innermost savepoint that was [detached](Nested::detach), as [`Nested::rollback`] does.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.begin_nested().await?.detach();
    /// let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// session.rollback_nested().await?;
    /// session.begin_nested().await?.detach();
    /// session.add_again(tea)?;
    /// session.commit_nested().await?;
    /// session.commit().await?;
    /// assert!(session[tea].id.is_set());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Nested::rollback`]; [`NeedsRollback`](ErrorKind::NeedsRollback) when no savepoint is open.
    pub async fn rollback_nested(&mut self) -> Result<()> {
        self.innermost()?.rollback().await
    }

    fn innermost(&mut self) -> Result<Nested<'_>> {
        let Some(level) = self.arena.savepoints().checked_sub(1) else {
            return Err(Error::new(ErrorKind::NeedsRollback, "no savepoint is open"));
        };
        let number = self.arena.savepoint_at(level);
        Ok(Nested { session: Lent::Borrowed(self), level, number, is_open: true })
    }

    /// Takes objects back to the savepoint `level`; the server is told with the next flight.
    fn roll_back_to(&mut self, level: usize) -> Result<()> {
        let Some(connection) = self.open_connection() else {
            self.failed = true;
            let why = "the transaction of this savepoint is lost: call `rollback()` on the session";
            return Err(Error::new(ErrorKind::NeedsRollback, why));
        };
        let name = name(level);
        connection
            .wire()
            .queue(Request::Script(format!("ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}")));
        self.queue_context(); // what was set since belongs to the session
        self.failed = true;
        self.arena.rollback(Some(level))?;
        self.failed = false;
        self.note_rollback_nested();
        Ok(())
    }
}

/// The name of the savepoint at a level.
fn name(level: usize) -> String {
    format!("orm_{level}")
}

impl<'s> Nested<'s> {
    pub(super) async fn begin(mut session: Lent<'s>) -> Result<Self> {
        session.flush().await?;
        let begins = session.begins();
        let name = name(session.arena.savepoints());
        let savepoint = Request::Script(format!("SAVEPOINT {name}"));
        session.fly(begins.into_iter().chain([savepoint]).collect()).await?;
        let level = session.arena.savepoint();
        session.tell_begin();
        session.tell_begin_nested();
        let number = session.arena.savepoint_at(level);
        Ok(Self { session, level, number, is_open: true })
    }

    /// Flushes, and makes the part a part of what is around it. When that fails the savepoint is rolled back.
    ///
    /// The savepoint's end travels with the next statement.
    ///
    /// # Errors
    /// As [`Session::flush`]; [`NeedsRollback`](ErrorKind::NeedsRollback) when the transaction around it has
    /// ended already.
    pub async fn commit(mut self) -> Result<()> {
        self.is_there()?;
        self.session.flush().await?;
        if let Some(connection) = &mut self.session.connection {
            // What failed on the connection itself, the session has not seen.
            connection.wire().can_commit(&[Request::Commit])?;
            connection.wire().queue(Request::Script(format!("RELEASE SAVEPOINT {}", name(self.level))));
        }
        self.session.arena.release(self.level);
        self.is_open = false;
        Ok(())
    }

    /// Takes the part back, here and in the database: one round trip.
    ///
    /// # Errors
    /// [`NeedsRollback`](ErrorKind::NeedsRollback) when the connection is lost, or the transaction has ended already.
    pub async fn rollback(mut self) -> Result<()> {
        self.is_there()?;
        self.is_open = false;
        self.session.roll_back_to(self.level)?;
        self.session.fly(Vec::new()).await?;
        self.session.tell_rollback_nested();
        Ok(())
    }

    /// Leaves the savepoint open without the value: [`Session::commit_nested`] and [`Session::rollback_nested`] end it. For
    /// code that cannot hold a borrow of the session in between.
    pub fn detach(mut self) {
        self.is_open = false;
    }

    fn is_there(&self) -> Result<()> {
        if self.session.arena.savepoint_at(self.level) == self.number {
            return Ok(());
        }
        let why = "the transaction around this savepoint was committed or rolled back";
        Err(Error::new(ErrorKind::NeedsRollback, why))
    }
}

impl Drop for Nested<'_> {
    fn drop(&mut self) {
        if self.is_open && self.is_there().is_ok() {
            // Where it cannot be taken back alone, the session says that it needs a rollback.
            let _ = self.session.roll_back_to(self.level);
        }
    }
}

impl Deref for Nested<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl DerefMut for Nested<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.session
    }
}

impl fmt::Debug for Nested<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nested").field("level", &self.level).field("session", &self.session).finish()
    }
}
