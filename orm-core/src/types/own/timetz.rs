//! Times with an offset.

use crate::types::array::Reader;
use crate::types::{ScalarType, SqlType, TimeOfDay, WireError};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use std::fmt::{self, Display};

/// A `timetz`: a time of some day, with its distance from UTC.
///
/// ```
/// use chrono::NaiveTime;
/// use orm_core::types::TimeTz;
/// let tea = TimeTz { time: NaiveTime::from_hms_opt(16, 0, 0).unwrap(), offset: 3_600 };
/// assert_eq!(tea.to_string(), "16:00:00+01:00");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeTz<T> {
    /// The time there; what is finer than a microsecond is cut off.
    pub time: T,
    /// The distance from UTC in seconds, to the east; of less than 16 hours.
    pub offset: i32,
}

/// The first distance from UTC that PostgreSQL does not have.
const TOO_FAR: u32 = 16 * 3_600;

impl<T: Display> Display for TimeTz<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, seconds) = (if self.offset < 0 { '-' } else { '+' }, self.offset.unsigned_abs());
        write!(f, "{}{sign}{:02}:{:02}", self.time, seconds / 3_600, seconds / 60 % 60)?;
        match seconds % 60 {
            0 => Ok(()),
            seconds => write!(f, ":{seconds:02}"),
        }
    }
}

impl<T: TimeOfDay + Display> ScalarType for TimeTz<T> {
    const SQL: SqlType = SqlType::TimeTz;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        if self.offset.unsigned_abs() >= TOO_FAR {
            return Err("a time 16 hours or more from UTC, which PostgreSQL does not have".into());
        }
        self.time.to_wire(out)?;
        out.put_i32(-self.offset);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let mut raw = Reader(raw);
        let time = T::from_wire(&Type::TIME, raw.take(8)?)?;
        Ok(Self { time, offset: raw.int()?.checked_neg().ok_or("no distance from UTC")? })
    }

    fn same(&self, other: &Self) -> bool {
        self.time.same(&other.time) && self.offset == other.offset
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}
