//! Texts that the database checks.

use crate::types::nul::without_nul;
use crate::types::{ScalarType, SqlType, WireError};
use bytes::BytesMut;
use postgres_types::Type;

/// A `json`: JSON that the database keeps as the text that it was given, blanks and the order of keys included. It cannot compare them.
///
/// ```
/// use orm_core::types::{JsonText, ScalarType};
/// let text = JsonText(r#"{"b": 1, "a": 2}"#.to_owned());
/// assert_eq!(text.to_json()["a"], 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct JsonText(pub String);

/// An `xml`. The database cannot compare them, and may have been built without them.
///
/// It does not keep a declaration (`<?xml version="1.0"?>`) as it was given: one is an error.
///
/// ```
/// use orm_core::types::{ScalarType, Xml};
/// assert_eq!(Xml("<tea/>".to_owned()).to_json(), "<tea/>");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Xml(pub String);

macro_rules! checked_text {
    ($($ty:ident = $sql:ident, $check:expr, $text:ident => $json:expr;)*) => {$(
        impl ScalarType for $ty {
            const SQL: SqlType = SqlType::$sql;

            fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
                $check(&self.0)?;
                out.extend_from_slice(without_nul(&self.0)?);
                Ok(())
            }

            fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
                Ok(Self(std::str::from_utf8(raw)?.to_owned()))
            }

            fn reads(ty: &Type) -> bool {
                Self::SQL.element() == *ty
            }

            fn same(&self, other: &Self) -> bool {
                self == other
            }

            fn to_json(&self) -> serde_json::Value {
                let $text = &self.0;
                $json
            }
        }
    )*};
}

checked_text! {
    JsonText = Json, |_: &str| Ok::<_, WireError>(()), text => serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into());
    Xml = Xml, no_declaration, text => text.as_str().into();
}

/// Also behind blanks, which are no error for the database, and behind the mark that begins some files.
fn no_declaration(text: &str) -> Result<(), WireError> {
    let start = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_ascii_whitespace());
    match start.strip_prefix("<?xml") {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_whitespace()) => {
            Err("XML with a declaration, which the database does not keep as it is: leave it out".into())
        }
        _ => Ok(()),
    }
}
