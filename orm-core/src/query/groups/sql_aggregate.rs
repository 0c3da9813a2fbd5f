//! Aggregates of the database by declaration.

use super::group_functions::Aggregate;
use crate::sql::Expr;

/// Declares aggregates of the database: those of PostgreSQL that have no function here, of an extension, or of your own.
///
/// They are what [`count`](crate::query::count) and its kind are: values of groups, over some rows with
/// [`filter`](Aggregate::filter), [`distinct`](Aggregate::distinct), [`order_by`](Aggregate::order_by), and of windows with
/// [`over`](Aggregate::over). The types are those of the argument and of the result, as the database has them; most
/// aggregates of no rows are `NULL`, which an `Option` says. `as` gives the name in the database, where it is another one or
/// has a schema.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Product};
/// use orm_core::query::window;
/// orm_core::sql_aggregate! {
///     /// All bits that are in every value.
///     pub fn bit_and(value: i64) -> Option<i64>;
///     fn regr_count(y: f64, x: f64) -> i64;
///     fn common_bits(value: i64) -> Option<i64> as pg_catalog.bit_and;
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # for (sku, price) in [("a", 6), ("b", 3), ("c", 8)] {
/// #     Product::builder().sku(sku).title("Tea").price_cents(price).build().insert(&engine).await?;
/// # }
/// let query = select::<Product>().aggregate((
///     bit_and(Product::PRICE_CENTS).filter(Product::SKU.ne("c")),
///     common_bits(Product::PRICE_CENTS),
///     regr_count(1.5, 2.5),
/// ));
/// assert_eq!(query.fetch_one(&engine).await?, (Some(2), Some(0), 3));
/// let running = bit_and(Product::PRICE_CENTS).over(window().order_by(Product::SKU));
/// let rows = select::<Product>().columns(running).order_by(Product::SKU).fetch_all(&engine).await?;
/// assert_eq!(rows, [Some(6), Some(2), Some(0)]);
/// # Ok(()) }
/// ```
///
/// An aggregate is no value of a row:
///
/// ```compile_fail
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// orm_core::sql_aggregate! {
///     fn bit_and(value: i64) -> Option<i64>;
/// }
/// let query = select::<Product>().columns((Product::SKU, bit_and(Product::PRICE_CENTS)));
/// ```
#[macro_export]
macro_rules! sql_aggregate {
    ($(
        $(#[$meta:meta])*
        $visibility:vis fn $name:ident($($argument:ident: $ty:ty),+ $(,)?) -> $result:ty $(as $($part:tt).+)?;
    )*) => {$(
        $(#[$meta])*
        #[allow(non_camel_case_types, dead_code)]
        $visibility fn $name<S, $($argument),+>(
            $($argument: impl $crate::query::Operand<S, $ty, $argument>),+
        ) -> $crate::query::Aggregate<S, $result> {
            $crate::query::aggregate_call(
                $crate::sql_name!($name $(as $($part).+)?),
                ::std::vec![$($crate::query::Operand::<S, $ty, $argument>::into_expr($argument)),+],
            )
        }
    )*};
}

/// What [`sql_aggregate!`](crate::sql_aggregate) writes calls of; the name is quoted.
#[doc(hidden)]
pub fn aggregate_call<S, F>(name: &'static str, arguments: Vec<Expr>) -> Aggregate<S, F> {
    Aggregate::new(name, arguments)
}
