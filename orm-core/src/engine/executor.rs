//! Where a statement can run: on an engine, or on a connection of it.

use super::{Connection, Engine, Reply};
use crate::error::Result;
use crate::sql::Statement;
use std::future::Future;

/// Something that runs statements: `&Engine` (any connection of the pool) or `&mut Connection` (this one, inside
/// its transaction).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run statements",
    label = "expected `&Engine` or `&mut Connection`"
)]
pub trait Executor: sealed::Run {}

impl Executor for &Engine {}
impl Executor for &mut Connection {}

pub(crate) mod sealed {
    use super::{Future, Reply, Result, Statement};

    /// The part of [`Executor`](super::Executor) that is not public.
    pub trait Run: Send {
        /// Runs one statement.
        #[expect(private_interfaces, reason = "sealed: nobody outside calls it")]
        fn run(self, statement: Statement) -> impl Future<Output = Result<Reply>> + Send;
    }
}

impl sealed::Run for &Engine {
    #[expect(private_interfaces, reason = "sealed: nobody outside calls it")]
    async fn run(self, statement: Statement) -> Result<Reply> {
        self.connection().await?.run(statement).await
    }
}

impl sealed::Run for &mut Connection {
    #[expect(private_interfaces, reason = "sealed: nobody outside calls it")]
    async fn run(self, statement: Statement) -> Result<Reply> {
        Connection::run(self, statement).await
    }
}
