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
pub trait Executor: sealed::Sealed + Send {
    /// Runs one statement.
    ///
    /// # Errors
    /// The server's, or that of the way there.
    fn run(self, statement: Statement) -> impl Future<Output = Result<Reply>> + Send;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for &super::Engine {}
    impl Sealed for &mut super::Connection {}
}

impl Executor for &Engine {
    async fn run(self, statement: Statement) -> Result<Reply> {
        self.connection().await?.run(statement).await
    }
}

impl Executor for &mut Connection {
    async fn run(self, statement: Statement) -> Result<Reply> {
        self.send(statement).await
    }
}
