//! The mean of the values of a group.

use super::group_functions::Aggregate;
use crate::query::Operand;
use crate::types::{Interval, ScalarType};

/// A scalar with a mean: that of decimals is a decimal and that of intervals an interval, so that nothing is rounded which the database keeps.
///
/// The mean of integers is an `f64`; as decimals, `avg(value(column).cast::<Numeric>())`, they have all digits. A type of your own
/// gets a mean with one line:
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::query::{Averaged, avg};
///
/// #[derive(ScalarType, Clone, Copy, Debug, PartialEq)]
/// pub struct Cents(pub i64);
/// impl Averaged for Cents {
///     type Mean = f64;
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Tea {
///     #[model(primary_key)]
///     pub name: String,
///     pub price: Cents,
/// }
/// let mean = select::<Tea>().aggregate(avg(Tea::PRICE)); // an `Option<f64>`
/// assert_eq!(mean.to_string(), r#"SELECT CAST(avg("price") AS double precision) FROM "tea""#);
/// ```
#[diagnostic::on_unimplemented(
    message = "the database has no mean of `{Self}`",
    label = "neither a number nor an interval",
    note = "for a type of your own implement `Averaged`"
)]
pub trait Averaged: ScalarType {
    /// The type of the mean.
    type Mean: ScalarType;
}

results! {
    Averaged::Mean;
    i16 => f64;
    i32 => f64;
    i64 => f64;
    f32 => f64;
    f64 => f64;
    crate::types::Numeric => crate::types::Numeric;
    Interval => Interval;
}
#[cfg(feature = "rust_decimal")]
results!(Averaged::Mean; rust_decimal::Decimal => rust_decimal::Decimal;);
#[cfg(feature = "bigdecimal")]
results!(Averaged::Mean; bigdecimal::BigDecimal => bigdecimal::BigDecimal;);

/// The mean of the values; `None` without any. Of which type it is, [`Averaged`] says.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::avg;
/// let query = select::<Customer>().aggregate(avg(Customer::AGE)); // an `Option<f64>`
/// assert_eq!(query.to_string(), r#"SELECT CAST(avg("age") AS double precision) FROM "customer""#);
/// ```
pub fn avg<S, T: Averaged, I>(value: impl Operand<S, T, I>) -> Aggregate<S, Option<T::Mean>> {
    Aggregate::cast("avg", vec![value.into_expr()], <T::Mean as ScalarType>::SQL)
}
