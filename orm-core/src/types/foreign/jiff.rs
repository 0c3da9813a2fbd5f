//! Dates and times of the crate `jiff`, of the years -9999 to 9999. What is finer than a microsecond is cut off, downwards.

use super::moments::moments;
use crate::types::moment::{DAY, Day, EPOCH, EPOCH_OF_UNIX, HasInfinity, Moment, TimeOfDay, date_of_days};
use crate::types::own::range_element;
use crate::types::{KeyScalar, ScalarType, SqlType, WireError};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

moments! {
    Date = Date, days, date;
    Time = Time, micros, time;
    DateTime = Timestamp, since, date_time;
    Timestamp = TimestampTz, since_utc, timestamp;
}

fn days(date: Date) -> Result<i64, WireError> {
    Ok(days_of_date(date.year().into(), date.month().into(), date.day().into()))
}

/// Days from 2000-01-01.
fn days_of_date(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    era * 146_097 + year * 365 + year / 4 - year / 100 + (153 * month + 2) / 5 + day - 1 - EPOCH
}

fn date(days: i64) -> Result<Date, WireError> {
    let (year, month, day) = date_of_days(days);
    Ok(Date::new(i16::try_from(year)?, i8::try_from(month)?, i8::try_from(day)?)?)
}

fn micros(time: Time) -> Result<i64, WireError> {
    let seconds = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    Ok(seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1_000)
}

fn time(micros: i64) -> Result<Time, WireError> {
    let (seconds, nanos) = (micros / 1_000_000, micros % 1_000_000 * 1_000);
    let [hour, minute, second] = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map(i8::try_from);
    Ok(Time::new(hour?, minute?, second?, i32::try_from(nanos)?)?)
}

fn since(moment: DateTime) -> Result<i64, WireError> {
    Ok(days(moment.date())? * DAY + micros(moment.time())?)
}

fn date_time(since: i64) -> Result<DateTime, WireError> {
    Ok(DateTime::from_parts(date(since.div_euclid(DAY))?, time(since.rem_euclid(DAY))?))
}

fn since_utc(moment: Timestamp) -> Result<i64, WireError> {
    Ok(i64::try_from(moment.as_nanosecond().div_euclid(1_000))? - EPOCH_OF_UNIX)
}

fn timestamp(since: i64) -> Result<Timestamp, WireError> {
    let since = since.checked_add(EPOCH_OF_UNIX).ok_or("a moment after the last one")?;
    let nanos = i32::try_from(since.rem_euclid(1_000_000) * 1_000)?;
    Ok(Timestamp::new(since.div_euclid(1_000_000), nanos)?)
}

impl HasInfinity for Date {}
impl HasInfinity for DateTime {}
impl HasInfinity for Timestamp {}

impl Day for Date {}
impl TimeOfDay for Time {}
impl Moment for Timestamp {}

impl KeyScalar for Date {}
impl KeyScalar for Time {}
impl KeyScalar for DateTime {}
impl KeyScalar for Timestamp {}

range_element! {
    Date = DateRange, DateMultiRange, day => day.tomorrow().ok();
    DateTime = TsRange, TsMultiRange;
    Timestamp = TsTzRange, TsTzMultiRange;
}
