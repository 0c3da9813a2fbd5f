//! INSERT as a value, and upserts.

use super::change::{Change, Written};
use super::conflict::{ConflictTarget, OnConflict};
use super::row::{Cell, InsertRow, Row};
use super::{Returning, Writer, mapper};
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{Mapper, Model, Writable};
use crate::query::{Inserted, Is, Selects};
use crate::sql::{ArrayParam, Conflict, ConflictAction, InsertInto, InsertSource, Param};
use crate::types::ColumnValue;
use std::fmt;
use std::marker::PhantomData;

/// An INSERT into the table of `M`, made by [`insert`] and [`insert_from`](super::insert_from).
///
/// It is a value, which runs where it is told to: on `&engine`, on `&mut connection` inside its transaction, or on `&mut session`, whose
/// objects then have what the database has.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::{bulk::insert, query::excluded};
/// let teas = |prices: [i64; 2]| {
///     prices.into_iter().zip(["T-1", "T-2"]).map(|(price, sku)| {
///         Product::builder().sku(sku).title("Tea").price_cents(price)
///     })
/// };
/// let ids: Vec<i64> = insert::<Product>(teas([390, 450])).returning(Product::ID).fetch_all(&engine).await?;
/// assert_eq!(ids.len(), 2);
///
/// // Those that are there get the new price, when it is lower; a column alone is set to the new value.
/// let cheaper = insert::<Product>(teas([380, 460]))
///     .on_conflict(Product::SKU)
///     .when(Product::PRICE_CENTS.gt(excluded(Product::PRICE_CENTS)))
///     .do_update((Product::PRICE_CENTS, Product::TITLE.set_to("Cheap tea")));
/// assert_eq!(cheaper.execute(&engine).await?, 1);
///
/// let mut session = engine.session();
/// let tea = session.query::<Product>().filter(Product::SKU.eq("T-1")).one().await?;
/// insert::<Product>(teas([1, 2])).on_conflict(Product::SKU).do_update_given().execute(&mut session).await?;
/// assert_eq!((&session[tea].title[..], session[tea].price_cents), ("Tea", 1));
/// session.commit().await?;
/// assert_eq!(insert::<Product>(teas([7, 8])).skip_existing().execute(&engine).await?, 0);
/// # Ok(()) }
/// ```
#[must_use = "an insert does nothing before it is run"]
pub struct Insert<M> {
    pub(super) statement: Result<InsertInto>,
    is_empty: bool,
    is_unrestricted: bool,
    model: PhantomData<fn() -> M>,
}

/// Inserts rows, in one statement whatever their number: objects, builders of them, or [`Values`](super::Values) of some columns.
///
/// Rows need not give the same columns: what one of them leaves to the database, the database fills in. Defaults of the model stand for
/// what [`Values`](super::Values) do not give. Relations are not followed, and no listener of objects is asked. What is wrong with a row is
/// told when the statement runs, before anything is sent.
///
/// Many more rows than a program wants to have in memory are the work of [`copy_in`](super::copy_in).
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::bulk::{Values, insert};
/// let ann = Customer::builder().name("Ann").email("ann@example.org");
/// assert_eq!(insert::<Customer>([ann]).execute(&engine).await?, 1);
/// let row = |n: i64| Values::new().set(Customer::NAME, "Bea").set(Customer::EMAIL, n.to_string());
/// assert_eq!(insert((0..1_000).map(row)).execute(&engine).await?, 1_000);
///
/// let nameless = Values::new().set(Customer::EMAIL, "x");
/// let error = insert::<Customer>([row(7), nameless]).execute(&engine).await.unwrap_err();
/// assert_eq!(error.to_string(), "`name` of row 2 (of a bulk call with `Customer`) has no value");
/// # Ok(()) }
/// ```
pub fn insert<M: Writable>(rows: impl IntoIterator<Item = impl InsertRow<M>>) -> Insert<M> {
    let rows: Vec<Row<M>> = rows.into_iter().map(InsertRow::into_row).collect();
    let is_empty = rows.is_empty();
    Insert { is_empty, ..Insert::of(statement(rows)) }
}

impl<M: Model> Insert<M> {
    pub(super) const fn of(statement: Result<InsertInto>) -> Self {
        Self { statement, is_empty: false, is_unrestricted: false, model: PhantomData }
    }

    /// Rows that are there already, by any of their unique columns, are left alone.
    pub fn skip_existing(self) -> Self {
        self.in_conflict(Conflict { target: Vec::new(), among: Vec::new(), action: ConflictAction::Nothing })
    }

    /// What to do with rows that are there already, by a column or a tuple of columns that are the primary key, a unique constraint or a
    /// unique index of the table.
    pub fn on_conflict<T: ConflictTarget<M>>(self, target: T) -> OnConflict<M> {
        OnConflict::new(self, target.names())
    }

    pub(super) fn in_conflict(mut self, conflict: Conflict) -> Self {
        if let Ok(statement) = &mut self.statement {
            statement.conflict = Some(conflict);
        }
        self
    }

    /// Without the [criteria](macro@crate::Model) of models and sessions: an upsert updates also rows that they hide, and leaves those
    /// alone otherwise.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::bulk::insert;
    /// let mut session = engine.session();
    /// let tea = |cents| Product::builder().sku("T-1").title("Tea").price_cents(cents);
    /// session.add(tea(390));
    /// session.restrict::<Product>(Product::PRICE_CENTS.lt(100));
    /// let upsert = |cents| insert::<Product>([tea(cents)]).on_conflict(Product::SKU).do_update(Product::PRICE_CENTS);
    /// assert_eq!(upsert(420).execute(&mut session).await?, 0);
    /// assert_eq!(upsert(420).unrestricted().execute(&mut session).await?, 1);
    /// # Ok(()) }
    /// ```
    pub fn unrestricted(mut self) -> Self {
        self.is_unrestricted = true;
        self
    }

