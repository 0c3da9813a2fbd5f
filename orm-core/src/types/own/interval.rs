//! Spans of time as PostgreSQL counts them.

use crate::types::array::Reader;
use crate::types::{ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use std::fmt;

/// An `interval`: months, days and microseconds, which are counted apart because months and days differ in length.
///
/// The database compares intervals as if a month had 30 days; here `1 month` and `30 days` are two values.
///
/// ```
/// use orm_core::types::Interval;
/// let span = Interval { months: 14, days: -3, micros: 1_500_000 };
/// assert_eq!(span.to_string(), "P14M-3DT1.500000S");
/// assert_eq!(Interval::from_days(2), Interval { days: 2, ..Interval::default() });
/// assert_eq!(Interval::from_micros(7).micros, 7);
/// assert_eq!(Interval::from_months(1).months, 1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interval {
    /// Months; a year is 12 of them.
    pub months: i32,
    /// Days.
    pub days: i32,
    /// Microseconds, of hours, minutes and seconds.
    pub micros: i64,
}

impl Interval {
    /// Whole months.
    pub const fn from_months(months: i32) -> Self {
        Self { months, days: 0, micros: 0 }
    }

    /// Whole days.
    pub const fn from_days(days: i32) -> Self {
        Self { months: 0, days, micros: 0 }
    }

    /// Microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self { months: 0, days: 0, micros }
    }
}

/// The form of ISO 8601.
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, micros) = (if self.micros < 0 { "-" } else { "" }, self.micros.unsigned_abs());
        let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
        write!(f, "P{}M{}DT{sign}{seconds}.{rest:06}S", self.months, self.days)
    }
}

impl ScalarType for Interval {
    const SQL: SqlType = SqlType::Interval;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_i64(self.micros);
        out.put_i32(self.days);
        out.put_i32(self.months);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let mut raw = Reader(raw);
        Ok(Self { micros: raw.long()?, days: raw.int()?, months: raw.int()? })
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}
