//! Strings of bits.

use crate::types::array::Reader;
use crate::types::{KeyScalar, ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use std::fmt;
use std::str::FromStr;

/// A `varbit`: a string of bits of any length.
///
/// ```
/// use orm_core::types::Bits;
/// let bits: Bits = "0101".parse()?;
/// assert_eq!(bits, Bits(vec![false, true, false, true]));
/// assert_eq!(bits.to_string(), "0101");
/// assert!("012".parse::<Bits>().is_err());
/// # Ok::<_, orm_core::types::WireError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bits(pub Vec<bool>);

impl KeyScalar for Bits {}

impl FromStr for Bits {
    type Err = WireError;

    fn from_str(text: &str) -> Result<Self, WireError> {
        let bit = |c| match c {
            '0' => Ok(false),
            '1' => Ok(true),
            _ => Err(format!("`{c}` is no bit").into()),
        };
        text.chars().map(bit).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|bit| f.write_str(if *bit { "1" } else { "0" }))
    }
}

impl ScalarType for Bits {
    const SQL: SqlType = SqlType::VarBit;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_i32(i32::try_from(self.0.len())?);
        let byte = |bits: &[bool]| {
            bits.iter().enumerate().fold(0, |byte, (at, bit)| byte | u8::from(*bit) << (7 - at))
        };
        out.extend(self.0.chunks(8).map(byte));
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let mut raw = Reader(raw);
        let count = usize::try_from(raw.int()?)?;
        let bytes = raw.take(count.div_ceil(8))?;
        Ok(Self((0..count).map(|at| bytes[at / 8] & (0x80 >> (at % 8)) != 0).collect()))
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}
