//! Ways into a JSON value.

use crate::types::{ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use std::fmt::{self, Write};

/// A `jsonpath`: a way into a JSON value.
///
/// The database keeps a path in a spelling of its own, whatever it was given. So one of the program is put together, and not parsed: it is
/// in that spelling from the beginning. What comes from the database can be any path.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::types::JsonPath;
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Column {
///     #[model(primary_key)]
///     pub title: String,
///     pub source: JsonPath,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let first_city = JsonPath::root().member("address").elements().element(0).member("city");
/// Column::builder().title("City").source(first_city).build().insert(&engine).await?;
/// let found = select::<Column>().fetch_one(&engine).await?;
/// assert_eq!(found.source.as_str(), r#"$."address"[*][0]."city""#);
/// let cities = JsonPath::root().members().anywhere().member("city").strict();
/// assert_eq!(cities.to_string(), r#"strict $.*.**."city""#);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JsonPath(String);

impl JsonPath {
    /// The value itself: `$`.
    pub fn root() -> Self {
        Self("$".to_owned())
    }

    /// A member of an object: `$."name"`.
    #[must_use]
    pub fn member(mut self, name: &str) -> Self {
        self.0.push_str(".\"");
        for c in name.chars() {
            match c {
                '"' | '\\' => self.0.extend(['\\', c]),
                '\u{8}' => self.0.push_str("\\b"),
                '\u{c}' => self.0.push_str("\\f"),
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                '\t' => self.0.push_str("\\t"),
                '\0'..' ' => write!(self.0, "\\u{:04x}", u32::from(c)).expect("a text takes all"),
                _ => self.0.push(c),
            }
        }
        self.0.push('"');
        self
    }

    /// All members of an object: `$.*`.
    #[must_use]
    pub fn members(mut self) -> Self {
        self.0.push_str(".*");
        self
    }

    /// An element of an array, from 0: `$[0]`.
    #[must_use]
    pub fn element(mut self, at: u32) -> Self {
        write!(self.0, "[{at}]").expect("a text takes all");
        self
    }

    /// All elements of an array: `$[*]`.
    #[must_use]
    pub fn elements(mut self) -> Self {
        self.0.push_str("[*]");
        self
    }

    /// The value and everything below it: `$.**`.
    #[must_use]
    pub fn anywhere(mut self) -> Self {
        self.0.push_str(".**");
        self
    }

    /// That what is not there is an error: `strict $`.
    #[must_use]
    pub fn strict(self) -> Self {
        if self.0.starts_with("strict ") { self } else { Self(format!("strict {}", self.0)) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The version of the binary form.
const VERSION: u8 = 1;

impl ScalarType for JsonPath {
    const SQL: SqlType = SqlType::JsonPath;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_u8(VERSION);
        out.extend_from_slice(self.0.as_bytes());
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let text = raw.strip_prefix(&[VERSION]).ok_or("another version of `jsonpath`")?;
        Ok(Self(std::str::from_utf8(text)?.to_owned()))
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        self.0.as_str().into()
    }
}
