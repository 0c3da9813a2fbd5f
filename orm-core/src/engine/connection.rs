//! A connection that was taken out of the pool.

use super::Isolation;
use super::manager::Manager;
use super::wire::{Reply, Request, Wire};
use crate::error::Result;
use crate::sql::IntoTrustedSql;
use crate::sql::Statement;
use std::fmt;
use std::pin::Pin;

/// A connection of an [`Engine`](super::Engine), given back to the pool when it is dropped.
///
/// Dropping it in the middle of a transaction rolls back: the pool gives such a connection up and opens
/// another.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut tea = Product::builder().sku("T-1").title("Tea").price_cents(390).build();
/// let mut connection = engine.connection().await?;
/// connection.begin().await?;
/// tea.insert(&mut connection).await?;
/// assert_eq!(connection.count(select::<Product>()).await?, 1);
/// assert!(connection.in_transaction());
/// connection.rollback().await?;
/// assert_eq!(connection.fetch_all(select::<Product>()).await?.len(), 0);
///
/// connection.begin().await?;
/// connection.execute_script("SET LOCAL lock_timeout = '1s'").await?;
/// let tea = Product::builder().sku("T-1").title("Tea").price_cents(390);
/// tea.build().insert(&mut connection).await?;
/// connection.commit().await?;
/// assert_eq!(connection.fetch_one(columns(Product::TITLE)).await?, "Tea");
/// assert!(connection.fetch_optional(columns(Product::TITLE)).await?.is_some());
/// # Ok(()) }
/// ```
pub struct Connection {
    wire: bb8::PooledConnection<'static, Manager>,
}

impl Connection {
    pub(super) fn new(wire: bb8::PooledConnection<'static, Manager>) -> Self {
        Self { wire }
    }

    pub(crate) fn wire(&mut self) -> &mut Wire {
        &mut self.wire
    }

    /// Whether it can be asked for more.
    pub(crate) fn can_fly(&self) -> bool {
        self.wire.can_fly()
    }

    pub(super) async fn send(&mut self, statement: Statement) -> Result<Reply> {
        self.wire.run(statement).await
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// The server's.
    pub async fn begin(&mut self) -> Result<()> {
        self.begin_with(Isolation::default()).await
    }

    /// Begins a transaction of this isolation.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::Isolation;
    /// let mut connection = engine.connection().await?;
    /// connection.begin_with(Isolation::RepeatableRead).await?;
    /// let before = connection.count(select::<Product>()).await?;
    /// Product::builder().sku("T-1").title("Tea").price_cents(390).build().insert(&engine).await?;
    /// assert_eq!(connection.count(select::<Product>()).await?, before); // sees what was there when it began to read
    /// connection.rollback().await?;
    /// assert_eq!(connection.count(select::<Product>()).await?, before + 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server's.
    pub async fn begin_with(&mut self, isolation: Isolation) -> Result<()> {
        self.wire.fly(vec![Request::Begin(isolation)]).await.map(|_| ())
    }

    /// Commits the transaction.
    ///
    /// # Errors
    /// The server's, such as a deferred constraint; or
    /// [`CommitOutcomeUnknown`](crate::ErrorKind::CommitOutcomeUnknown) when its answer did not come.
    pub async fn commit(&mut self) -> Result<()> {
        self.wire.fly(vec![Request::Commit]).await.map(|_| ())
    }

    /// Rolls the transaction back.
    ///
    /// # Errors
    /// When the connection is lost, which rolls back as well.
    pub async fn rollback(&mut self) -> Result<()> {
        self.wire.fly(vec![Request::Rollback]).await.map(|_| ())
    }

    /// Whether a transaction is open.
    pub fn in_transaction(&self) -> bool {
        self.wire.in_transaction()
    }

    /// Runs one or more statements given as SQL text, without values, and drops their rows. A text that is no part of the program
    /// needs the name [`TrustedSql`](crate::sql::TrustedSql).
    ///
    /// # Errors
    /// The server's.
    pub fn execute_script(
        &mut self,
        sql: impl IntoTrustedSql,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + '_>> {
        let sql = sql.into_trusted_sql();
        Box::pin(async move { self.wire.script(sql.as_str()).await })
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("in_transaction", &self.in_transaction()).finish()
    }
}
