//! Column types, on top of the codecs of [`postgres_types`].
//!
//! A field of a model is a [`ColumnType`]: a [`ScalarType`], an `Option` or an [`Auto`] of
//! one, or a [`Deferred`] of those. Code above this layer handles columns through [`ColumnValue`] and does not know their types,
//! which keeps the flush and the loaders free of a copy per model.

mod auto;
mod column;
mod db_enum;
mod deferred;
mod into_scalar;
mod jsonb;
mod key;
mod scalar;
mod sql_type;
mod xid;

pub use auto::Auto;
pub use column::{ColumnType, ColumnValue};
pub use db_enum::{DbEnum, EnumType};
pub use deferred::Deferred;
pub use into_scalar::IntoScalar;
pub use jsonb::Jsonb;
pub use key::{Key, KeyScalar};
#[doc(inline)]
pub use orm_derive::{DbEnum, ScalarType};
pub use scalar::{AnyScalar, ScalarType};
pub use sql_type::SqlType;
pub use xid::Xid;

#[doc(hidden)]
pub use db_enum::{WireTypes, accepts_enum, decode_label};

pub(crate) use column::{is_null, read_column};
pub(crate) use db_enum::is_named;
pub(crate) use key::KeyBytes;
