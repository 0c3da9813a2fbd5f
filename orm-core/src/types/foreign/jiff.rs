//! Dates and times of the crate `jiff`, of the years -9999 to 9999. What is finer than a microsecond is cut off, downwards.

use crate::types::moment::{
    DAY, EPOCH_OF_UNIX, HasInfinity, date_of_days, days_of_date, finite_days, finite_micros, read, whole_day,
};
use crate::types::own::range_element;
use crate::types::{ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use postgres_types::Type;

impl ScalarType for Date {
    const SQL: SqlType = SqlType::Date;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_i32(i32::try_from(days(*self))?);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        date(i64::from(finite_days(raw)?))
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}

/// Days since 2000-01-01.
fn days(date: Date) -> i64 {
    days_of_date(date.year().into(), date.month().into(), date.day().into())
}

fn date(days: i64) -> Result<Date, WireError> {
    let (year, month, day) = date_of_days(days);
    Ok(Date::new(i16::try_from(year)?, i8::try_from(month)?, i8::try_from(day)?)?)
}

impl ScalarType for Time {
    const SQL: SqlType = SqlType::Time;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_i64(micros(*self));
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        time(whole_day(i64::from_be_bytes(read(raw)?))?)
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
    let seconds = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1_000
}

fn time(micros: i64) -> Result<Time, WireError> {
    let (seconds, nanos) = (micros / 1_000_000, micros % 1_000_000 * 1_000);
    let [hour, minute, second] = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map(i8::try_from);
    Ok(Time::new(hour?, minute?, second?, i32::try_from(nanos)?)?)
}

impl ScalarType for DateTime {
    const SQL: SqlType = SqlType::Timestamp;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_i64(days(self.date()) * DAY + micros(self.time()));
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let since = finite_micros(raw)?;
        Ok(Self::from_parts(date(since.div_euclid(DAY))?, time(since.rem_euclid(DAY))?))
    }

    fn same(&self, other: &Self) -> bool {
        self.date() == other.date() && self.time().same(&other.time())
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}

impl ScalarType for Timestamp {
    const SQL: SqlType = SqlType::TimestampTz;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_i64(since_unix(*self)? - EPOCH_OF_UNIX);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let since = finite_micros(raw)?.checked_add(EPOCH_OF_UNIX).ok_or("a moment after the last one")?;
        let nanos = i32::try_from(since.rem_euclid(1_000_000) * 1_000)?;
        Ok(Self::new(since.div_euclid(1_000_000), nanos)?)
    }

    fn same(&self, other: &Self) -> bool {
        matches!((since_unix(*self), since_unix(*other)), (Ok(ours), Ok(theirs)) if ours == theirs)
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}

fn since_unix(moment: Timestamp) -> Result<i64, WireError> {
    Ok(i64::try_from(moment.as_nanosecond().div_euclid(1_000))?)
}

impl HasInfinity for Date {}
impl HasInfinity for DateTime {}
impl HasInfinity for Timestamp {}

range_element! {
    Date = DateRange, DateMultiRange, day => day.tomorrow().ok();
    DateTime = TsRange, TsMultiRange;
    Timestamp = TsTzRange, TsTzMultiRange;
}
