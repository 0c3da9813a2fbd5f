//! `IpNetwork` of the crate `ipnetwork`: an `inet`, that is a host with its network.

use crate::types::own::{put_address, read_address};
use crate::types::{KeyScalar, ScalarType, SqlType, WireError};
use bytes::BytesMut;
use ipnetwork::IpNetwork;
use postgres_types::Type;

impl KeyScalar for IpNetwork {}

impl ScalarType for IpNetwork {
    const SQL: SqlType = SqlType::Inet;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        put_address(self.ip(), self.prefix(), false, out);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let (address, prefix) = read_address(raw)?;
        Ok(Self::new(address, prefix)?)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}
