//! Aggregates of values in their order: percentiles, and the most frequent value.

use super::group_functions::Aggregate;
use crate::query::Operand;
use crate::sql::{Expr, Order, Param};
use crate::types::{Interval, ScalarType, SqlType};

/// A scalar between whose values there are others: a percentile may lie between two of a column.
///
/// Decimals are none, because the database would make floats of them: [`percentile_disc`] gives one of their values.
///
/// ```
/// use orm_core::query::Interpolated;
/// fn none<T: Interpolated>() -> Option<T::Between> {
///     None
/// }
/// assert_eq!(none::<i32>(), None::<f64>);
/// ```
#[diagnostic::on_unimplemented(
    message = "the database has no values between two of type `{Self}`",
    label = "neither an integer, a float nor an interval",
    note = "`percentile_disc` gives one of the values, whatever their type"
)]
pub trait Interpolated: ScalarType {
    /// The type of what is between.
    type Between: ScalarType;
}

results! {
    Interpolated::Between;
    i16 => f64;
    i32 => f64;
    i64 => f64;
    f32 => f64;
    f64 => f64;
    Interval => Interval;
}

/// `name(arguments) WITHIN GROUP (ORDER BY value)`
fn within<S, F>(name: &'static str, arguments: Vec<Expr>, value: Expr) -> Aggregate<S, F> {
    Aggregate::within(name, arguments, Order { key: value, descending: false, nulls: None, sql_type: None })
}

fn fractions(fractions: impl IntoIterator<Item = f64>) -> Vec<Expr> {
    let all: Vec<f64> = fractions.into_iter().collect();
    vec![Expr::Bind(Param::of(&all))]
}

/// The value below which a fraction of all values lie, 0.5 for the median; it may lie between two of them. `None` without any.
///
/// The database refuses a fraction that is not between 0 and 1. The order of these aggregates is that of the value: they are neither
/// [`distinct`](Aggregate::distinct) nor [`order_by`](Aggregate::order_by) another one, and not [`over`](Aggregate::over) a window, which is a
/// [`Mapping`](crate::ErrorKind::Mapping) error of the query.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # for (sku, price) in [("a", 390), ("b", 450), ("c", 890), ("d", 450)] {
/// #     Product::builder().sku(sku).title("Tea").price_cents(price).build().insert(&engine).await?;
/// # }
/// use orm_core::query::{mode, percentile_cont, percentile_disc, percentiles_cont};
/// let price = Product::PRICE_CENTS;
/// let query = select::<Product>().aggregate((
///     percentile_cont(0.5, price),
///     percentile_disc(0.9, Product::SKU).filter(price.lt(500)),
///     percentiles_cont([0.0, 0.25], price),
///     mode(price),
/// ));
/// assert!(query.to_string().starts_with(r#"SELECT percentile_cont($1) WITHIN GROUP (ORDER BY "price_cents"), "#));
/// let quarters = Some(vec![390.0, 435.0]);
/// assert_eq!(query.fetch_one(&engine).await?, (Some(450.0), Some("d".to_owned()), quarters, Some(450)));
/// # Ok(()) }
/// ```
pub fn percentile_cont<S, T: Interpolated, I>(
    fraction: f64,
    value: impl Operand<S, T, I>,
) -> Aggregate<S, Option<T::Between>> {
    within("percentile_cont", vec![Expr::Bind(Param::of(&fraction))], value.into_expr())
}

/// [`percentile_cont`] of several fractions, in their order.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::percentiles_cont;
/// let query = select::<Customer>().aggregate(percentiles_cont([0.25, 0.75], Customer::AGE)); // an `Option<Vec<f64>>`
/// assert_eq!(query.to_string(), r#"SELECT percentile_cont($1) WITHIN GROUP (ORDER BY "age") FROM "customer""#);
/// ```
pub fn percentiles_cont<S, T: Interpolated, I>(
    all: impl IntoIterator<Item = f64>,
    value: impl Operand<S, T, I>,
) -> Aggregate<S, Option<Vec<T::Between>>> {
    within("percentile_cont", fractions(all), value.into_expr())
}

/// The first value, of any type with an order, that has at least this fraction of all values up to itself; `None` without any.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::percentile_disc;
/// let query = select::<Customer>().aggregate(percentile_disc(0.5, Customer::NAME)); // an `Option<String>`
/// assert_eq!(query.to_string(), r#"SELECT percentile_disc($1) WITHIN GROUP (ORDER BY "name") FROM "customer""#);
/// ```
pub fn percentile_disc<S, T: ScalarType, I>(
    fraction: f64,
    value: impl Operand<S, T, I>,
) -> Aggregate<S, Option<T>> {
    within("percentile_disc", vec![Expr::Bind(Param::of(&fraction))], value.into_expr())
}

const NO_ARRAYS: &str = "the database has no arrays of arrays, so that `percentiles_disc` cannot give some of a column: take `percentile_disc` of one fraction";

/// [`percentile_disc`] of several fractions, in their order; of arrays the database has none.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::percentiles_disc;
/// let query = select::<Customer>().aggregate(percentiles_disc([0.1, 0.9], Customer::NAME)); // an `Option<Vec<String>>`
/// assert_eq!(query.to_string(), r#"SELECT percentile_disc($1) WITHIN GROUP (ORDER BY "name") FROM "customer""#);
/// ```
pub fn percentiles_disc<S, T: ScalarType, I>(
    all: impl IntoIterator<Item = f64>,
    value: impl Operand<S, T, I>,
) -> Aggregate<S, Option<Vec<T>>> {
    let value = match T::SQL {
        SqlType::Array(_) => Expr::Invalid(NO_ARRAYS.to_owned()),
        _ => value.into_expr(),
    };
    within("percentile_disc", fractions(all), value)
}

/// The most frequent value, the first one of several; `None` without any.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::mode;
/// let query = select::<Customer>().aggregate(mode(Customer::AGE)); // an `Option<i32>`
/// assert_eq!(query.to_string(), r#"SELECT mode() WITHIN GROUP (ORDER BY "age") FROM "customer""#);
/// ```
pub fn mode<S, T: ScalarType, I>(value: impl Operand<S, T, I>) -> Aggregate<S, Option<T>> {
    within("mode", Vec::new(), value.into_expr())
}
