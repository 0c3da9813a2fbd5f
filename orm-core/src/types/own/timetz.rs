//! Times with an offset.

use crate::types::array::Reader;
use crate::types::{ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use chrono::{FixedOffset, NaiveTime};
use postgres_types::Type;
use std::fmt;

/// A `timetz`: a time of some day, with its distance from UTC.
///
/// ```
/// use chrono::{FixedOffset, NaiveTime};
/// use orm_core::types::TimeTz;
/// let tea = TimeTz { time: NaiveTime::from_hms_opt(16, 0, 0).unwrap(), offset: FixedOffset::east_opt(3_600).unwrap() };
/// assert_eq!(tea.to_string(), "16:00:00+01:00");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeTz {
    /// The time there; what is finer than a microsecond is cut off.
    pub time: NaiveTime,
    /// The distance from UTC, of less than 16 hours.
    pub offset: FixedOffset,
}

impl fmt::Display for TimeTz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.time, self.offset)
    }
}

impl ScalarType for TimeTz {
    const SQL: SqlType = SqlType::TimeTz;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        self.time.to_wire(out)?;
        out.put_i32(self.offset.utc_minus_local());
        Ok(())
    }

    fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let mut raw = Reader(raw);
        let time = NaiveTime::from_wire(ty, raw.take(8)?)?;
        let offset = FixedOffset::west_opt(raw.int()?).ok_or("an offset of a day or more")?;
        Ok(Self { time, offset })
    }

    fn same(&self, other: &Self) -> bool {
        self.time.same(&other.time) && self.offset == other.offset
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}
