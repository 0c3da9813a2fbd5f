//! Amounts of money as the server keeps them.

use crate::types::moment::read;
use crate::types::{KeyScalar, ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;

/// A `money`: an amount in the smallest unit of the server's currency, for example cents.
///
/// How many of them are one whole is a setting of the server, `lc_monetary`; the number here has no such setting. Arrays of it cannot be
/// written in batches, where they would be texts that the server reads by that setting: they are an error there.
/// For new tables a [`Numeric`](super::Numeric) or a number of cents is the better choice.
///
/// ```
/// use orm_core::types::{Money, ScalarType};
/// assert_eq!(Money(1_250).to_json(), 1_250);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Money(pub i64);

impl KeyScalar for Money {}

impl ScalarType for Money {
    const SQL: SqlType = SqlType::Money;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_i64(self.0);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        read(raw).map(i64::from_be_bytes).map(Self)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        self.0.into()
    }
}
