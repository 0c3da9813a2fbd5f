//! Where a statement can run: on an engine, or on a connection of it.

use super::{Connection, Engine, Reply, TakeRows};
use crate::error::Result;
use crate::sql::Statement;
use std::future::Future;
use std::sync::Arc;

/// Something that runs statements: `&Engine` (any connection of the pool) or `&mut Connection` (this one, inside
/// its transaction).
///
/// A function of yours that takes one works on its own and as a part of a transaction:
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::{Executor, Result, sql::Statement};
/// async fn raise_prices(executor: impl Executor) -> Result<u64> {
///     let reply = executor.run(Statement::plain("UPDATE product SET price_cents = price_cents + 10")).await?;
///     Ok(reply.affected)
/// }
///
/// assert_eq!(raise_prices(&engine).await?, 0);
/// let mut connection = engine.connection().await?;
/// connection.begin().await?;
/// raise_prices(&mut connection).await?;
/// connection.commit().await?;
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run statements",
    label = "expected `&Engine` or `&mut Connection`; a session has calls of its own, such as `session.fetch_all(query)`"
)]
pub trait Executor: sealed::Sealed + Send {
    /// Runs one statement.
    ///
    /// # Errors
    /// The server's, or that of the way there.
    fn run(self, statement: Statement) -> impl Future<Output = Result<Reply>> + Send;
}

mod sealed {
    use super::super::TakeRows;
    use crate::error::Result;
    use crate::sql::Statement;
    use std::future::Future;

    pub trait Sealed {
        /// [`run`](super::Executor::run), where somebody takes the rows as they come.
        fn run_into(
            self,
            statement: Statement,
            taker: &mut dyn TakeRows,
        ) -> impl Future<Output = Result<()>> + Send;
    }
}

/// An engine, or a reference to one: who has `&Engine` may write `&engine` as well as who has an `Engine`.
#[doc(hidden)]
pub trait AsEngine: Sync {
    /// The engine.
    fn as_engine(&self) -> &Engine;
}

impl AsEngine for Engine {
    fn as_engine(&self) -> &Engine {
        self
    }
}

impl<E: AsEngine> AsEngine for &E {
    fn as_engine(&self) -> &Engine {
        (**self).as_engine()
    }
}

impl<E: AsEngine + Send> AsEngine for Arc<E> {
    fn as_engine(&self) -> &Engine {
        (**self).as_engine()
    }
}

impl<E: AsEngine> sealed::Sealed for &E {
    async fn run_into(self, statement: Statement, taker: &mut dyn TakeRows) -> Result<()> {
        self.as_engine().connection().await?.wire().run_into(statement, &mut [taker]).await.map(drop)
    }
}

/// An engine is a handle, and may be given away.
impl sealed::Sealed for Engine {
    async fn run_into(self, statement: Statement, taker: &mut dyn TakeRows) -> Result<()> {
        (&self).run_into(statement, taker).await
    }
}

impl sealed::Sealed for &mut Connection {
    async fn run_into(self, statement: Statement, taker: &mut dyn TakeRows) -> Result<()> {
        self.wire().run_into(statement, &mut [taker]).await.map(drop)
    }
}

#[diagnostic::do_not_recommend]
impl<E: AsEngine> Executor for &E {
    async fn run(self, statement: Statement) -> Result<Reply> {
        self.as_engine().connection().await?.run(statement).await
    }
}

#[diagnostic::do_not_recommend]
impl Executor for Engine {
    async fn run(self, statement: Statement) -> Result<Reply> {
        (&self).run(statement).await
    }
}

impl Executor for &mut Connection {
    async fn run(self, statement: Statement) -> Result<Reply> {
        self.send(statement).await
    }
}
