//! Dates and times of the crate `time`, of the years -9999 to 9999. What is finer than a microsecond is cut off, downwards.

use crate::types::moment::{DAY, EPOCH_OF_UNIX, HasInfinity, finite_days, finite_micros, read, whole_day};
use crate::types::own::range_element;
use crate::types::{ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time};

/// The Julian day of 2000-01-01.
const EPOCH: i32 = 2_451_545;

impl ScalarType for Date {
    const SQL: SqlType = SqlType::Date;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_i32(self.to_julian_day() - EPOCH);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let day = finite_days(raw)?.checked_add(EPOCH).ok_or("a date after the last one")?;
        Ok(Self::from_julian_day(day)?)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}

impl ScalarType for Time {
    const SQL: SqlType = SqlType::Time;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_i64(micros(*self));
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let micros = whole_day(i64::from_be_bytes(read(raw)?))?;
        Ok(Self::MIDNIGHT + Duration::microseconds(micros))
    }

    fn same(&self, other: &Self) -> bool {
        micros(*self) == micros(*other)
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}

/// Microseconds since midnight.
fn micros(time: Time) -> i64 {
    let (hours, minutes, seconds, micros) = time.as_hms_micro();
    (i64::from(hours) * 3_600 + i64::from(minutes) * 60 + i64::from(seconds)) * 1_000_000 + i64::from(micros)
}

impl ScalarType for PrimitiveDateTime {
    const SQL: SqlType = SqlType::Timestamp;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_i64(i64::from(self.date().to_julian_day() - EPOCH) * DAY + micros(self.time()));
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let since = finite_micros(raw)?;
        let date = Date::from_julian_day(i32::try_from(since.div_euclid(DAY))? + EPOCH)?;
        Ok(Self::new(date, Time::MIDNIGHT + Duration::microseconds(since.rem_euclid(DAY))))
    }

    fn same(&self, other: &Self) -> bool {
        self.date() == other.date() && self.time().same(&other.time())
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}

/// Its offset is not kept, as `timestamptz` keeps none: it comes back in UTC, and as the same moment.
impl ScalarType for OffsetDateTime {
    const SQL: SqlType = SqlType::TimestampTz;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_i64(since_unix(*self)? - EPOCH_OF_UNIX);
        Ok(())
    }

    fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
        PrimitiveDateTime::from_wire(ty, raw).map(PrimitiveDateTime::assume_utc)
    }

    fn same(&self, other: &Self) -> bool {
        matches!((since_unix(*self), since_unix(*other)), (Ok(ours), Ok(theirs)) if ours == theirs)
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}

fn since_unix(moment: OffsetDateTime) -> Result<i64, WireError> {
    Ok(i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000))?)
}

impl HasInfinity for Date {}
impl HasInfinity for PrimitiveDateTime {}
impl HasInfinity for OffsetDateTime {}

range_element! {
    Date = DateRange, DateMultiRange, day => day.next_day();
    PrimitiveDateTime = TsRange, TsMultiRange;
    OffsetDateTime = TsTzRange, TsTzMultiRange;
}
