//! Asking for a page.

use super::Page;
use super::cursor::{Cursor, Place, Side, Values};
use super::keyset::Keyset;
use crate::engine::{Connection, Engine, Executor};
use crate::error::{Error, ErrorKind, Result, SqlState};
use crate::mapper::Source;
use crate::query::{Scope, Select};
use crate::sql;
use bytes::Bytes;
use postgres_types::{FromSql, Type};
use std::error::Error as StdError;
use tokio_postgres::Row;

/// Where a page begins.
#[derive(Clone, Debug)]
enum Start {
    After(Option<String>),
    Before(Option<String>),
    Number(u32),
}

/// A query for one page: made by [`Select::page_after`], [`Select::page_before`] and [`Select::page_number`], and run with
/// [`fetch_page`](Self::fetch_page), or in a session with [`Session::page`](crate::Session::page) and
/// [`Session::fetch_page`](crate::Session::fetch_page).
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::PageQuery;
/// fn dearest(cursor: Option<&str>) -> PageQuery<Product, Product> {
///     select::<Product>().order_by(Product::PRICE_CENTS.desc()).page_after(cursor, 20)
/// }
/// dearest(None);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a query does nothing before it is fetched"]
pub struct PageQuery<S: Scope, R> {
    pub(crate) select: Select<S, R>,
    from: Start,
    size: u32,
}

/// # Pages
///
/// The order of the query is made whole by the primary keys of its models, so that each row has its place; a
/// [`Cursor`] says such a place, by its values. Whatever is written between two pages, no row that stays where it is comes twice or not at all, and the
/// server looks for the place instead of counting rows to it: an index on the order serves all pages alike.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # session.add_all((1..=5).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(n / 2)));
/// # session.commit().await?;
/// let products = || columns(Product::SKU).order_by(Product::PRICE_CENTS.desc());
/// let first = products().page_after(None, 2).fetch_page(&engine).await?;
/// assert_eq!(first.rows, ["T-5", "T-4"]);
/// let second = products().page_after(first.next.as_deref(), 2).fetch_page(&engine).await?;
/// assert_eq!(second.rows, ["T-3", "T-2"]); // as dear as each other: the greater key comes first
/// let back = products().page_before(second.previous.as_deref(), 2).fetch_page(&engine).await?;
/// assert_eq!(back, first);
/// let last = products().page_before(None, 2).fetch_page(&engine).await?;
/// assert_eq!((last.rows, last.next), (vec!["T-2".to_owned(), "T-1".to_owned()], None));
/// let jump = products().page_number(2, 2).fetch_page(&engine).await?; // the first page is number 0
/// assert_eq!(jump.rows, ["T-1"]);
/// # Ok(()) }
/// ```
impl<S: Scope, R> Select<S, R> {
    /// The page of so many rows behind a cursor, or from the beginning.
    ///
    /// A cursor that is garbled, or of another order, is an error of the page when it is fetched.
    pub fn page_after(self, cursor: Option<&str>, rows: u32) -> PageQuery<S, R> {
        PageQuery { select: self, from: Start::After(cursor.map(str::to_owned)), size: rows }
    }

    /// The page of so many rows before a cursor, or at the end; the rows come in the order of the query.
    pub fn page_before(self, cursor: Option<&str>, rows: u32) -> PageQuery<S, R> {
        PageQuery { select: self, from: Start::Before(cursor.map(str::to_owned)), size: rows }
    }

    /// The page with this number; the first one is 0. The server counts all rows before it, and rows that come and go in between move
    /// those behind them to another page: what a number cannot have, the page's cursors have.
    pub fn page_number(self, number: u32, rows: u32) -> PageQuery<S, R> {
        PageQuery { select: self, from: Start::Number(number), size: rows }
    }
}

/// What a page is made of, when its rows are there.
#[derive(Debug)]
pub(crate) struct Planned {
    keyset: Keyset,
    mark: u64,
    from: Start,
    place: Option<Place>,
    size: usize,
    name: &'static str,
}

/// What the first and the last row of a page have in the order, and whether there are more in its direction.
#[derive(Debug)]
pub(crate) struct Ends {
    first: Option<Values>,
    last: Option<Values>,
    has_more: bool,
}

impl<S: Scope, R> PageQuery<S, R> {
    /// The rows of the page, as owned values.
    ///
    /// # Errors
    /// [`Cursor`](ErrorKind::Cursor) for a text that is no cursor of this query and order. [`Config`](ErrorKind::Config) for a query whose rows
    /// have no place: groups, distinct values, the order of a window, one with a limit. As [`Select::fetch_all`].
    pub async fn fetch_page(self, executor: impl Executor) -> Result<Page<R>> {
        self.select.no_paths()?;
        let (select, planned) = self.plan()?;
        let reply = executor.run(select.statement()?).await;
        let mut rows = reply.map_err(|error| planned.blame(error))?.rows;
        let ends = planned.cut(&mut rows)?;
        let rows = rows.iter().map(|row| select.read(row)).collect::<Result<_>>()?;
        Ok(planned.page(rows, ends))
    }

    /// The query that is to be sent, and what makes the page of its rows.
    pub(crate) fn plan(self) -> Result<(Select<S, R>, Planned)> {
        let Self { select, from, size } = self;
        let name = S::Root::name();
        let ast = select.ast.as_ref().map_err(|why| Error::new(ErrorKind::Mapping, why.as_str()))?;
        check(ast, size, name)?;
        let registry = select.registry().ok_or_else(|| refused("nothing tells its rows apart", name))?;
        let keyset = Keyset::of(ast, registry, name)?;
        check_distinct(ast, &keyset, name)?;
        let mark = keyset.mark(ast)?;
        let place = match &from {
            Start::After(Some(cursor)) | Start::Before(Some(cursor)) => {
                Some(Place::read(cursor, mark, &keyset.types(), name)?)
            }
            _ => None,
        };
        let planned = Planned { keyset, mark, from, place, size: size as usize, name };
        let select = select.change(|ast| planned.ask(ast));
        Ok((select, planned))
    }
}

