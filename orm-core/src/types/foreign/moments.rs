//! What the crates of dates and times share that know a value as what PostgreSQL counts of it.

use crate::types::moment::{finite_days, finite_micros, read, whole_day};
use crate::types::{SqlType, WireError};
use bytes::{BufMut, BytesMut};

/// What PostgreSQL counts of a value of a type: days or microseconds since 2000, or microseconds of a day.
pub(super) fn count(ty: SqlType, raw: &[u8]) -> Result<i64, WireError> {
    match ty {
        SqlType::Date => finite_days(raw).map(i64::from),
        SqlType::Time => whole_day(i64::from_be_bytes(read(raw)?)),
        _ => finite_micros(raw),
    }
}

/// Appends what PostgreSQL counts of a value of a type.
pub(super) fn put_count(ty: SqlType, count: i64, out: &mut BytesMut) -> Result<(), WireError> {
    match ty {
        SqlType::Date => out.put_i32(i32::try_from(count)?),
        _ => out.put_i64(count),
    }
    Ok(())
}

/// Dates and times of a crate, with the functions that give what PostgreSQL counts of a value, and the value of that.
macro_rules! moments {
    ($($ty:ty = $sql:ident, $count:path, $of_count:path;)*) => {$(
        impl ScalarType for $ty {
            const SQL: SqlType = SqlType::$sql;

            fn to_wire(&self, out: &mut bytes::BytesMut) -> Result<(), WireError> {
                $crate::types::foreign::moments::put_count(Self::SQL, $count(*self)?, out)
            }

            fn from_wire(_: &postgres_types::Type, raw: &[u8]) -> Result<Self, WireError> {
                $of_count($crate::types::foreign::moments::count(Self::SQL, raw)?)
            }

            fn same(&self, other: &Self) -> bool {
                matches!(($count(*self), $count(*other)), (Ok(ours), Ok(theirs)) if ours == theirs)
            }

            fn to_json(&self) -> serde_json::Value {
                self.to_string().into()
            }
        }
    )*};
}

pub(super) use moments;
