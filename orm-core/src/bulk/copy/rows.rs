//! Rows of the program into a table.

use super::super::row::{Cell, Row};
use super::super::{InsertRow, Values, Writer, unset};
use super::encoder::Encoder;
use super::progress::Listener;
use super::{CHUNK, CopyProgress, ended, explain};
use crate::engine::{CopyIn as Sending, Lease};
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{IntoModel, Model, Writable};
use crate::sql::{quote, quote_table};
use futures_util::stream::{self, Stream, StreamExt};
use std::error::Error as StdError;
use std::fmt;
use std::marker::PhantomData;
use std::pin::pin;

type BoxError = Box<dyn StdError + Send + Sync>;

/// A COPY of rows into the table of `M`, made by [`copy_in`] and [`copy_in_stream`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::bulk::copy_in;
/// let teas = |from: i64| (from..from + 5_000).map(|n| Product::builder().sku(n.to_string()).title("Tea").price_cents(n));
/// assert_eq!(copy_in::<Product>(teas(0)).execute(&engine).await?, 5_000);
///
/// let mut session = engine.session(); // a part of its transaction
/// copy_in::<Product>(teas(5_000)).on_progress(|so_far| println!("{} rows", so_far.rows)).execute(&mut session).await?;
/// session.rollback().await?;
/// assert_eq!(engine.count(select::<Product>()).await?, 5_000);
///
/// let error = copy_in::<Product>(teas(4_999)).execute(&engine).await.unwrap_err();
/// assert!(error.is_unique_violation());
/// assert!(error.to_string().starts_with("row 1 of a COPY into `Product`: a row of `product` with this (sku)=(4999)"));
/// # Ok(()) }
/// ```
#[must_use = "a copy does nothing before it is run"]
pub struct CopyIn<'p, M, S> {
    rows: S,
    progress: Listener<'p>,
    model: PhantomData<fn() -> M>,
}

/// Writes any number of rows in bounded memory, in the binary form, or as text where they have composites or arrays of named types: objects, builders of them, [`Values`] of some columns, or a `Result` of
/// those, whose error ends it.
///
/// All rows give the same columns as the first one. As in an [`insert`](super::super::insert) defaults of the model stand for what
/// [`Values`] do not give, relations are not followed, and what was written does not come back. It takes three round trips.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::{ErrorKind, bulk::copy_in};
/// let lines = ["T-1 390", "T-2 450", "T-3 much"];
/// let teas = lines.map(|line| {
///     let (sku, price) = line.split_once(' ').expect("two words");
///     Ok::<_, std::num::ParseIntError>(Product::builder().sku(sku).title("Tea").price_cents(price.parse()?))
/// });
/// let error = copy_in::<Product>(teas).execute(&engine).await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Ended);
/// assert_eq!(error.to_string(), "row 3 could not be made for a COPY into `Product`, and nothing was written");
/// assert_eq!(engine.count(select::<Product>()).await?, 0);
/// # Ok(()) }
/// ```
pub fn copy_in<M: Writable>(
    rows: impl IntoIterator<Item = impl CopyRow<M>, IntoIter: Send>,
) -> CopyIn<'static, M, impl Stream<Item = Result<Row<M>, BoxError>> + Send> {
    copy_in_stream(stream::iter(rows))
}

/// [`copy_in`] of the rows of a stream, such as one that reads them from somewhere else.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use futures_util::{StreamExt, stream};
/// use orm_core::bulk::copy_in_stream;
/// let teas = stream::iter(1..=3).then(async |n| Product::builder().sku(n.to_string()).title("Tea").price_cents(n));
/// assert_eq!(copy_in_stream::<Product>(teas).execute(&engine).await?, 3);
/// # Ok(()) }
/// ```
pub fn copy_in_stream<M: Writable>(
    rows: impl Stream<Item = impl CopyRow<M>> + Send,
) -> CopyIn<'static, M, impl Stream<Item = Result<Row<M>, BoxError>> + Send> {
    CopyIn { rows: rows.map(CopyRow::into_row), progress: Listener::default(), model: PhantomData }
}

/// What [`copy_in`] takes: what an [`insert`](super::super::insert) takes, or a `Result` of it.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::bulk::{CopyRow, Values};
/// fn is_row<R: CopyRow<Product>>() {}
/// is_row::<Product>();
/// is_row::<Values<Product>>();
/// is_row::<Result<Product, std::io::Error>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no row of `{M}`",
    label = "expected a `{M}`, a builder of one whose required columns are all set, `Values<{M}>`, or a `Result` of them"
)]
pub trait CopyRow<M> {
    /// The row, or the error that ends the copy.
    #[doc(hidden)]
    fn into_row(self) -> Result<Row<M>, BoxError>;
}

#[diagnostic::do_not_recommend]
impl<N: IntoModel> CopyRow<N::Model> for N {
    fn into_row(self) -> Result<Row<N::Model>, BoxError> {
        Ok(InsertRow::into_row(self))
    }
}

