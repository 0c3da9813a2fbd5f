//! `Vector` of the crate `pgvector`. The extension `vector` has to be there; `create_all` asks for it.

use crate::types::array::Reader;
use crate::types::named::{Extension, NamedType, WireTypes};
use crate::types::{ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use pgvector::Vector;
use postgres_types::Type;
use std::fmt::Write;
use std::sync::LazyLock;

static WIRE: LazyLock<WireTypes> = LazyLock::new(|| WireTypes::of("vector"));
const VECTOR: NamedType = NamedType::extension(
    "vector",
    ["vector", "vector[]"],
    Extension { name: Some("vector"), to_text },
    || &WIRE,
);

impl ScalarType for Vector {
    const SQL: SqlType = SqlType::Named(&VECTOR);

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        let numbers = self.as_slice();
        out.put_u16(u16::try_from(numbers.len())?);
        out.put_u16(0);
        numbers.iter().for_each(|number| out.put_f32(*number));
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let mut raw = Reader(raw);
        let (count, _unused) = (raw.short()?, raw.short()?);
        (0..count).map(|_| raw.float()).collect::<Result<Vec<_>, _>>().map(Self::from)
    }

    fn same(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.as_slice(), other.as_slice());
        ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| a.same(b))
    }

    fn to_json(&self) -> serde_json::Value {
        self.as_slice().into()
    }
}

/// `[1,2.5]`
fn to_text(raw: &[u8], out: &mut String) -> Result<(), WireError> {
    for (at, number) in Vector::from_wire(&Type::UNKNOWN, raw)?.as_slice().iter().enumerate() {
        write!(out, "{}{number}", if at == 0 { '[' } else { ',' })?;
    }
    out.push(']');
    Ok(())
}
