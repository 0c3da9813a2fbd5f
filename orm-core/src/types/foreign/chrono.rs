//! Dates and times of the crate `chrono`.
//!
//! PostgreSQL keeps microseconds. What is finer is cut off when a value is written, downwards, and counts as the same for the flush. What
//! PostgreSQL cannot say (a leap second) and what `chrono` cannot (`infinity`, 24:00) is an error.

use crate::types::moment::{
    Day, HasInfinity, Moment, TimeOfDay, finite_days, finite_micros, read, whole_day,
};
use crate::types::own::range_element;
use crate::types::{KeyScalar, ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, Timelike, Utc};
use postgres_types::Type;
use serde_json::Value as Json;

/// The first day that PostgreSQL counts from.
const EPOCH: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day");

impl ScalarType for NaiveDate {
    const SQL: SqlType = SqlType::Date;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        let days = self.signed_duration_since(EPOCH).num_days();
        out.put_i32(i32::try_from(days)?);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let days = finite_days(raw)?;
        let distance = Days::new(u64::from(days.unsigned_abs()));
        let day = if days < 0 { EPOCH.checked_sub_days(distance) } else { EPOCH.checked_add_days(distance) };
        day.ok_or_else(|| format!("a date {days} days from 2000-01-01 is none of `chrono`").into())
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> Json {
        self.to_string().into()
    }
}

impl ScalarType for NaiveTime {
    const SQL: SqlType = SqlType::Time;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        let micros = i64::from(no_leap(self)? / 1_000);
        out.put_i64(i64::from(self.num_seconds_from_midnight()) * 1_000_000 + micros);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let micros = whole_day(i64::from_be_bytes(read(raw)?))?;
        let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
        let time =
            Self::from_num_seconds_from_midnight_opt(u32::try_from(seconds)?, u32::try_from(rest)? * 1_000);
        time.ok_or_else(|| "a time after the end of the day".into())
    }

    fn same(&self, other: &Self) -> bool {
        self.num_seconds_from_midnight() == other.num_seconds_from_midnight()
            && self.nanosecond() / 1_000 == other.nanosecond() / 1_000
    }

    fn to_json(&self) -> Json {
        self.to_string().into()
    }
}

impl ScalarType for NaiveDateTime {
    const SQL: SqlType = SqlType::Timestamp;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        let nanos = no_leap(self)?;
        let seconds =
            self.with_nanosecond(0).unwrap_or(*self).signed_duration_since(EPOCH.into()).num_seconds();
        let micros = seconds.checked_mul(1_000_000).and_then(|us| us.checked_add(i64::from(nanos / 1_000)));
        out.put_i64(micros.ok_or("a time that PostgreSQL cannot say")?);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let micros = finite_micros(raw)?;
        let moment = Self::from(EPOCH).checked_add_signed(TimeDelta::microseconds(micros));
        moment.ok_or_else(|| format!("a time {micros} µs from 2000-01-01 is none of `chrono`").into())
    }

    fn same(&self, other: &Self) -> bool {
        self.date() == other.date() && self.time().same(&other.time())
    }

    fn to_json(&self) -> Json {
        self.format("%Y-%m-%dT%H:%M:%S%.f").to_string().into()
    }
}

impl ScalarType for DateTime<Utc> {
    const SQL: SqlType = SqlType::TimestampTz;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        self.naive_utc().to_wire(out)
    }

    fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
        NaiveDateTime::from_wire(ty, raw).map(|moment| moment.and_utc())
    }

    fn same(&self, other: &Self) -> bool {
        self.naive_utc().same(&other.naive_utc())
    }

    fn to_json(&self) -> Json {
        self.to_rfc3339_opts(SecondsFormat::AutoSi, true).into()
    }
}

impl HasInfinity for NaiveDate {}
impl HasInfinity for NaiveDateTime {}
impl HasInfinity for DateTime<Utc> {}

impl Day for NaiveDate {}
impl TimeOfDay for NaiveTime {}
impl Moment for DateTime<Utc> {}

impl KeyScalar for NaiveDate {}
impl KeyScalar for NaiveTime {}
impl KeyScalar for NaiveDateTime {}
impl KeyScalar for DateTime<Utc> {}

range_element! {
    NaiveDate = DateRange, DateMultiRange, day => day.checked_add_days(Days::new(1));
    NaiveDateTime = TsRange, TsMultiRange;
    DateTime<Utc> = TsTzRange, TsTzMultiRange;
}

/// The nanoseconds inside of the second, which is no leap second.
fn no_leap(time: &impl Timelike) -> Result<u32, WireError> {
    match time.nanosecond() {
        nanos @ 0..1_000_000_000 => Ok(nanos),
        _ => Err("a leap second, which PostgreSQL cannot say".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back<T: ScalarType>(value: &T) -> Result<T, WireError> {
        let mut raw = BytesMut::new();
        value.to_wire(&mut raw)?;
        T::from_wire(&T::SQL.element(), &raw)
    }

    #[test]
    fn what_is_finer_than_a_microsecond_is_cut_off_downwards() {
        for seconds in [-62_135_596_801, -1, 0, 946_684_799, 946_684_800, 1_700_000_000] {
            let exact = DateTime::from_timestamp(seconds, 123_456_789).unwrap();
            let stored = back(&exact).unwrap();
            assert_eq!(stored, DateTime::from_timestamp(seconds, 123_456_000).unwrap());
            assert!(stored.same(&exact) && exact.same(&stored));
        }
    }

    #[test]
    fn leap_seconds_are_errors() {
        let leap = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_500_000_000).unwrap();
        assert!(back(&leap).is_err());
        assert!(back(&EPOCH.and_time(leap)).is_err());
    }

    #[test]
    fn the_edges_of_chrono_come_back() {
        for day in [NaiveDate::MIN, EPOCH.pred_opt().unwrap(), EPOCH, NaiveDate::MAX] {
            assert_eq!(back(&day).unwrap(), day);
            let moment = day.and_hms_micro_opt(23, 59, 59, 999_999).unwrap();
            assert_eq!(back(&moment).unwrap(), moment);
        }
    }
}
