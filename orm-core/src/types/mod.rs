//! Column types, on top of the codecs of [`postgres_types`].
//!
//! A field of a model is a [`ColumnType`]: a [`ScalarType`], an `Option` or an [`Auto`] of
//! one, or a [`Deferred`] of those. Code above this layer handles columns through [`ColumnValue`] and does not know their types,
//! which keeps the flush and the loaders free of a copy per model.

mod auto;
mod column;
mod deferred;
mod into_scalar;
mod key;
mod scalar;
mod sql_type;
mod xid;

pub use auto::Auto;
pub use column::{ColumnType, ColumnValue};
pub use deferred::Deferred;
pub use into_scalar::IntoScalar;
pub use key::{Key, KeyScalar};
pub use scalar::{AnyScalar, ScalarType};
pub use sql_type::SqlType;
pub use xid::Xid;

pub(crate) use column::{is_null, read_column};
pub(crate) use key::KeyBytes;
