//! Dates and times of the crate `time`, of the years -9999 to 9999. What is finer than a microsecond is cut off, downwards.
//!
//! The offset of an `OffsetDateTime` is not kept, as `timestamptz` keeps none: it comes back in UTC, and as the same moment.

use super::moments::moments;
use crate::types::moment::{DAY, Day, EPOCH_OF_UNIX, HasInfinity, Moment, TimeOfDay};
use crate::types::own::range_element;
use crate::types::{KeyScalar, ScalarType, SqlType, WireError};
use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time};

/// The Julian day of 2000-01-01.
const EPOCH: i32 = 2_451_545;

moments! {
    Date = Date, days, date;
    Time = Time, micros, time;
    PrimitiveDateTime = Timestamp, since, date_time;
    OffsetDateTime = TimestampTz, since_utc, in_utc;
}

fn days(date: Date) -> Result<i64, WireError> {
    Ok(i64::from(date.to_julian_day() - EPOCH))
}

fn date(days: i64) -> Result<Date, WireError> {
    let day = i32::try_from(days)?.checked_add(EPOCH).ok_or("a date after the last one")?;
    Ok(Date::from_julian_day(day)?)
}

fn micros(time: Time) -> Result<i64, WireError> {
    let (hours, minutes, seconds, micros) = time.as_hms_micro();
    let seconds = i64::from(hours) * 3_600 + i64::from(minutes) * 60 + i64::from(seconds);
    Ok(seconds * 1_000_000 + i64::from(micros))
}

fn time(micros: i64) -> Result<Time, WireError> {
    Ok(Time::MIDNIGHT + Duration::microseconds(micros))
}

fn since(moment: PrimitiveDateTime) -> Result<i64, WireError> {
    Ok(days(moment.date())? * DAY + micros(moment.time())?)
}

fn date_time(since: i64) -> Result<PrimitiveDateTime, WireError> {
    Ok(PrimitiveDateTime::new(date(since.div_euclid(DAY))?, time(since.rem_euclid(DAY))?))
}

fn since_utc(moment: OffsetDateTime) -> Result<i64, WireError> {
    Ok(i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000))? - EPOCH_OF_UNIX)
}

fn in_utc(since: i64) -> Result<OffsetDateTime, WireError> {
    date_time(since).map(PrimitiveDateTime::assume_utc)
}

impl HasInfinity for Date {}
impl HasInfinity for PrimitiveDateTime {}
impl HasInfinity for OffsetDateTime {}

impl Day for Date {}
impl TimeOfDay for Time {}
impl Moment for OffsetDateTime {}

impl KeyScalar for Date {}
impl KeyScalar for Time {}
impl KeyScalar for PrimitiveDateTime {}
impl KeyScalar for OffsetDateTime {}

range_element! {
    Date = DateRange, DateMultiRange, day => day.next_day();
    PrimitiveDateTime = TsRange, TsMultiRange;
    OffsetDateTime = TsTzRange, TsTzMultiRange;
}
