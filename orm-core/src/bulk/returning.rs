//! What comes back of rows that were written.

use super::Writer;
use super::change::Change;
use crate::error::Result;
use crate::mapper::Model;
use crate::query::fetch::{multiple_found, not_found};
use crate::sql::Expr;
use std::fmt;
use std::marker::PhantomData;
use tokio_postgres::Row;

/// A statement that writes rows of `M`, with what comes back of each of them, an `R`: made by `returning`.
///
/// Rows come back in any order: what tells them apart has to be among what they give.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::{bulk::{delete, insert, update}, query::whole};
/// let tea = Product::builder().sku("T-1").title("Tea").price_cents(390);
/// let tea: Product = insert::<Product>([tea]).returning(whole()).fetch_one(&engine).await?;
/// assert!(tea.id.is_set());
///
/// let dearer = update(select::<Product>()).set(Product::PRICE_CENTS.set_to(Product::PRICE_CENTS + 10));
/// let prices = dearer.returning((Product::SKU, Product::PRICE_CENTS)).fetch_all(&engine).await?;
/// assert_eq!(prices, [("T-1".to_owned(), 400)]);
///
/// let gone = delete(select::<Product>().filter(Product::SKU.eq("T-1"))).returning(Product::TITLE);
/// assert_eq!(gone.fetch_optional(&engine).await?, Some("Tea".to_owned()));
/// # Ok(()) }
/// ```
#[must_use = "a statement does nothing before it is run"]
pub struct Returning<M, R> {
    change: Result<Change>,
    read: fn(&Row) -> Result<R>,
    model: PhantomData<fn() -> M>,
}

impl<M: Model, R> Returning<M, R> {
    pub(super) fn new(change: Result<Change>, values: Vec<Expr>, read: fn(&Row) -> Result<R>) -> Self {
        let change = change.map(|mut change| {
            *change.returning() = values;
            change
        });
        Self { change, read, model: PhantomData }
    }

    /// Runs it; gives what comes back of all rows.
    ///
    /// # Errors
    /// Those of the statement; [`Decode`](crate::ErrorKind::Decode) for a row that does not fit.
    pub async fn fetch_all(self, writer: impl Writer) -> Result<Vec<R>> {
        let reply = writer.change::<M>(self.change?).await?;
        reply.rows.iter().map(self.read).collect()
    }

    /// Runs it; gives what comes back of the only row.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when no row was written; [`MultipleFound`](crate::ErrorKind::MultipleFound) when there were
    /// several, which are written all the same; or as [`fetch_all`](Self::fetch_all).
    pub async fn fetch_one(self, writer: impl Writer) -> Result<R> {
        self.fetch_optional(writer).await?.ok_or_else(not_found::<M>)
    }

    /// Runs it; gives what comes back of the only row, `None` when no row was written.
    ///
    /// # Errors
    /// [`MultipleFound`](crate::ErrorKind::MultipleFound) when there were several, which are written all the same; or as
    /// [`fetch_all`](Self::fetch_all).
    pub async fn fetch_optional(self, writer: impl Writer) -> Result<Option<R>> {
        let mut rows = self.fetch_all(writer).await?;
        let first = rows.pop();
        if rows.is_empty() { Ok(first) } else { Err(multiple_found::<M>()) }
    }
}

/// Shows the SQL text.
impl<M: Model, R> fmt::Display for Returning<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.change.as_ref().map(Change::render) {
            Ok(Ok(statement)) => f.write_str(&statement.text),
            Ok(Err(error)) => write!(f, "<{error}>"),
            Err(error) => write!(f, "<{error}>"),
        }
    }
}

impl<M: Model, R> fmt::Debug for Returning<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Returning({self})")
    }
}
