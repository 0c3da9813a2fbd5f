//! `BitVec` of the crate `bit-vec`: a `varbit`.

use crate::types::{Bits, KeyScalar, ScalarType, SqlType, WireError};
use bit_vec::BitVec;
use bytes::BytesMut;
use postgres_types::Type;

impl KeyScalar for BitVec {}

impl ScalarType for BitVec {
    const SQL: SqlType = SqlType::VarBit;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        Bits(self.iter().collect()).to_wire(out)
    }

    fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
        Ok(Bits::from_wire(ty, raw)?.0.into_iter().collect())
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        Bits(self.iter().collect()).to_string().into()
    }
}
