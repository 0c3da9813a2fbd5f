//! The column that says which variant of an enum a row holds.

use crate::error::{Error, ErrorKind};
use crate::types::{AnyScalar, SqlType};
use bytes::BytesMut;
use std::any::Any;
use std::error::Error as StdError;

/// The name of a variant in the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tag(pub &'static str);

impl AnyScalar for Tag {
    fn encode(&self, out: &mut BytesMut) -> Result<(), Box<dyn StdError + Sync + Send>> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(())
    }

    fn same_as(&self, other: &dyn AnyScalar) -> bool {
        other.as_any().downcast_ref::<Self>().is_some_and(|other| self == other)
    }

    fn json(&self) -> serde_json::Value {
        self.0.into()
    }

    fn sql_type(&self) -> SqlType {
        SqlType::Text
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The error of a row that holds no variant of enum `name`.
pub fn unknown_variant(name: &str, tag: Option<&str>, known: &[&str]) -> Error {
    let known = known.join(", ");
    let why = match tag {
        Some(tag) => format!("\"{tag}\" is no variant, expected one of: {known}"),
        None => format!("NULL where one variant should be, expected one of: {known}"),
    };
    Error::decode(format_args!("`{name}`"), why.into())
}

/// The error of a value for a column that the variant in the object does not have.
pub fn not_in_variant(name: &str, column: usize) -> Error {
    let name = name.rsplit("::").next().unwrap_or(name);
    let why = format!(
        "a value for column {column} of `{name}` does not fit what is there: write the whole value into the field instead"
    );
    Error::new(ErrorKind::Config, why)
}