    /// What comes back of each row that was inserted or updated, in any order: columns, expressions, [`whole`](crate::query::whole) models,
    /// [`was_inserted`](crate::query::was_inserted), or a tuple of up to twelve.
    pub fn returning<C, I, Q: Selects<C, I>>(self, columns: C) -> Returning<M, Q::Row>
    where
        Inserted<M>: Is<Q>,
    {
        let mut values = Vec::new();
        Q::push_to(columns, &mut values);
        Returning::new(self.into_change(), values, Q::read_row)
    }

    /// Runs it; gives the number of rows that were inserted or updated.
    ///
    /// # Errors
    /// [`Unset`](ErrorKind::Unset) for a required column without a value, naming row and column; [`ReadOnly`](ErrorKind::ReadOnly) for one
    /// that only the database may write; [`Contradiction`](ErrorKind::Contradiction) when an upsert has two rows with the same key, naming
    /// it; the server's; in a session [`NeedsRollback`](ErrorKind::NeedsRollback).
    pub async fn execute(self, writer: impl Writer) -> Result<u64> {
        Ok(writer.change::<M>(self.into_change()?).await?.affected)
    }

    pub(crate) fn into_change(self) -> Result<Change> {
        let (is_empty, is_unrestricted) = (self.is_empty, self.is_unrestricted);
        let change = Change::new::<M>(Written::Insert(Box::new(self.statement?)))?;
        Ok(Change { is_empty, is_unrestricted, ..change })
    }
}

/// Shows the SQL text.
impl<M: Model> fmt::Display for Insert<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.statement.as_ref().map(InsertInto::render);
        match text {
            Ok(Ok(statement)) => f.write_str(&statement.text),
            Ok(Err(why)) => write!(f, "<{why}>"),
            Err(error) => write!(f, "<{error}>"),
        }
    }
}

impl<M: Model> fmt::Debug for Insert<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Insert({self})")
    }
}

/// The statement that inserts some rows.
fn statement<M: Model>(mut rows: Vec<Row<M>>) -> Result<InsertInto> {
    let mapper = mapper::<M>()?;
    rows.iter_mut().try_for_each(Row::fill_shared)?;
    let cells = rows.iter().enumerate().map(|(number, row)| row.cells(number));
    let cells: Vec<Vec<Cell<'_>>> = cells.collect::<Result<_>>()?;
    let is_given = |column: &usize| cells.iter().any(|row| !matches!(row[*column], Cell::Unset));
    let columns: Vec<usize> = (0..M::def().columns.len()).filter(is_given).collect();
    let (columns, source) = match &cells[..] {
        [row] => {
            let values: Vec<Param> = columns.iter().map(|i| param::<M>(&row[*i], *i)).collect();
            mapper.check_sendable(&columns, &values)?;
            (columns.clone(), InsertSource::Row(values))
        }
        rows if columns.is_empty() && !rows.is_empty() => made(mapper, rows.len())?,
        rows => {
            let defaults = columns.iter().map(|column| {
                let is_left = rows.iter().any(|row| matches!(row[*column], Cell::Unset));
                default(mapper, *column).filter(|_| is_left)
            });
            let arrays: Vec<Param> = columns.iter().map(|column| array::<M>(rows, *column)).collect();
            mapper.check_sendable(&columns, &arrays)?;
            (columns.clone(), InsertSource::Rows { arrays, defaults: defaults.collect() })
        }
    };
    let columns = mapper.typed(&columns);
    Ok(InsertInto { table: M::def().table, columns, source, conflict: None, returning: Vec::new() })
}

fn param<M: Model>(cell: &Cell<'_>, column: usize) -> Param {
    match cell {
        Cell::Made(param) => param.clone(),
        Cell::Value(value) => Param::of(*value),
        Cell::Unset | Cell::Null => Param::null(M::def().columns[column].sql_type),
    }
}

fn array<M: Model>(rows: &[Vec<Cell<'_>>], column: usize) -> Param {
    let mut array = ArrayParam::with_capacity(M::def().columns[column].sql_type, rows.len());
    for row in rows {
        match &row[column] {
            Cell::Made(param) => array.push_param(param),
            Cell::Value(value) => array.push(ColumnValue::Value(*value)),
            Cell::Unset | Cell::Null => array.push(ColumnValue::Null),
        }
    }
    array.finish()
}

/// What the database fills a column with.
fn default(mapper: &Mapper, column: usize) -> Option<String> {
    match &mapper.generated_key {
        Some(key) if key.column == column => Some(key.expression.clone()),
        _ => mapper.def.columns[column].server_default.map(str::to_owned),
    }
}

/// Many rows that give nothing: without any column there is nothing that could be counted, so one is written out.
fn made(mapper: &Mapper, rows: usize) -> Result<(Vec<usize>, InsertSource)> {
    let name = mapper.def.name;
    let why = || {
        let why = format!("rows of `{name}` without any value cannot be inserted together");
        Error::new(ErrorKind::Unset, why).with_model(name)
    };
    let mut fills = (0..mapper.def.columns.len()).filter_map(|i| Some((i, default(mapper, i)?)));
    let (column, expression) = fills.next().ok_or_else(why)?;
    let count = i64::try_from(rows).unwrap_or(i64::MAX);
    Ok((vec![column], InsertSource::Made(expression, count)))
}
