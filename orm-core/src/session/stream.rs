//! Many rows in bounded memory.

use super::Session;
use super::lent::Lent;
use crate::engine::{Engine, Request};
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Scope, Select};
use crate::sql::Statement;
use crate::sql::TrustedSql;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// The rows of a query, some at a time, from a cursor of the server: [`Session::stream`].
///
/// The values are owned, and the session does not know them: a stream of a million rows takes the memory of one batch.
/// While it is open it is the session's only user; dropping it closes the cursor with the next statement.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// session.add_all((0..10).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(n)));
/// session.commit().await?;
/// let mut total = 0;
/// let mut rows = session.stream(columns(Product::PRICE_CENTS).order_by(Product::ID), 4).await?;
/// while let Some(prices) = rows.next().await? {
///     assert!(prices.len() <= 4);
///     total += prices.into_iter().sum::<i64>();
/// }
/// assert_eq!(total, 45);
/// # Ok(()) }
/// ```
#[must_use = "a stream does nothing before its rows are asked for"]
pub struct Rows<'s, S, R> {
    session: Lent<'s>,
    select: Select<S, R>,
    cursor: String,
    batch: u32,
    is_open: bool,
}

impl Session {
    /// Reads the rows of a query in batches of so many rows, at least one. Models come as owned values; relations of
    /// [`with`](Select::with) are not loaded; where they are inner joins, rows without members are left out.
    ///
    /// The cursor lives in the session's transaction, which is begun when none is open.
    ///
    /// # Errors
    /// The server's; [`NeedsRollback`](crate::ErrorKind::NeedsRollback).
    pub async fn stream<S: Scope, R>(&mut self, select: Select<S, R>, batch: u32) -> Result<Rows<'_, S, R>> {
        Self::stream_of(Lent::Borrowed(self), select, batch).await
    }

    pub(super) async fn stream_of<S: Scope, R>(
        mut session: Lent<'_>,
        select: Select<S, R>,
        batch: u32,
    ) -> Result<Rows<'_, S, R>> {
        let query = session.restricted(&select)?.render();
        let Statement { text, params } = query.map_err(|why| Error::new(ErrorKind::Mapping, why))?;
        session.flush_before_query().await?;
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // A name of its own: what is prepared for FETCH knows the columns of the cursor that it was prepared for.
        let cursor = format!("orm_rows_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let declare =
            Statement { text: format!("DECLARE {cursor} NO SCROLL CURSOR FOR {text}").into(), params };
        let declared = session.fly_inside([Request::Run(declare)], &mut []).await;
        declared.map_err(|error| session.retell(error))?;
        Ok(Rows { session, select, cursor, batch: batch.max(1), is_open: true })
    }
}

impl Engine {
    /// Reads the rows of a query in batches of so many rows, at least one, without a session: in a transaction of their own, on a
    /// connection that goes back with the last row. A stream that is dropped before gives its connection up.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # session.add_all((0..10).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(n)));
    /// # session.commit().await?;
    /// let mut batches = engine.stream(select::<Product>().order_by(Product::ID), 4).await?;
    /// let mut lengths = Vec::new();
    /// while let Some(products) = batches.next().await? {
    ///     lengths.push(products.len());
    /// }
    /// assert_eq!(lengths, [4, 4, 2]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server's.
    pub async fn stream<S: Scope, R>(&self, select: Select<S, R>, batch: u32) -> Result<Rows<'static, S, R>> {
        select.no_paths()?;
        Session::stream_of(Lent::Owned(Box::new(self.session())), select, batch).await
    }
}

impl<S: Scope, R> Rows<'_, S, R> {
    /// The next rows; `None` after the last.
    ///
    /// # Errors
    /// The server's, after which the session needs a rollback; [`Decode`](crate::ErrorKind::Decode) for a row that does
    /// not fit.
    pub async fn next(&mut self) -> Result<Option<Vec<R>>> {
        if !self.is_open {
            return Ok(None);
        }
        let fetch =
            Statement::plain(TrustedSql::new(format!("FETCH FORWARD {} FROM {}", self.batch, self.cursor)));
        let replies = self.session.fly(vec![Request::Run(fetch)]).await;
        let reply = replies.map_err(|error| self.session.retell(error))?.pop().unwrap_or_default();
        if reply.rows.len() < self.batch as usize {
            self.close();
            if let Lent::Owned(session) = &mut self.session {
                session.commit().await?;
            }
        }
        let rows: Vec<R> = reply.rows.iter().map(|row| self.select.read(row)).collect::<Result<_>>()?;
        Ok((!rows.is_empty()).then_some(rows))
    }
}

impl<S, R> Rows<'_, S, R> {
    /// Closes the cursor, unless a failure of its transaction did.
    fn close(&mut self) {
        if !std::mem::take(&mut self.is_open) || self.session.failed {
            return;
        }
        if let Some(connection) = self.session.open_connection() {
            connection.wire().queue(Request::Script(format!("CLOSE {}", self.cursor)));
        }
    }
}

impl<S, R> Drop for Rows<'_, S, R> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<S, R> fmt::Debug for Rows<'_, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("cursor", &self.cursor)
            .field("is_open", &self.is_open)
            .finish_non_exhaustive()
    }
}
