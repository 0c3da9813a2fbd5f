//! Values and conditions of a row: columns compared, computed with, and asked along relations.

mod aggregate;
mod by_name;
mod case;
mod comparison;
mod composite;
pub(in crate::query) mod expression;
mod fragment;
pub(in crate::query) mod operand;
mod order;
mod predicate;
mod refused;
mod scoped;
mod sql_function;

pub use by_name::Op;
pub use case::{Case, coalesce, greatest, least, nullif, when};
pub use composite::VariantOf;
pub use expression::{Numeric, SqlExpr, Term};
#[doc(hidden)]
pub use operand::{Operand, Takes};
pub use order::{OrderBy, Ordering};
pub use predicate::{Filter, Predicate};
pub use scoped::{Scoped, value};
#[doc(hidden)]
pub use sql_function::{Calls, column_type, function_call};

pub(crate) use predicate::exists_in;
