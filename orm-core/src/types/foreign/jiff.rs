//! Dates and times of the crate `jiff`, of the years -9999 to 9999. What is finer than a microsecond is cut off, downwards.

use crate::types::moment::{
    DAY, Day, EPOCH_OF_UNIX, HasInfinity, Moment, date_of_days, days_of_date, moments,
};
use crate::types::own::range_element;
use crate::types::{ScalarType, SqlType, WireError};
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
impl Moment for Timestamp {}

range_element! {
    Date = DateRange, DateMultiRange, day => day.tomorrow().ok();
    DateTime = TsRange, TsMultiRange;
    Timestamp = TsTzRange, TsTzMultiRange;
}
