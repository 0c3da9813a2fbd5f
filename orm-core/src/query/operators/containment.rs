//! What is in what.

use crate::mapper::{Column, Source};
use crate::query::scope::{Contains, placed};
use crate::query::{Operand, Predicate, Scoped, SqlExpr};
use crate::sql::Expr;
use crate::types::{ColumnType, Hstore, Multirange, Range, RangeElement, ScalarType};
#[cfg(feature = "serde_json")]
use {crate::types::Jsonb, serde_json::Value as Json};

/// Types whose values contain others in the database: JSON, arrays, ranges, `hstore`.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Account { #[model(primary_key)] pub id: Auto<i64>, pub data: Json }
/// use orm_core::query::Container;
/// use orm_core::mapper::{Column, Source};
/// /// Rows whose value has all of that.
/// fn with<M: Source, T: Container>(column: Column<M, T>, part: T::Part) -> Predicate<M> {
///     column.contains(part)
/// }
/// let new = with(Account::DATA, serde_json::json!({ "new": true }));
/// assert!(select::<Account>().filter(new).to_string().ends_with(r#"WHERE "data" @> $1"#));
/// let poor = select::<Account>().filter(Account::DATA.contained_in(serde_json::json!({ "new": true })));
/// assert!(poor.to_string().ends_with(r#"WHERE "data" <@ $1"#));
/// ```
#[diagnostic::on_unimplemented(
    message = "values of type `{Self}` do not contain others in the database",
    label = "contains nothing"
)]
pub trait Container: ScalarType {
    /// What it may contain.
    type Part: ScalarType;
}

#[cfg(feature = "serde_json")]
impl Container for Json {
    type Part = Self;
}

#[cfg(feature = "serde_json")]
impl<T> Container for Jsonb<T>
where
    Self: ScalarType,
{
    type Part = Json;
}

impl<T: ScalarType> Container for Vec<T> {
    type Part = Self;
}

impl<T: ScalarType> Container for Vec<Option<T>> {
    type Part = Self;
}

impl<T: RangeElement> Container for Range<T> {
    type Part = Self;
}

impl<T: RangeElement> Container for Multirange<T> {
    type Part = Self;
}

impl Container for Hstore {
    type Part = Self;
}

operators! {
    Container;
    values {}
    conditions {}
    comparisons {
        /// Whether all that the other value has is in this one: of JSON, at the same places; of arrays, in any order.
        pub fn contains(this, other: [impl Operand<S, V::Part, J>]) {
            Expr::binary("@>", this, other)
        }

        /// Whether all that this value has is in the other one.
        pub fn contained_in(this, other: [impl Operand<S, V::Part, J>]) {
            Expr::binary("<@", this, other)
        }
    }
}

/// Types whose values may have something in common in the database: arrays and ranges.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Post { #[model(primary_key)] pub id: Auto<i64>, pub tags: Vec<String> }
/// use orm_core::mapper::{Column, Source};
/// use orm_core::query::Overlapping;
/// fn like<M: Source, T: Overlapping>(column: Column<M, T>, other: T) -> Predicate<M> {
///     column.overlaps(other)
/// }
/// let related = select::<Post>().filter(like(Post::TAGS, vec!["sql".to_owned()]));
/// assert!(related.to_string().ends_with(r#"WHERE "tags" && $1"#));
/// ```
#[diagnostic::on_unimplemented(
    message = "values of type `{Self}` do not overlap in the database",
    label = "neither an array nor a range"
)]
pub trait Overlapping: ScalarType {}

impl<T: ScalarType> Overlapping for Vec<T> {}
impl<T: ScalarType> Overlapping for Vec<Option<T>> {}
impl<T: RangeElement> Overlapping for Range<T> {}
impl<T: RangeElement> Overlapping for Multirange<T> {}

operators! {
    Overlapping;
    values {}
    conditions {}
    comparisons {
        /// Whether anything is in both.
        pub fn overlaps(this, other: [impl Operand<S, V, J>]) {
            Expr::binary("&&", this, other)
        }
    }
}
