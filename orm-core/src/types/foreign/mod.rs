//! Scalars of other crates: a file for each of them, behind the feature of its name.
//!
//! Where such a type cannot say what the database can, or the other way round, there is an error, and never another value.

#[cfg(feature = "bigdecimal")]
mod bigdecimal;
#[cfg(feature = "bit-vec")]
mod bit_vec;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "geo-types")]
mod geo_types;
#[cfg(feature = "ipnetwork")]
mod ipnetwork;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(any(feature = "jiff", feature = "time"))]
mod moments;
#[cfg(feature = "pgvector")]
mod pgvector;
#[cfg(feature = "rust_decimal")]
mod rust_decimal;
#[cfg(feature = "time")]
mod time;
#[cfg(feature = "url")]
mod url;
#[cfg(feature = "uuid")]
mod uuid;

#[cfg(feature = "geo-types")]
pub use geo_types::{Geography, Geometry, Shape};