/// Whether a query can come in pages.
fn check(ast: &sql::Select, size: u32, name: &'static str) -> Result<()> {
    let why = if size == 0 {
        "expected at least one row a page"
    } else if ast.group.is_some() {
        "its rows are groups; use `limit` and `offset`"
    } else if !ast.distinct_on.is_empty() {
        "it takes the first of some rows; use `limit` and `offset`"
    } else if ast.limit.or(ast.offset).is_some() {
        "it has a limit or an offset of its own"
    } else {
        return Ok(());
    };
    Err(refused(why, name))
}

/// Equal rows come once: that their keys differ must not make them differ.
fn check_distinct(ast: &sql::Select, keyset: &Keyset, name: &'static str) -> Result<()> {
    match ast.distinct && !(ast.values.is_empty() && keyset.is_of_root()) {
        true => Err(refused("equal rows come once, whose keys differ; use `limit` and `offset`", name)),
        false => Ok(()),
    }
}

fn refused(why: &str, name: &'static str) -> Error {
    Error::new(ErrorKind::Config, format!("a query of `{name}` cannot come in pages: {why}")).with_model(name)
}

impl Planned {
    const fn is_backward(&self) -> bool {
        matches!(self.from, Start::Before(_))
    }

    /// Changes a query to that of the page, and one row more.
    fn ask(&self, ast: &mut sql::Select) {
        let keyset = if self.is_backward() { self.keyset.reversed() } else { self.keyset.clone() };
        if let Some(place) = &self.place {
            // Backwards, what is behind a row is before it.
            let side = match (place.side, self.is_backward()) {
                (Side::Before, false) | (Side::Behind, true) => Side::Before,
                _ => Side::Behind,
            };
            ast.filter.push(keyset.behind(&Place { side, values: place.values.clone() }));
        }
        if let Start::Number(number) = self.from {
            ast.offset = i64::try_from(self.size).ok().map(|size| i64::from(number).saturating_mul(size));
        }
        ast.limit = i64::try_from(self.size).ok().map(|size| size + 1);
        ast.order = keyset.order();
        ast.beside = keyset.keys();
    }

    /// Leaves the rows of the page; several that follow each other may be one, with what is joined to it.
    pub(crate) fn cut(&self, rows: &mut Vec<Row>) -> Result<Ends> {
        let mut ends = Ends { first: None, last: None, has_more: false };
        let mut found = 0;
        for (at, row) in rows.iter().enumerate() {
            let values = self.values(row)?;
            if ends.last.as_ref() == Some(&values) {
                continue;
            }
            if found == self.size {
                ends.has_more = true;
                rows.truncate(at);
                break;
            }
            found += 1;
            ends.first.get_or_insert_with(|| values.clone());
            ends.last = Some(values);
        }
        Ok(ends)
    }

    fn values(&self, row: &Row) -> Result<Values> {
        let width = self.keyset.types().len();
        let first = row.len().saturating_sub(width);
        let values = (first..row.len()).map(|at| Ok(row.try_get::<_, Option<Raw>>(at)?.map(|raw| raw.0)));
        let values: Result<Values, tokio_postgres::Error> = values.collect();
        values.map_err(|source| Error::decode("the place of a row", source.into()))
    }

    /// The page of these rows, which are in the order in which they were asked for.
    pub(crate) fn page<R>(&self, mut rows: Vec<R>, ends: Ends) -> Page<R> {
        let Ends { mut first, mut last, has_more } = ends;
        if self.is_backward() {
            rows.reverse();
            std::mem::swap(&mut first, &mut last);
        }
        let has_others = match self.from {
            Start::Number(number) => number > 0,
            _ => self.place.is_some(),
        };
        let (has_next, has_previous) =
            if self.is_backward() { (has_others, has_more) } else { (has_more, has_others) };
        let end = |is_there: bool, side, values: Option<Values>| {
            let place = values.map(|values| Place { side, values }).or_else(|| self.place.clone());
            place.filter(|_| is_there).map(|place| place.write(self.mark))
        };
        let next: Option<Cursor> = end(has_next, Side::Behind, last);
        Page { rows, next, previous: end(has_previous, Side::Before, first) }
    }

    /// An error of the server that is one of a value in the cursor.
    pub(crate) fn blame(&self, error: Error) -> Error {
        let of_values = matches!(
            error.code(),
            Some(
                &SqlState::INVALID_BINARY_REPRESENTATION
                    | &SqlState::PROTOCOL_VIOLATION
                    | &SqlState::CHARACTER_NOT_IN_REPERTOIRE
            )
        );
        if self.place.is_none() || !of_values {
            return error;
        }
        let why = format!("a cursor with values that are none came to a query of `{}`", self.name);
        Error::new(ErrorKind::Cursor, why).with_model(self.name).with_source(error)
    }
}

/// A value in binary form.
struct Raw(Bytes);

impl<'a> FromSql<'a> for Raw {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(Bytes::copy_from_slice(raw)))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

macro_rules! fetches {
    ($ty:ty, $self:ident, $($receiver:tt)+) => {
        impl $ty {
            /// The rows of a page, as owned values.
            ///
            /// # Errors
            /// As [`PageQuery::fetch_page`].
            pub async fn fetch_page<S: Scope, R>($($receiver)+, page: PageQuery<S, R>) -> Result<Page<R>> {
                page.fetch_page($self).await
            }
        }
    };
}
fetches!(Engine, self, &self);
fetches!(Connection, self, &mut self);
