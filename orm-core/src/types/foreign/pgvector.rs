//! `Vector`, `HalfVector` and `SparseVector` of the crate `pgvector`. The extension `vector` has to be there; `create_all` asks for it.

use crate::types::array::Reader;
use crate::types::named::{Extension, NamedType, WireTypes};
use crate::types::{ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use pgvector::{HalfVector, SparseVector, Vector};
use postgres_types::Type;
use serde_json::Value as Json;
use std::fmt::Write;
use std::sync::LazyLock;

/// A type of the extension: its name, and the text of a value.
macro_rules! vector_type {
    ($constant:ident, $name:literal, $to_text:expr) => {
        const $constant: NamedType = {
            static WIRE: LazyLock<WireTypes> = LazyLock::new(|| WireTypes::of($name));
            const FROM: Extension = Extension { name: Some("vector"), to_text: $to_text };
            NamedType::extension($name, [$name, concat!($name, "[]")], FROM, || &WIRE)
        };
    };
}
vector_type!(VECTOR, "vector", |raw, out| dense_text(
    Vector::from_wire(&Type::UNKNOWN, raw)?.as_slice(),
    out
));
vector_type!(HALF, "halfvec", |raw, out| dense_text(
    HalfVector::from_wire(&Type::UNKNOWN, raw)?.as_slice(),
    out
));
vector_type!(SPARSE, "sparsevec", |raw, out| {
    out.push_str(&sparse_text(&SparseVector::from_wire(&Type::UNKNOWN, raw)?));
    Ok(())
});

/// Vectors that hold each of their numbers: how many they are, two bytes for nothing, and the numbers.
macro_rules! dense {
    ($ty:ty = $named:ident; $number:ident => $bytes:expr, $reader:ident => $read:expr;) => {
        impl ScalarType for $ty {
            const SQL: SqlType = SqlType::Named(&$named);

            fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
                let numbers = self.as_slice();
                out.put_u16(u16::try_from(numbers.len())?);
                out.put_u16(0);
                numbers.iter().for_each(|$number| out.extend_from_slice(&$bytes));
                Ok(())
            }

            fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
                let mut $reader = Reader(raw);
                let (count, _unused) = ($reader.short()?, $reader.short()?);
                (0..count).map(|_| $read).collect::<Result<Vec<_>, WireError>>().map(Self::from)
            }

            fn same(&self, other: &Self) -> bool {
                same(self.as_slice(), other.as_slice())
            }

            fn to_json(&self) -> Json {
                self.as_slice().iter().map(|number| Json::from(f32::from(*number))).collect()
            }
        }
    };
}
dense! { Vector = VECTOR; number => number.to_be_bytes(), raw => raw.float(); }
dense! { HalfVector = HALF; number => number.to_be_bytes(), raw => Ok(half::f16::from_bits(raw.short()?)); }

impl ScalarType for SparseVector {
    const SQL: SqlType = SqlType::Named(&SPARSE);

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        let places = self.indices();
        out.put_i32(self.dimensions());
        out.put_i32(i32::try_from(places.len())?);
        out.put_i32(0);
        places.iter().for_each(|place| out.put_i32(*place));
        self.values().iter().for_each(|number| out.put_f32(*number));
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let mut raw = Reader(raw);
        let (dimensions, count, _unused) = (raw.int()?, raw.int()?, raw.int()?);
        let places = (0..count).map(|_| raw.int()).collect::<Result<Vec<_>, _>>()?;
        let numbers = (0..count).map(|_| raw.float()).collect::<Result<Vec<_>, _>>()?;
        Ok(Self::from_map(places.iter().zip(&numbers), dimensions))
    }

    fn same(&self, other: &Self) -> bool {
        self.dimensions() == other.dimensions()
            && self.indices() == other.indices()
            && same(self.values(), other.values())
    }

    fn to_json(&self) -> Json {
        sparse_text(self).into()
    }
}

/// As the flush compares floats: `NaN` is `NaN`, and `-0.0` is not `0.0`.
fn same<N: Copy>(ours: &[N], theirs: &[N]) -> bool
where
    f32: From<N>,
{
    let same = |(a, b): (&N, &N)| f32::from(*a).same(&f32::from(*b));
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(same)
}

/// `[1,2.5]`
fn dense_text<N: Copy>(numbers: &[N], out: &mut String) -> Result<(), WireError>
where
    f32: From<N>,
{
    out.push('[');
    for (at, number) in numbers.iter().enumerate() {
        write!(out, "{}{}", if at == 0 { "" } else { "," }, f32::from(*number))?;
    }
    out.push(']');
    Ok(())
}

/// `{1:1,4:2.5}/5`; places are counted from 1 in texts, and from 0 elsewhere.
fn sparse_text(vector: &SparseVector) -> String {
    let numbers = vector.indices().iter().zip(vector.values());
    let numbers: Vec<String> =
        numbers.map(|(place, number)| format!("{}:{number}", i64::from(*place) + 1)).collect();
    format!("{{{}}}/{}", numbers.join(","), vector.dimensions())
}
