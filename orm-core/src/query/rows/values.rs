//! Rows of values, which have positions in place of names.

use super::given::{Parts, RowType, inner, parts};
use crate::error::Result;
use crate::mapper::{Column, Computed, Layout, Source};
use crate::query::Select;
use crate::schema::TableName;
use crate::sql::Query;
use crate::types::{ColumnType, each_tuple};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::LazyLock;
use tokio_postgres::Row;

/// Rows that are an `R` each, a value or a tuple of values: what several queries of values give together.
///
/// Its columns have no names. [`Select::by_position`] gives them to a closure:
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # session.add_all(["Ann", "Bea"].map(|name| Customer::builder().name(name).email(format!("{name}@example.org"))));
/// # session.add_all(["Ann", "Tea"].map(|title| Product::builder().sku(title).title(title).price_cents(390)));
/// # session.commit().await?;
/// use orm_core::query::{Select, ValueRows};
/// let all: Select<ValueRows<(String, i64)>, (String, i64)> =
///     columns((Customer::NAME, Customer::ID)).union(columns((Product::TITLE, Product::PRICE_CENTS)));
/// let dear = all.by_position(|all, (name, number)| all.filter(number.gt(100)).order_by(name.desc()));
/// assert_eq!(dear.fetch_all(&engine).await?, [("Tea".to_owned(), 390), ("Ann".to_owned(), 390)]);
/// # Ok(()) }
/// ```
pub struct ValueRows<R>(PhantomData<fn() -> R>);

/// The most columns of a row of the database: `MaxTupleAttributeNumber`, which limits what a SELECT gives.
const MOST: usize = 1664;

/// What the columns are called in SQL.
static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    static NUMBERS: LazyLock<Vec<String>> = LazyLock::new(|| (1..=MOST).map(|n| n.to_string()).collect());
    NUMBERS.iter().map(String::as_str).collect()
});

impl<R> fmt::Debug for ValueRows<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ValueRows")
    }
}

impl<R: 'static> Source for ValueRows<R> {
    const ALIAS: Option<&'static str> = None;
    type Kind = Computed;

    fn table() -> TableName<'static> {
        TableName::new("rows")
    }

    fn name() -> &'static str {
        "rows of values"
    }

    fn column(index: usize) -> &'static str {
        NAMES[index]
    }
}

/// Rows that several queries can give together: those of a model or of a [`Row`](super::Row), values, and tuples of values. `I` is which of
/// them, which the compiler finds.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::{Select, Standalone, Together};
/// /// What a query gives, each row once.
/// fn once<S: Standalone, R: Together<I>, I>(query: Select<S, R>) -> Select<R::Source, R> {
///     query.clone().union(query)
/// }
/// assert!(once(columns(Customer::NAME)).to_string().ends_with(r#"AS "rows"("1")"#));
/// ```
#[diagnostic::on_unimplemented(
    message = "a row of type `{Self}` is nothing that several queries can give together",
    label = "expected models, `Row`s, or values of columns"
)]
pub trait Together<I>: Sized {
    /// What the rows are for a query of them.
    type Source: Source;

    /// The query as one of several.
    #[doc(hidden)]
    fn parts<S>(select: Select<S, Self>) -> Result<Parts, String>;

    /// How a row of it is read as one of several.
    #[doc(hidden)]
    fn reading<S>(select: &Select<S, Self>) -> fn(&Row, &Layout) -> Result<Self>;
}

/// Rows whose columns have names.
#[derive(Debug)]
#[doc(hidden)]
pub struct OfNames;

/// Rows of values.
#[derive(Debug)]
#[doc(hidden)]
pub struct OfValues;

#[diagnostic::do_not_recommend]
impl<R: RowType> Together<OfNames> for R {
    type Source = R;

    fn parts<S>(select: Select<S, R>) -> Result<Parts, String> {
        parts(select)
    }

    fn reading<S>(_: &Select<S, R>) -> fn(&Row, &Layout) -> Result<R> {
        R::read
    }
}

#[diagnostic::do_not_recommend]
impl<R: Unnamed> Together<OfValues> for R {
    type Source = ValueRows<R>;

    fn parts<S>(select: Select<S, R>) -> Result<Parts, String> {
        unnamed(select)
    }

    fn reading<S>(select: &Select<S, R>) -> fn(&Row, &Layout) -> Result<R> {
        select.decode()
    }
}

/// A value, or a tuple of what a query selects.
#[doc(hidden)]
pub trait Unnamed: 'static {}

#[diagnostic::do_not_recommend]
impl<F: ColumnType + 'static> Unnamed for F {}

/// A query of values, whose columns are called by their positions.
fn unnamed<S, R: 'static>(select: Select<S, R>) -> Result<Parts, String> {
    let select = inner::<S, R, ValueRows<R>>(select)?;
    // What several queries give together has columns in place of values.
    let width = if select.values.is_empty() { select.list.len() } else { select.values.len() };
    let names =
        NAMES.get(..width).ok_or_else(|| format!("a row has at most {MOST} columns, and not {width}"))?;
    Ok((Query::of(select), Cow::Borrowed(names), Cow::Owned(Layout::default())))
}

/// A value, or a tuple of up to twelve, by which the rows of a query can be asked: what [`Select::by_position`] gives its closure.
///
/// ```
/// # use orm_core::prelude::*;
/// use orm_core::query::{ByPosition, ValueRows};
/// let (name, age) = <(String, Option<i32>)>::columns();
/// let _: orm_core::mapper::Column<ValueRows<(String, Option<i32>)>, Option<i32>> = age;
/// assert_eq!((name.name(), age.name()), ("1", "2"));
/// ```
#[diagnostic::on_unimplemented(
    message = "the rows of this query are not asked by position",
    label = "expected values of columns, one or a tuple of up to twelve, without tuples and models in it"
)]
pub trait ByPosition: Sized + 'static {
    /// A column for each value: one, or a tuple.
    type Columns;

    /// The columns.
    fn columns() -> Self::Columns;
}

impl<F: ColumnType + 'static> ByPosition for F {
    type Columns = Column<ValueRows<F>, F>;

    fn columns() -> Self::Columns {
        Column::new(0)
    }
}

macro_rules! tuples {
    ($($ty:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<$($ty: 'static),+> Unnamed for ($($ty,)+) {}

        #[diagnostic::do_not_recommend]
        impl<$($ty: ColumnType + 'static),+> ByPosition for ($($ty,)+) {
            type Columns = ($(Column<ValueRows<Self>, $ty>,)+);

            fn columns() -> Self::Columns {
                let mut positions = 0..;
                let mut next = || positions.next().unwrap_or_default();
                ($(Column::<ValueRows<Self>, $ty>::new(next()),)+)
            }
        }
    };
}
each_tuple!(tuples: A, B, C, D, E, F, G, H, J, K, L, M);

impl<R: ByPosition> Select<ValueRows<R>, R> {
    /// Gives the query and its columns to a closure, which filters and orders it, groups it, or selects of it.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Customer, Product};
    /// let texts = columns(Customer::NAME).union_all(columns(Product::TITLE));
    /// let texts = texts.by_position(|texts, text| texts.filter(text.like("A%")).order_by(text));
    /// assert!(texts.to_string().ends_with(r#"AS "rows"("1") WHERE "1" LIKE $1 ORDER BY "1""#));
    /// ```
    pub fn by_position<T>(self, then: impl FnOnce(Self, R::Columns) -> T) -> T {
        then(self, R::columns())
    }
}
