//! Text that somebody else wrote into a table.

use super::super::{Writer, mapper};
use super::progress::Listener;
use super::{CHUNK, ColumnList, CopyFormat, CopyProgress, ended, explain};
use crate::engine::CopyIn as Sending;
use crate::error::Result;
use crate::mapper::{Model, Writable, read_only};
use crate::sql::{quote, quote_table};
use bytes::BytesMut;
use std::fmt;
use std::marker::PhantomData;
use std::pin::pin;
use tokio::io::{AsyncRead, AsyncReadExt};

/// A COPY of text into the table of `M`, made by [`copy_in_text`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::bulk::{CopyFormat, copy_in_text};
/// let csv = "sku,price,title\nT-1,390,\"Tea, green\"\nT-2,450,Tea\n";
/// let columns = (Product::SKU, Product::PRICE_CENTS, Product::TITLE);
/// let copy = copy_in_text::<Product>(columns, CopyFormat::CsvWithHeader, csv.as_bytes());
/// assert_eq!(copy.on_progress(|so_far| println!("{} bytes", so_far.bytes)).execute(&engine).await?, 2);
///
/// let wrong = copy_in_text::<Product>(columns, CopyFormat::Csv, &b"T-3,390,Tea\nT-4,much,Tea\n"[..]);
/// let error = wrong.execute(&engine).await.unwrap_err();
/// assert!(error.to_string().starts_with("row 2 of a COPY into `Product`: invalid input syntax"));
/// assert_eq!(engine.count(select::<Product>()).await?, 2);
/// # Ok(()) }
/// ```
#[must_use = "a copy does nothing before it is run"]
pub struct CopyInText<'p, M, T> {
    columns: Vec<usize>,
    format: CopyFormat,
    text: T,
    progress: Listener<'p>,
    model: PhantomData<fn() -> M>,
}

/// Writes rows that come as text, in bounded memory: `columns` are those of a line, in their order. The server reads the text, so that it
/// is whatever PostgreSQL takes; defaults of the model that the database does not know stand for nothing.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Customer};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::bulk::{CopyFormat, copy_in_text};
/// let lines = "Ann\tann@example.org\t41\nBea\tbea@example.org\t\\N\n";
/// let columns = (Customer::NAME, Customer::EMAIL, Customer::AGE);
/// let copy = copy_in_text::<Customer>(columns, CopyFormat::Text, lines.as_bytes()); // or a file, or the body of a request
/// assert_eq!(copy.execute(&engine).await?, 2);
/// # Ok(()) }
/// ```
pub fn copy_in_text<M: Writable>(
    columns: impl ColumnList<M>,
    format: CopyFormat,
    text: impl AsyncRead + Send,
) -> CopyInText<'static, M, impl AsyncRead + Send> {
    let mut all = Vec::new();
    columns.push_to(&mut all);
    CopyInText { columns: all, format, text, progress: Listener::default(), model: PhantomData }
}

impl<'p, M: Model, T: AsyncRead + Send> CopyInText<'p, M, T> {
    /// Tells how far it is, in bytes.
    pub fn on_progress<'q>(self, listener: impl FnMut(CopyProgress) + Send + 'q) -> CopyInText<'q, M, T>
    where
        'p: 'q,
    {
        CopyInText { progress: Listener(Some(Box::new(listener))), ..self }
    }

    /// Runs it; gives the number of rows. Nothing is written before all of them are.
    ///
    /// # Errors
    /// [`ReadOnly`](crate::ErrorKind::ReadOnly) for a column that only the database or the flush may write;
    /// [`Ended`](crate::ErrorKind::Ended) when the text cannot be read; the server's, which name the row.
    pub async fn execute(self, writer: impl Writer) -> Result<u64> {
        let sql = self.sql()?;
        let Self { text, mut progress, .. } = self;
        let (mut text, mut so_far) = (pin!(text), CopyProgress::default());
        let mut sending = Sending::begin(writer.lend().await?, sql).await?;
        let mut chunk = BytesMut::with_capacity(CHUNK);
        loop {
            chunk.reserve(CHUNK);
            match text.read_buf(&mut chunk).await {
                Ok(0) => break,
                Ok(bytes) => so_far.bytes += bytes as u64,
                Err(source) => {
                    let error = ended::<M>("the text could not be read", source.into());
                    sending.abort(&error.to_string());
                    return Err(error);
                }
            }
            sending.send(chunk.split().freeze()).await?;
            progress.tell(so_far);
        }
        sending.finish().await.map_err(explain::<M>)
    }

    fn sql(&self) -> Result<String> {
        let def = mapper::<M>()?.def;
        let mut names = Vec::with_capacity(self.columns.len());
        for column in self.columns.iter().map(|column| &def.columns[*column]) {
            if !column.is_given() || column.version.is_some() {
                return Err(read_only(def, column));
            }
            names.push(quote(column.name));
        }
        Ok(format!("COPY {} ({}) FROM STDIN {}", quote_table(def.table), names.join(", "), self.format.sql()))
    }
}

impl<M: Model, T> fmt::Debug for CopyInText<'_, M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = format!("CopyInText<{}>", M::def().name);
        f.debug_struct(&name)
            .field("format", &self.format)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}
