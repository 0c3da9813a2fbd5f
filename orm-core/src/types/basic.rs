//! The scalars that Rust itself has.

use super::nul::without_nul;
use super::scalar::WireError;
use super::{ScalarType, SqlType};
use bytes::BytesMut;
use postgres_types::{FromSql, IsNull, ToSql, Type};
use serde_json::{Value as Json, json};
use std::fmt::Write;

/// Scalars whose codec in [`postgres_types`] loses nothing; what follows says when they are the same, and their JSON.
macro_rules! scalar {
    ($($ty:ty = $sql:ident, $encode:path, $same:expr, $v:ident => $json:expr;)*) => {$(
        impl ScalarType for $ty {
            const SQL: SqlType = SqlType::$sql;

            fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
                $encode(self, Self::SQL, out)
            }

            fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
                Self::from_sql(ty, raw)
            }

            fn same(&self, other: &Self) -> bool {
                $same(self, other)
            }

            fn to_json(&self) -> Json {
                let $v = self;
                $json
            }
        }
    )*};
}

fn encode(value: &impl ToSql, ty: SqlType, out: &mut BytesMut) -> Result<(), WireError> {
    match value.to_sql(&ty.element(), out)? {
        IsNull::No => Ok(()),
        IsNull::Yes => Err("a scalar encoded itself as NULL".into()),
    }
}

fn text(value: &str, _: SqlType, out: &mut BytesMut) -> Result<(), WireError> {
    out.extend_from_slice(without_nul(value)?);
    Ok(())
}

scalar! {
    bool = Boolean, encode, PartialEq::eq, v => json!(v);
    i16 = SmallInt, encode, PartialEq::eq, v => json!(v);
    i32 = Integer, encode, PartialEq::eq, v => json!(v);
    i64 = BigInt, encode, PartialEq::eq, v => json!(v);
    // `NaN` stays `NaN` without an update, and `-0.0` is not `0.0`.
    f32 = Real, encode, |a: &f32, b: &f32| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(), v => json!(v);
    f64 = DoublePrecision, encode, |a: &f64, b: &f64| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(), v => json!(v);
    String = Text, text, PartialEq::eq, v => json!(v);
    Vec<u8> = Bytea, encode, PartialEq::eq, v => json!(hex(v));
}

/// The text form of `bytea`: `\x` and two digits a byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 + bytes.len() * 2);
    text.push_str("\\x");
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
