//! Writing what changed before a query reads.

use super::Session;
use super::lent::Lent;
use crate::error::Result;
use std::ops::{Deref, DerefMut};

/// Stands at the end of the message of an error that came from an autoflush.
const NOTE: &str = " (from the autoflush before a query; `session.no_autoflush()` puts it off)";

/// A session whose queries do not flush; made by [`Session::no_autoflush`].
///
/// It is a [`Session`] in every other way. Dropping it puts the setting back that was there before, so guards can stand
/// inside each other.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::session::NoAutoflush;
/// /// Counts what is written already.
/// async fn written(mut session: NoAutoflush<'_>) -> orm_core::Result<i64> {
///     session.query::<Customer>().count().await
/// }
/// let mut session = engine.session();
/// session.add(Customer::builder().name("Ann").email("ann@example.org"));
/// assert_eq!(written(session.no_autoflush()).await?, 0);
/// assert_eq!(session.query::<Customer>().count().await?, 1);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct NoAutoflush<'s> {
    session: Lent<'s>,
    before: bool,
}

impl Deref for NoAutoflush<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl DerefMut for NoAutoflush<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.session
    }
}

impl<'s> NoAutoflush<'s> {
    pub(super) fn of(mut session: Lent<'s>) -> Self {
        let before = std::mem::replace(&mut session.options.autoflush, false);
        Self { session, before }
    }
}

impl Drop for NoAutoflush<'_> {
    fn drop(&mut self) {
        self.session.options.autoflush = self.before;
    }
}

impl Session {
    /// Whether queries write what changed before they read; they do, unless something else is said.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// assert!(session.autoflush());
    /// session.query::<Customer>().all().await?;
    /// assert!(!session.in_transaction()); // nothing changed, nothing was begun
    /// session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// assert_eq!(session.query::<Customer>().count().await?, 1); // flushed first
    /// assert!(session.in_transaction());
    /// # Ok(()) }
    /// ```
    pub const fn autoflush(&self) -> bool {
        self.options.autoflush
    }

    /// The session without autoflush, for as long as the guard lives: queries see what is written, not what changed
    /// since.
    ///
    /// For work that is half done when it has to ask something, and could not be flushed yet.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// # session.commit().await?;
    /// let mut session = engine.session();
    /// let cart = session.add(Cart::builder()); // whose it is comes next
    /// let error = session.query::<Customer>().first().await.unwrap_err();
    /// assert!(error.to_string().contains("autoflush"));
    ///
    /// let mut quiet = session.no_autoflush();
    /// let ann = quiet.query::<Customer>().one().await?;
    /// quiet[cart].customer.set(ann);
    /// drop(quiet);
    /// assert_eq!(session.query::<Cart>().count().await?, 1);
    /// # Ok(()) }
    /// ```
    pub fn no_autoflush(&mut self) -> NoAutoflush<'_> {
        NoAutoflush::of(Lent::Borrowed(self))
    }

    /// Whether a query has to flush first.
    pub(super) fn wants_flush(&self) -> bool {
        self.options.autoflush && self.arena.is_touched()
    }

    /// Flushes when something changed, unless the session is told not to.
    pub(super) async fn flush_before_query(&mut self) -> Result<()> {
        self.usable()?;
        if !self.wants_flush() {
            return Ok(());
        }
        self.flush().await.map_err(|error| error.with_note(NOTE))
    }
}
