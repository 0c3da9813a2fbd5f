//! What a query finds, as a stream.

use super::super::Writer;
use super::progress::Listener;
use super::{CHUNK, CopyFormat, CopyProgress};
use crate::engine::{CopyOut as Receiving, Isolation, Lease, Request, RowsOut};
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::Criteria;
use crate::query::{Scope, Select};
use crate::sql::{Statement, settings};
use futures_util::stream::{self, Stream};
use std::fmt;
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// What a query finds, to be written or read in bounded memory: made by [`copy_out`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # for n in [390, 450] { Product::builder().sku(n.to_string()).title("Tea").price_cents(n).build().insert(&engine).await?; }
/// use futures_util::TryStreamExt;
/// use orm_core::bulk::{CopyFormat, CopyOut, copy_out};
/// let dear = || select::<Product>().filter(Product::PRICE_CENTS.gt(400));
/// let mut csv = Vec::new(); // or a file, or the body of an answer
/// let rows = copy_out(dear().columns((Product::SKU, Product::PRICE_CENTS)))
///     .on_progress(|so_far| println!("{} rows, {} bytes", so_far.rows, so_far.bytes))
///     .write(CopyFormat::CsvWithHeader, &mut csv, &engine)
///     .await?;
/// assert_eq!((rows, &csv[..]), (1, &b"sku,price_cents\n450,450\n"[..]));
///
/// let all: CopyOut<'_, Product, Product> = copy_out(dear());
/// let mut products = std::pin::pin!(all.rows(&engine).await?);
/// while let Some(product) = products.try_next().await? {
///     assert_eq!(product.title, "Tea");
/// }
/// # Ok(()) }
/// ```
#[must_use = "a copy does nothing before it is run"]
pub struct CopyOut<'p, S, R> {
    select: Select<S, R>,
    progress: Listener<'p>,
}

/// Writes or reads any number of rows of a query in bounded memory: models, or whatever it selects. Criteria hold as for every query.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::bulk::{CopyFormat, copy_out};
/// let rows = copy_out(select::<Product>()).write(CopyFormat::Csv, Vec::new(), &engine).await?;
/// assert_eq!(rows, 0);
/// # Ok(()) }
/// ```
pub fn copy_out<S: Scope, R>(query: Select<S, R>) -> CopyOut<'static, S, R> {
    CopyOut { select: query, progress: Listener::default() }
}

impl<'p, S: Scope, R> CopyOut<'p, S, R> {
    /// Tells how far it is.
    pub fn on_progress<'q>(self, listener: impl FnMut(CopyProgress) + Send + 'q) -> CopyOut<'q, S, R>
    where
        'p: 'q,
    {
        CopyOut { select: self.select, progress: Listener(Some(Box::new(listener))) }
    }

    /// Writes all rows as text, as the server makes it; gives their number.
    ///
    /// The values of conditions are bound in a transaction of its own, unless one is open: a COPY takes none itself.
    ///
    /// # Errors
    /// The server's; [`Ended`](ErrorKind::Ended) when the text cannot be written.
    pub async fn write<W: AsyncWrite + Unpin + Send>(
        self,
        format: CopyFormat,
        mut to: W,
        from: impl Writer,
    ) -> Result<u64> {
        let Self { select, mut progress } = self;
        let (text, bound) = statement(&select, &from.criteria())?;
        drop(select);
        let mut lease = from.lend().await?;
        let begins = bound.is_some() && !lease.wire().in_transaction();
        if let Some(bound) = bound {
            let begin = begins.then_some(Request::Begin(Isolation::default()));
            lease.wire().fly(begin.into_iter().chain([Request::Run(bound)]).collect()).await?;
        }
        let sql = format!("COPY ({text}) TO STDOUT {}", format.sql());
        let mut receiving = Receiving::begin(lease, sql).await?;
        let (mut so_far, mut told) = (CopyProgress::default(), 0);
        let mut is_header = format == CopyFormat::CsvWithHeader;
        // The server sends each row by itself.
        while let Some(bytes) = receiving.next().await? {
            to.write_all(&bytes).await.map_err(unwritten::<S>)?;
            so_far.bytes += bytes.len() as u64;
            so_far.rows += u64::from(!std::mem::take(&mut is_header));
            if so_far.bytes - told >= CHUNK as u64 {
                told = so_far.bytes;
                progress.tell(so_far);
            }
        }
        to.flush().await.map_err(unwritten::<S>)?;
        let mut lease = receiving.finish(so_far.rows);
        if begins {
            lease.wire().fly(vec![Request::Commit]).await?;
        }
        progress.tell(so_far);
        Ok(so_far.rows)
    }
}

impl<'p, S: Scope, R> CopyOut<'p, S, R> {
    /// All rows, one after the other, as owned values, while the server still makes them: they travel in the binary form, and the server waits
    /// for the program. Dropping the stream in the middle ends the query, and gives the connection up.
    ///
    /// In a session it holds the session. Relations of [`with`](Select::with) are not loaded.
    ///
    /// # Errors
    /// The server's; those of the stream also [`Decode`](ErrorKind::Decode) for a row that does not fit.
    pub async fn rows<W: Writer>(
        self,
        from: W,
    ) -> Result<impl Stream<Item = Result<R>> + Send + use<'p, W, S, R>> {
        let statement = self.select.statement_under(&from.criteria())?;
        let receiving = RowsOut::begin(from.lend().await?, statement).await?;
        let reading = Reading { receiving, copy: self, so_far: CopyProgress::default(), told: 0 };
        Ok(stream::try_unfold(reading, async |mut reading| {
            Ok(reading.next().await?.map(|row| (row, reading)))
        }))
    }
}

/// A query whose rows are read.
struct Reading<'p, L: Lease, S, R> {
    receiving: RowsOut<L>,
    copy: CopyOut<'p, S, R>,
    so_far: CopyProgress,
    told: u64,
}

impl<L: Lease, S: Scope, R> Reading<'_, L, S, R> {
    async fn next(&mut self) -> Result<Option<R>> {
        let row = self.receiving.next().await?;
        self.so_far.rows += u64::from(row.is_some());
        self.so_far.bytes += row.as_ref().map_or(0, |row| row.raw_size_bytes() as u64);
        if row.is_none() || self.so_far.bytes - self.told >= CHUNK as u64 {
            self.told = self.so_far.bytes;
            self.copy.progress.tell(self.so_far);
        }
        row.map(|row| self.copy.select.read(&row)).transpose()
    }
}

/// The text of the query, and the statement that binds its values where it has some.
fn statement<S: Scope, R>(select: &Select<S, R>, criteria: &Criteria) -> Result<(String, Option<Statement>)> {
    let name = <S::Root as crate::mapper::Source>::name();
    let rendered = select.restricted(criteria)?.render_with_settings();
    let (text, params) = rendered.map_err(|why| Error::new(ErrorKind::Mapping, why).with_model(name))?;
    Ok((text, settings(params)))
}

fn unwritten<S: Scope>(source: std::io::Error) -> Error {
    let name = <S::Root as crate::mapper::Source>::name();
    let why = format!("the rows of a query of `{name}` could not be written");
    Error::new(ErrorKind::Ended, why).with_model(name).with_source(source)
}

impl<S: Scope, R> fmt::Debug for CopyOut<'_, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyOut").field("select", &self.select).field("progress", &self.progress).finish()
    }
}
