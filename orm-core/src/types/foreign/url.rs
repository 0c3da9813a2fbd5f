//! `Url` of the crate `url`: a `text`. One in the database that is no URL is an error when it is read.

use crate::types::{KeyScalar, ScalarType, SqlType, WireError};
use bytes::BytesMut;
use postgres_types::Type;
use url::Url;

impl KeyScalar for Url {}

impl ScalarType for Url {
    const SQL: SqlType = SqlType::Text;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.extend_from_slice(self.as_str().as_bytes());
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let text = std::str::from_utf8(raw)?;
        Self::parse(text).map_err(|why| format!("`{text}` is no URL: {why}").into())
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        self.as_str().into()
    }
}
