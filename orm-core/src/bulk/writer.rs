//! Where a statement that writes rows runs.

use super::change::Change;
use crate::engine::{Executor, Lend, Reply};
use crate::error::Result;
use crate::mapper::{Criteria, Model};
use std::future::Future;

/// Where a statement runs that writes rows: `&Engine`, `&mut Connection` inside its transaction, or `&mut Session`.
///
/// In a session it is a part of its transaction, what changed is flushed before, and the objects of rows that were written have afterwards
/// what the database has. Relations that are loaded do not know of rows that came or went. Where a foreign key was set, the object is
/// [stale](crate::Session::is_expired) until it is read again. No listener of objects is asked.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::bulk::{Writer, insert};
/// async fn put(writer: impl Writer, cents: i64) -> orm_core::Result<u64> {
///     let tea = Product::builder().sku("T-1").title("Tea").price_cents(cents);
///     insert([tea]).on_conflict(Product::SKU).do_update(Product::PRICE_CENTS).execute(writer).await
/// }
/// put(&engine, 390).await?;
/// put(&mut engine.connection().await?, 400).await?;
/// let mut session = engine.session();
/// let tea = session.get_one::<Product>(1).await?;
/// put(&mut session, 410).await?;
/// assert_eq!(session[tea].price_cents, 410);
/// session.rollback().await?;
/// assert_eq!(session[tea].price_cents, 400);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run statements that write",
    label = "expected `&Engine`, `&mut Connection` or `&mut Session`"
)]
pub trait Writer: Run + Lend + Send {}

impl<W: Run + Lend + Send> Writer for W {}

/// What [`Writer`] does; nobody else implements it.
pub trait Run {
    /// What rows have to meet to be seen there.
    fn criteria(&self) -> Criteria {
        Criteria::default()
    }

    /// Runs a statement.
    fn change<M: Model>(self, change: Change) -> impl Future<Output = Result<Reply>> + Send;
}

impl<E: Executor + Lend> Run for E {
    async fn change<M: Model>(self, mut change: Change) -> Result<Reply> {
        if change.is_empty {
            return Ok(Reply::default());
        }
        change.no_paths()?;
        change.restrict(&Criteria::default());
        self.run(change.render()?).await.map_err(|error| change.explain(error))
    }
}
