//! Types of a few bytes.

use crate::types::array::Reader;
use crate::types::moment::read;
use crate::types::{KeyScalar, ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use serde_json::{Value as Json, json};

/// An `oid`: the number of an object of the database, such as a table.
///
/// ```
/// # use orm_core::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::TestDatabase::create().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::types::Oid;
/// let text = orm_core::sql::text("SELECT oid FROM pg_type WHERE typname = $1").bind("text");
/// assert_eq!(text.scalar::<Oid>(&engine).await?, Some(Oid(25)));
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid(pub u32);

impl KeyScalar for Oid {}

impl ScalarType for Oid {
    const SQL: SqlType = SqlType::Oid;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_u32(self.0);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        read(raw).map(u32::from_be_bytes).map(Self)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> Json {
        self.0.into()
    }
}

/// A `"char"`: one byte, as tables of the database itself have it.
///
/// ```
/// use orm_core::types::ByteChar;
/// assert_eq!(ByteChar(b'r').to_string(), "r");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ByteChar(pub u8);

impl KeyScalar for ByteChar {}

impl std::fmt::Display for ByteChar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::ascii::escape_default(self.0).fmt(f)
    }
}

impl ScalarType for ByteChar {
    const SQL: SqlType = SqlType::Char;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_u8(self.0);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        read(raw).map(|[byte]| Self(byte))
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> Json {
        self.to_string().into()
    }
}

/// A `point` of a plane.
///
/// ```
/// use orm_core::types::{Point, ScalarType};
/// assert_eq!(Point { x: 1.5, y: -2.0 }.to_json(), serde_json::json!([1.5, -2.0]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Up.
    pub y: f64,
}

impl ScalarType for Point {
    const SQL: SqlType = SqlType::Point;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_f64(self.x);
        out.put_f64(self.y);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let mut raw = Reader(raw);
        let mut number = || Ok::<_, WireError>(f64::from_bits(raw.long()?.cast_unsigned()));
        Ok(Self { x: number()?, y: number()? })
    }

    fn same(&self, other: &Self) -> bool {
        self.x.same(&other.x) && self.y.same(&other.y)
    }

    fn to_json(&self) -> Json {
        json!([self.x, self.y])
    }
}