impl<M: Model> CopyRow<M> for Values<M> {
    fn into_row(self) -> Result<Row<M>, BoxError> {
        Ok(InsertRow::into_row(self))
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, R: InsertRow<M>, E: Into<BoxError>> CopyRow<M> for Result<R, E> {
    fn into_row(self) -> Result<Row<M>, BoxError> {
        self.map(InsertRow::into_row).map_err(Into::into)
    }
}

impl<'p, M: Model, S: Stream<Item = Result<Row<M>, BoxError>> + Send> CopyIn<'p, M, S> {
    /// Tells how far it is.
    pub fn on_progress<'q>(self, listener: impl FnMut(CopyProgress) + Send + 'q) -> CopyIn<'q, M, S>
    where
        'p: 'q,
    {
        CopyIn { rows: self.rows, progress: Listener(Some(Box::new(listener))), model: PhantomData }
    }

    /// Runs it; gives the number of rows. Nothing is written before all of them are.
    ///
    /// # Errors
    /// [`Unset`](ErrorKind::Unset) for a required column without a value, [`Contradiction`](ErrorKind::Contradiction) for a row that gives
    /// other columns than the first one, [`Encode`](ErrorKind::Encode) for a value without a binary form, [`Ended`](ErrorKind::Ended) for an
    /// error of the rows themselves, and the server's: all of them name the row.
    /// [`CommitOutcomeUnknown`](ErrorKind::CommitOutcomeUnknown) when the answer did not come.
    pub async fn execute(self, writer: impl Writer) -> Result<u64> {
        let Self { rows, mut progress, model: _ } = self;
        let mut rows = pin!(rows);
        let Some(first) = rows.next().await else { return Ok(0) };
        let mut first = first.map_err(|source| ended::<M>(&unmade(1), source))?;
        first.fill_shared()?;
        let mut shape = Shape::of(&first)?;
        shape.push(&mut first)?;
        let mut sending = Sending::begin(writer.lend().await?, shape.text()).await?;
        while let Some(row) = rows.next().await {
            let number = shape.progress.rows + 1;
            let pushed = match row {
                Ok(mut row) => shape.push(&mut row),
                Err(source) => Err(ended::<M>(&unmade(number), source)),
            };
            if let Err(error) = pushed {
                sending.abort(&error.to_string());
                return Err(error);
            }
            if shape.encoder.len() >= CHUNK {
                shape.send(&mut sending).await?;
                progress.tell(shape.progress);
            }
        }
        shape.encoder.end();
        shape.send(&mut sending).await?;
        let written = sending.finish().await.map_err(explain::<M>)?;
        progress.tell(shape.progress);
        Ok(written)
    }
}

/// The columns that all rows give, and the rows on their way.
struct Shape<M> {
    columns: Vec<usize>,
    encoder: Encoder,
    progress: CopyProgress,
    model: PhantomData<fn() -> M>,
}

impl<M: Model> Shape<M> {
    /// The columns that the first row gives.
    fn of(first: &Row<M>) -> Result<Self> {
        let cells = first.cells(0)?;
        let is_given = |column: &usize| !matches!(cells[*column], Cell::Unset);
        let columns: Vec<usize> = (0..cells.len()).filter(is_given).collect();
        if columns.is_empty() {
            let why = format!("the first row of a COPY into `{}` gives no column", M::def().name);
            return Err(Error::new(ErrorKind::Unset, why).with_model(M::def().name));
        }
        let encoder = Encoder::new(columns.iter().map(|column| M::def().columns[*column].sql_type));
        Ok(Self { columns, encoder, progress: CopyProgress::default(), model: PhantomData })
    }

    fn text(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|i| quote(M::def().columns[*i].name)).collect();
        let (table, format) = (quote_table(M::def().table), self.encoder.format());
        format!("COPY {table} ({}) FROM STDIN (FORMAT {format})", names.join(", "))
    }

    /// Encodes a row.
    fn push(&mut self, row: &mut Row<M>) -> Result<()> {
        let number = usize::try_from(self.progress.rows).unwrap_or(usize::MAX);
        row.fill_shared()?;
        let cells = row.cells(number)?;
        self.encoder.row(self.columns.len());
        for (column, cell) in cells.iter().enumerate() {
            match (self.columns.contains(&column), cell) {
                (false, Cell::Unset) => {}
                (true, Cell::Unset) => {
                    return Err(differs::<M>(
                        number,
                        column,
                        "is left to the database, and the first row gives it",
                    ));
                }
                (false, _) => {
                    return Err(differs::<M>(
                        number,
                        column,
                        "is given, and the first row leaves it to the database",
                    ));
                }
                (true, cell) => self.encoder.value(cell).map_err(|source| {
                    let name = M::def().columns[column].name;
                    let place = format!("`{name}` of row {} of a COPY into `{}`", number + 1, M::def().name);
                    Error::encode(place, source).with_model(M::def().name).with_columns(vec![name.to_owned()])
                })?,
            }
        }
        self.progress.rows += 1;
        Ok(())
    }

    async fn send<L: Lease>(&mut self, sending: &mut Sending<L>) -> Result<()> {
        let bytes = self.encoder.take();
        self.progress.bytes += bytes.len() as u64;
        sending.send(bytes).await
    }
}

fn unmade(number: u64) -> String {
    format!("row {number} could not be made")
}

/// The error of a row that gives other columns than the first one.
fn differs<M: Model>(number: usize, column: usize, why: &str) -> Error {
    let why = format!("{why}: the rows of a COPY give the same columns");
    let error = unset::<M>(number, column, &why);
    let why = error.to_string();
    error.retold(ErrorKind::Contradiction, why)
}

impl<M: Model, S> fmt::Debug for CopyIn<'_, M, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(&format!("CopyIn<{}>", M::def().name))
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}
