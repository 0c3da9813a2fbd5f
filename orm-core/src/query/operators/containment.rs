//! What is in what.

use super::binary;
use crate::mapper::{Column, Source};
use crate::query::scope::{Contains, placed};
use crate::query::{Operand, Predicate, Scoped, SqlExpr};
use crate::types::{ColumnType, Jsonb, ScalarType};
use serde_json::Value as Json;

/// Types whose values contain others in the database: JSON.
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

impl Container for Json {
    type Part = Self;
}

impl<T> Container for Jsonb<T>
where
    Self: ScalarType,
{
    type Part = Json;
}

operators! {
    Container;
    values {}
    conditions {}
    comparisons {
        /// Whether all that the other value has is in this one: of JSON, at the same places.
        pub fn contains(this, other: V::Part) {
            binary("@>", this, other)
        }

        /// Whether all that this value has is in the other one.
        pub fn contained_in(this, other: V::Part) {
            binary("<@", this, other)
        }
    }
}
