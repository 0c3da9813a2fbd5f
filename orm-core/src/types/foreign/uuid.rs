//! UUIDs of the crate `uuid`.

use crate::types::{KeyScalar, ScalarType, SqlType, WireError};
use bytes::BytesMut;
use postgres_types::Type;
use uuid::Uuid;

impl ScalarType for Uuid {
    const SQL: SqlType = SqlType::Uuid;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.extend_from_slice(self.as_bytes());
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        Ok(Self::from_slice(raw)?)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}

impl KeyScalar for Uuid {}
