//! Column types, and what their values look like on the wire.
//!
//! A field of a model is a [`ColumnType`]: a [`ScalarType`], an `Option` or an [`Auto`] of
//! one, or a [`Deferred`] of those. Code above this layer handles columns through [`ColumnValue`] and does not know their types,
//! which keeps the flush and the loaders free of a copy per model.
//!
//! # Which scalars there are
//!
//! | in the database | in Rust | with the feature |
//! |---|---|---|
//! | `boolean`, `smallint`, `integer`, `bigint`, `real`, `double precision` | `bool`, `i16`, `i32`, `i64`, `f32`, `f64` | |
//! | `text`, `varchar`, `char` and `name`, `bytea` | `String`, `Vec<u8>` | |
//! | `uuid` | `uuid::Uuid` | `uuid` |
//! | `text` | `url::Url` | `url` |
//! | `date`, `time`, `timestamp`, `timestamptz` | `NaiveDate`, `NaiveTime`, `NaiveDateTime`, `DateTime<Utc>` of `chrono` | `chrono` |
//! | | `Date`, `Time`, `PrimitiveDateTime`, `OffsetDateTime` of `time` | `time` |
//! | | `civil::Date`, `civil::Time`, `civil::DateTime`, `Timestamp` of `jiff` | `jiff` |
//! | `interval` | [`Interval`] | |
//! | `timetz`, `infinity` of dates and timestamps | [`TimeTz<T>`], [`OrInfinity<T>`] of those | |
//! | `numeric` | [`Numeric`] | |
//! | | `rust_decimal::Decimal`, `bigdecimal::BigDecimal` | `rust_decimal`, `bigdecimal` |
//! | `money` | [`Money`] | |
//! | `jsonb` | [`serde_json::Value`] and [`Jsonb<T>`] | `serde_json` |
//! | `json`, `xml` | [`JsonText`], [`Xml`] | |
//! | `inet` | [`IpAddr`](std::net::IpAddr) (one host) | |
//! | | `ipnetwork::IpNetwork` | `ipnetwork` |
//! | `cidr`, `macaddr`, `macaddr8` | [`Cidr`], [`MacAddr`], [`MacAddr8`] | |
//! | `varbit` and `bit` | [`Bits`] | |
//! | | `bit_vec::BitVec` | `bit-vec` |
//! | `oid`, `xid`, `xid8`, `pg_lsn`, `"char"` | [`Oid`], [`Xid`], [`Xid8`], [`Lsn`], [`ByteChar`] | |
//! | `point`, `line`, `lseg`, `box`, `path`, `polygon`, `circle` | [`Point`], [`Line`], [`Segment`], [`Rectangle`], [`Path`], [`Polygon`], [`Circle`] | |
//! | `jsonpath`, `pg_snapshot` | [`JsonPath`], [`Snapshot`] | |
//! | `int4range`, `int8range`, `numrange`, `tsrange`, `tstzrange`, `daterange` | [`Range<T>`] | |
//! | their multiranges | [`Multirange<T>`] | |
//! | `tsvector`, `tsquery` | [`TsVector`], [`TsQuery`] | |
//! | `hstore`, `ltree` | [`Hstore`], [`Ltree`] | |
//! | `vector`, `halfvec`, `sparsevec` | `pgvector::Vector`, `HalfVector`, `SparseVector` | `pgvector` |
//! | `geometry`, `geography` | `Geometry` and `Geography`, of the shapes of `geo-types` | `geo-types` |
//! | an array of any of them | `Vec<T>`, `Vec<Option<T>>`; of two dimensions `Vec<Vec<T>>` | |
//! | an enum, a domain, a composite type | [`DbEnum`], [`ScalarType`](macro@ScalarType) with `domain = "…"`, [`Composite`] | |
//!
//! What is written comes back equal, or there is an error: `NaN`, infinite times, digits that do not fit are never turned into something
//! else. Of times everything finer than a microsecond is cut off, as the database has no place for it: the flush does not take that for a
//! change, and an object that was written holds what the database holds. A number in a `jsonb` that has more digits than
//! [`serde_json::Value`] keeps is an error that names the column. A column can say more of its type, see [`TypeModifier`].

mod any_key;
mod array;
mod auto;
mod basic;
mod column;
mod composite;
mod db_enum;
mod deferred;
#[cfg(feature = "serde_json")]
mod finite;
mod foreign;
mod into_scalar;
#[cfg(feature = "serde_json")]
mod json;
#[cfg(feature = "serde_json")]
mod jsonb;
mod key;
mod modifier;
mod moment;
mod named;
mod nul;
mod own;
mod scalar;
mod sql_type;
mod text_form;
mod tuples;

pub use auto::Auto;
pub use column::{ColumnType, ColumnValue};
pub use composite::Composite;
pub use db_enum::DbEnum;
pub use deferred::Deferred;
#[cfg(feature = "geo-types")]
pub use foreign::{Geography, Geometry, Shape};
pub use into_scalar::IntoScalar;
#[cfg(feature = "serde_json")]
pub use jsonb::Jsonb;
pub use key::{IntoKey, Key, KeyScalar};
pub use modifier::TypeModifier;
pub use moment::{Day, HasInfinity, Moment, OrInfinity, TimeOfDay};
pub use named::{DomainType, Extension, NamedType, ToText, TypeKind, WireTypes};
#[doc(inline)]
pub use orm_derive::{Composite, DbEnum, ScalarType};
pub use own::{
    Bits, ByteChar, Cidr, Hstore, Interval, JsonPath, JsonText, Lexeme, Lsn, Ltree, MacAddr, MacAddr8,
};
pub use own::{Circle, Line, Path, Point, Polygon, Rectangle, Segment};
pub use own::{
    Money, Multirange, Numeric, Oid, Range, RangeElement, Snapshot, TimeTz, TsQuery, TsVector, Weight,
};
pub use own::{Xid, Xid8, Xml};
pub use scalar::{AnyScalar, ScalarType, WireError};
pub use sql_type::SqlType;

#[doc(hidden)]
pub use composite::{CompositeFields, put_field};
#[doc(hidden)]
pub use db_enum::decode_label;

pub(crate) use any_key::AnyKey;
pub(crate) use column::{is_null, read_column, read_column_into, read_scalar};
pub(crate) use key::KeyBytes;
pub(crate) use moment::{finite_micros, micros_of_now};
pub(crate) use sql_type::{is_named, without_domain};
pub(crate) use text_form::push_text;
pub(crate) use tuples::each_tuple;
