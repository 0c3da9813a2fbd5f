//! Ranges and multiranges: their bounds, and where they lie.

use super::{bound, call};
use crate::mapper::{Column, Source};
use crate::query::scope::{Contains, placed};
use crate::query::{Operand, Predicate, Scoped, SqlExpr};
use crate::sql::Expr;
use crate::types::{ColumnType, Multirange, Range, RangeElement, ScalarType};

/// Types whose values are ranges in the database: [`Range`] and [`Multirange`].
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # use orm_core::types::Range;
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Stay { #[model(primary_key)] pub id: Auto<i64>, pub days: Range<NaiveDate> }
/// use orm_core::mapper::{Column, Source};
/// use orm_core::query::{RangeScalar, SqlExpr};
/// fn begin<M: Source, T: RangeScalar>(column: Column<M, T>) -> SqlExpr<M, Option<T::Bound>> {
///     column.lower_bound()
/// }
/// assert_eq!(begin(Stay::DAYS).to_string(), r#"lower("days")"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no range in the database",
    label = "no range",
    note = "ranges are `orm_core::types::Range<T>` and `Multirange<T>`"
)]
pub trait RangeScalar: ScalarType {
    /// What its bounds are.
    type Bound: ScalarType;
}

impl<T: RangeElement> RangeScalar for Range<T> {
    type Bound = T;
}

impl<T: RangeElement> RangeScalar for Multirange<T> {
    type Bound = T;
}

operators! {
    RangeScalar;
    values {
        /// The lower bound; `NULL` where there is none, as of an empty range.
        ///
        /// ```
        /// # use orm_core::prelude::*;
        /// # orm_core::declarative_base!(pub Base);
        /// # use orm_core::types::Range;
        /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
        /// # pub struct Stay { #[model(primary_key)] pub id: Auto<i64>, pub nights: Range<i32> }
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        /// # let database = orm_testkit::database_of::<Base>().await?;
        /// # let engine = Engine::connect(database.url()).await?;
        /// Stay::builder().nights(Range::from(3..7)).build().insert(&engine).await?;
        /// let nights = || Stay::NIGHTS;
        /// let row = columns((nights().lower_bound(), nights().upper_bound(), nights().common_with((5..9).into())));
        /// let there = nights().contains_value(4) & nights().overlaps(Range::from(6..9)) & nights().is_before(Range::from(7..8));
        /// let there = there & nights().is_adjacent_to(Range::from(7..9)) & nights().is_after(Range::from(1..2)) & !nights().is_empty();
        /// assert_eq!(row.filter(there).fetch_one(&engine).await?, (Some(3), Some(7), Range::from(5..7)));
        /// # Ok(()) }
        /// ```
        pub fn lower_bound(this) -> Option<V::Bound> {
            call("lower", vec![this])
        }

        /// The upper bound; `NULL` where there is none, as of an empty range.
        pub fn upper_bound(this) -> Option<V::Bound> {
            call("upper", vec![this])
        }

        /// What is in both.
        pub fn common_with(this, other: V) -> V {
            Expr::binary("*", this, bound(&other))
        }
    }
    conditions {
        /// Whether nothing is in it.
        pub fn is_empty(this) {
            call("isempty", vec![this])
        }
    }
    comparisons {
        /// Whether a value is in it.
        pub fn contains_value(this, value: [impl Operand<S, V::Bound, J>]) {
            Expr::binary("@>", this, value)
        }

        /// Whether all of it is below all of the other one.
        pub fn is_before(this, other: [impl Operand<S, V, J>]) {
            Expr::binary("<<", this, other)
        }

        /// Whether all of it is above all of the other one.
        pub fn is_after(this, other: [impl Operand<S, V, J>]) {
            Expr::binary(">>", this, other)
        }

        /// Whether one begins where the other one ends.
        pub fn is_adjacent_to(this, other: [impl Operand<S, V, J>]) {
            Expr::binary("-|-", this, other)
        }
    }
}
