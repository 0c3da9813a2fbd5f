//! Structs of values that a row of a query gives.

use crate::error::{Error, ErrorKind, Result};
use crate::mapper::Source;
use crate::types::{ColumnValue, ScalarType, SqlType, read_column_into};

/// A struct of values that a row of a query gives, made by `#[derive(Row)]`.
///
/// Each field is a column. What the query selects for it is said by name, in a struct that the derive makes beside it: so the order is of no
/// importance, a field that is forgotten does not compile, and neither does a value of another type.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// use orm_core::query::sum;
/// #[derive(Row, Clone, Debug, PartialEq)]
/// pub struct Spent {
///     pub name: String,
///     pub total: i64,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
/// # let carts = [Cart::builder().products([tea]), Cart::builder().products([tea])];
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
/// # session.commit().await?;
/// let spent = select::<Customer>()
///     .join(Customer::CARTS)
///     .join(Cart::PRODUCTS)
///     .group_by(Customer::NAME)
///     .columns(|name| SpentColumns { total: sum(Product::PRICE_CENTS), name });
/// let rows: Vec<Spent> = engine.fetch_all(spent).await?;
/// assert_eq!(rows, [Spent { name: "Ann".into(), total: 780 }]);
///
/// // Rows of the program's own SQL: columns are found by their names.
/// use orm_core::sql;
/// let rows: Vec<Spent> = sql!("SELECT sum(price_cents)::bigint AS total, title AS name FROM product GROUP BY 2").fetch(&engine).await?;
/// assert_eq!(rows, [Spent { name: "Tea".into(), total: 390 }]);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no struct of values that a query gives",
    label = "not a row",
    note = "put `#[derive(Row)]` on a struct with a field for each column"
)]
pub trait Row: Source + Sized {
    /// The names of the columns.
    #[doc(hidden)]
    const COLUMNS: &'static [&'static str];

    /// Their types.
    #[doc(hidden)]
    const TYPES: &'static [SqlType];

    /// Reads a row; `at` says where a column stands in it.
    ///
    /// # Errors
    /// [`Decode`](ErrorKind::Decode)
    #[doc(hidden)]
    fn read(row: &tokio_postgres::Row, at: impl Fn(usize) -> usize) -> Result<Self>;

    /// The value of a column.
    #[doc(hidden)]
    fn value(&self, column: usize) -> ColumnValue<'_>;
}

/// What a query selects, where it fits into a field of type `F` of a [`Row`]: the same type, or an `Option` of it.
///
/// ```
/// use orm_core::query::Fits;
/// fn fits<V: Fits<F>, F>() {}
/// fits::<i64, i64>();
/// fits::<i64, Option<i64>>();
/// fits::<Option<i64>, Option<i64>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "a field of type `{F}` does not hold what the query selects for it, `{Self}`",
    label = "gives `{Self}`, the field is `{F}`",
    note = "a value that can be `NULL` gives an `Option`: `.or(…)` says what stands in place of `NULL`"
)]
pub trait Fits<F> {}

impl<T: ScalarType> Fits<T> for T {}
#[diagnostic::do_not_recommend]
impl<T: ScalarType> Fits<Self> for Option<T> {}
#[diagnostic::do_not_recommend]
impl<T: ScalarType> Fits<Option<T>> for T {}

/// Reads a field; `place` is `Struct.column`, `from_scalar` that of its [`ColumnType`](crate::types::ColumnType).
///
/// # Errors
/// [`Decode`](ErrorKind::Decode)
#[doc(hidden)]
pub fn read_value<T: ScalarType, F>(
    row: &tokio_postgres::Row,
    at: usize,
    place: &str,
    from_scalar: fn(Option<T>) -> Option<F>,
) -> Result<F> {
    read_column_into(row, at, from_scalar).map_err(|source| Error::decode_column(place, source))
}

/// Reads a row of somebody's own SQL.
///
/// # Errors
/// [`Decode`](ErrorKind::Decode) for a column that is missing, is there more than once, or does not fit.
#[doc(hidden)]
pub fn row_by_names<R: Row>(row: &tokio_postgres::Row) -> Result<R> {
    let positions: Vec<usize> =
        R::COLUMNS.iter().map(|name| position::<R>(row, name)).collect::<Result<_>>()?;
    R::read(row, |column| positions[column])
}

fn position<R: Row>(row: &tokio_postgres::Row, name: &str) -> Result<usize> {
    let columns = row.columns().iter().enumerate();
    let mut found = columns.filter(|(_, column)| column.name() == name).map(|(position, _)| position);
    let model = R::name();
    let why = match (found.next(), found.next()) {
        (Some(position), None) => return Ok(position),
        (None, _) => format!("the rows have no column `{name}`, which a `{model}` needs: select it"),
        _ => {
            format!("the rows have several columns `{name}`, of which a `{model}` needs one: select its own")
        }
    };
    Err(Error::new(ErrorKind::Decode, why).with_model(model).with_columns(vec![name.to_owned()]))
}
