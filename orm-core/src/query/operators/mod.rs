//! What values of some kinds can be asked beyond comparisons: texts, JSON, dates and times, arrays,
//! ranges, documents of the full text search, vectors, geometries.
//!
//! Each kind is a trait over the [scalar types](crate::types::ScalarType) that belong to it, and a list of methods, which columns,
//! [expressions of one model](crate::query::SqlExpr) and [expressions of a scope](crate::query::Scoped) have alike.

/// The methods of one kind of values.
///
/// `values` give a value, an `Option` where it can be `NULL` even if what it is made of is not; `conditions` and `comparisons` a condition,
/// the latter with a value, a column or an expression, whose bound is said with the method: the compiler shows where it stands. `V` is
/// the scalar type in all of them, `S` the scope.
macro_rules! operators {
    (
        $kind:ident;
        values { $(
            $(#[$value_doc:meta])*
            pub fn $value:ident($value_this:ident $(, $value_arg:ident: $value_ty:ty)*) -> $out:ty $value_body:block
        )* }
        conditions { $(
            $(#[$condition_doc:meta])*
            pub fn $condition:ident($this:ident $(, $arg:ident: $ty:ty)*) $body:block
        )* }
        comparisons { $(
            $(#[$comparison_doc:meta])*
            pub fn $comparison:ident($left:ident, $right:ident: [$($operand:tt)*]) $comparison_body:block
        )* }
    ) => {
        impl<M: Source, F: ColumnType<Scalar = V>, V: $kind> Column<M, F> {
            $(
                $(#[$value_doc])*
                pub fn $value(self $(, $value_arg: $value_ty)*) -> SqlExpr<M, F::With<$out>> {
                    let $value_this = self.expr();
                    SqlExpr::new($value_body)
                }
            )*
            $(
                $(#[$condition_doc])*
                pub fn $condition<S: Contains<M, I>, I>(self $(, $arg: $ty)*) -> Predicate<S> {
                    let $this = placed::<S, M, I>(self.expr());
                    Predicate::new($body)
                }
            )*
            $(
                $(#[$comparison_doc])*
                pub fn $comparison<S: Contains<M, I>, I, J>(self, $right: $($operand)*) -> Predicate<S> {
                    let ($left, $right) = (placed::<S, M, I>(self.expr()), $right.into_expr());
                    Predicate::new($comparison_body)
                }
            )*
        }

        impl<M: Source, F: ColumnType<Scalar = V>, V: $kind> SqlExpr<M, F> {
            $(
                $(#[$value_doc])*
                pub fn $value(self $(, $value_arg: $value_ty)*) -> SqlExpr<M, F::With<$out>> {
                    let $value_this = self.expr;
                    SqlExpr::new($value_body)
                }
            )*
            $(
                $(#[$condition_doc])*
                pub fn $condition<S: Contains<M, I>, I>(self $(, $arg: $ty)*) -> Predicate<S> {
                    let $this = placed::<S, M, I>(self.expr);
                    Predicate::new($body)
                }
            )*
            $(
                $(#[$comparison_doc])*
                pub fn $comparison<S: Contains<M, I>, I, J>(self, $right: $($operand)*) -> Predicate<S> {
                    let ($left, $right) = (placed::<S, M, I>(self.expr), $right.into_expr());
                    Predicate::new($comparison_body)
                }
            )*
        }

        impl<S, F: ColumnType<Scalar = V>, V: $kind> Scoped<S, F> {
            $(
                $(#[$value_doc])*
                pub fn $value(self $(, $value_arg: $value_ty)*) -> Scoped<S, F::With<$out>> {
                    let $value_this = self.expr;
                    Scoped::new($value_body)
                }
            )*
            $(
                $(#[$condition_doc])*
                pub fn $condition(self $(, $arg: $ty)*) -> Predicate<S> {
                    let $this = self.expr;
                    Predicate::new($body)
                }
            )*
            $(
                $(#[$comparison_doc])*
                pub fn $comparison<J>(self, $right: $($operand)*) -> Predicate<S> {
                    let ($left, $right) = (self.expr, $right.into_expr());
                    Predicate::new($comparison_body)
                }
            )*
        }
    };
}

/// What the operand `O`, of scalar type `T` in the scope `S`, makes of a `G`: an `Option` where the operand can be `NULL`.
type WithOperand<S, T, I, O, G> = <<O as Operand<S, T, I>>::Fetched as ColumnType>::With<G>;

/// The same of an operand that the scope `Q` [takes](Takes).
type WithTaken<Q, T, I, O, G> = <<Q as Takes<O, T, I>>::Fetched as ColumnType>::With<G>;

/// `name(a, b)`
const fn call(name: &'static str, arguments: Vec<Expr>) -> Expr {
    Expr::Call { name, arguments }
}

/// A value of the program.
fn bound(value: &dyn AnyScalar) -> Expr {
    Expr::Bind(Param::of(value))
}

mod array;
mod clock;
mod concat;
mod containment;
mod date;
#[cfg(feature = "serde_json")]
mod json;
mod moved;
mod pairs;
mod range;
mod search;
#[cfg(feature = "geo-types")]
mod spatial;
mod text;
#[cfg(feature = "pgvector")]
mod vector;

pub use array::ArrayScalar;
pub use clock::{CurrentDate, Now, current_date, now};
pub use concat::{Texts, concat};
pub use containment::{Container, Overlapping};
pub use date::{DateField, DateScalar, age};
#[cfg(feature = "serde_json")]
pub use json::{JsonScalar, JsonStep};
pub use moved::Shift;
pub use range::RangeScalar;
pub use search::{
    DocumentScalar, phraseto_tsquery, plainto_tsquery, ts_headline, ts_rank, websearch_to_tsquery,
};
#[cfg(feature = "geo-types")]
pub use spatial::{Earth, PlanarScalar, Plane, SpatialOperand, SpatialScalar};
pub use text::TextScalar;
#[cfg(feature = "pgvector")]
pub use vector::{DenseVector, VectorScalar, vector_avg, vector_sum};

use pairs::pairs;

use crate::query::{Operand, Takes};
use crate::sql::{Expr, Param};
use crate::types::{AnyScalar, ColumnType};
