//! Moments as PostgreSQL counts them, whatever crate they come from; and those that are infinitely far away.

use super::scalar::WireError;
use super::{ScalarType, SqlType};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use serde_json::Value as Json;
use std::time::{SystemTime, UNIX_EPOCH};

/// Bytes of a known number.
pub(super) fn read<const N: usize>(raw: &[u8]) -> Result<[u8; N], WireError> {
    raw.try_into().map_err(|_| format!("{} bytes where a value has {N}", raw.len()).into())
}

/// The days since 2000 of a date that is not infinitely far away.
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
pub(super) fn finite_days(raw: &[u8]) -> Result<i32, WireError> {
    match i32::from_be_bytes(read(raw)?) {
        i32::MIN | i32::MAX => Err(INFINITE.into()),
        days => Ok(days),
    }
}

/// The microseconds since 2000 of a time that is not infinitely far away.
pub(crate) fn finite_micros(raw: &[u8]) -> Result<i64, WireError> {
    match i64::from_be_bytes(read(raw)?) {
        i64::MIN | i64::MAX => Err(INFINITE.into()),
        micros => Ok(micros),
    }
}

const INFINITE: &str = "an infinite time: `OrInfinity<…>` as the type of the field can say it";

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// Microseconds from the beginning of 1970 to that of 2000.
pub(super) const EPOCH_OF_UNIX: i64 = 946_684_800_000_000;

/// Now, in microseconds since 2000.
pub(crate) fn micros_of_now() -> i64 {
    let now = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()),
        Err(before) => i64::try_from(before.duration().as_micros()).map(|micros| -micros),
    };
    now.unwrap_or(i64::MAX) - EPOCH_OF_UNIX
}

/// Days from the beginning of a year 0 that begins in March, so that the day which some years have stands at the end, to 2000-01-01.
pub(super) const EPOCH: i64 = 730_425;

/// Year, month and day, so many days from 2000-01-01; the year 0 is the one before 1.
pub(super) fn date_of_days(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let year = 400 * era + year + i64::from(month >= 10);
    (year, if month < 10 { month + 3 } else { month - 9 }, day)
}

/// Microseconds of a day, without its end: 24:00 is a time of PostgreSQL, and of no crate.
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
pub(super) fn whole_day(micros: i64) -> Result<i64, WireError> {
    match micros {
        0..DAY => Ok(micros),
        _ => Err("24:00, which the type of the field cannot say".into()),
    }
}

/// A type of dates or times that PostgreSQL extends by `infinity` and `-infinity`.
///
/// ```
/// use orm_core::types::{HasInfinity, OrInfinity};
/// fn forever<T: HasInfinity>() -> OrInfinity<T> {
///     OrInfinity::Infinity
/// }
/// assert!(forever::<chrono::NaiveDate>() > OrInfinity::Finite(chrono::NaiveDate::MAX));
/// ```
pub trait HasInfinity: ScalarType + PartialEq {}

/// A type of points in time, as `timestamptz` has them: what the clock of the database tells.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::mapper::{Column, Source};
/// use orm_core::query::now;
/// use orm_core::types::Moment;
/// fn passed<M: Source, T: Moment>(column: Column<M, Auto<T>>) -> Predicate<M> {
///     column.le(now())
/// }
/// let all = select::<Customer>().filter(passed(Customer::CREATED_AT));
/// assert!(all.to_string().ends_with(r#"WHERE "created_at" <= now()"#));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no point in time",
    label = "no type of a `timestamptz`",
    note = "points in time are, with the feature of the crate, `chrono::DateTime<Utc>`, `jiff::Timestamp` and `time::OffsetDateTime`"
)]
pub trait Moment: ScalarType {}

/// A type of days, as `date` has them.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Visit { #[model(primary_key)] pub id: Auto<i64>, pub on: NaiveDate }
/// use orm_core::mapper::{Column, Source};
/// use orm_core::query::current_date;
/// use orm_core::types::Day;
/// fn today<M: Source, T: Day>(column: Column<M, T>) -> Predicate<M> {
///     column.eq(current_date())
/// }
/// let all = select::<Visit>().filter(today(Visit::ON));
/// assert!(all.to_string().ends_with(r#"WHERE "on" = CAST(now() AS date)"#));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no day",
    label = "no type of a `date`",
    note = "days are, with the feature of the crate, `chrono::NaiveDate`, `jiff::civil::Date` and `time::Date`"
)]
pub trait Day: ScalarType {}

#[diagnostic::do_not_recommend]
impl<T: HasInfinity + Moment> Moment for OrInfinity<T> {}

#[diagnostic::do_not_recommend]
impl<T: HasInfinity + Day> Day for OrInfinity<T> {}

/// A type of times of a day, as `time` has them.
///
/// ```
/// use orm_core::types::{TimeOfDay, TimeTz};
/// fn in_utc<T: TimeOfDay>(time: T) -> TimeTz<T> {
///     TimeTz { time, offset: 0 }
/// }
/// assert_eq!(in_utc(chrono::NaiveTime::MIN).to_string(), "00:00:00+00:00");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no time of a day",
    label = "no type of a `time`",
    note = "times of a day are, with the feature of the crate, `chrono::NaiveTime`, `jiff::civil::Time` and `time::Time`"
)]
pub trait TimeOfDay: ScalarType {}

/// A date or time, or one that is infinitely far away: what `infinity` and `-infinity` of the database are.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use chrono::{DateTime, Utc};
/// use orm_core::types::OrInfinity;
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Price {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub until: OrInfinity<DateTime<Utc>>,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// Price::builder().until(OrInfinity::Infinity).build().insert(&engine).await?;
/// let open = select::<Price>().filter(Price::UNTIL.gt(OrInfinity::Finite(Utc::now())));
/// assert_eq!(open.fetch_one(&engine).await?.until, OrInfinity::Infinity);
/// assert_eq!((OrInfinity::Finite(7).finite(), OrInfinity::<i32>::Infinity.finite()), (Some(7), None));
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OrInfinity<T> {
    /// Before all others.
    NegInfinity,
    /// An ordinary one.
    Finite(T),
    /// After all others.
    Infinity,
}

impl<T> From<T> for OrInfinity<T> {
    fn from(value: T) -> Self {
        Self::Finite(value)
    }
}

impl<T> OrInfinity<T> {
    /// The value, where it is not infinitely far away.
    pub fn finite(self) -> Option<T> {
        match self {
            Self::Finite(value) => Some(value),
            Self::NegInfinity | Self::Infinity => None,
        }
    }
}

impl<T: HasInfinity> ScalarType for OrInfinity<T> {
    const SQL: SqlType = T::SQL;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        match (self, T::SQL) {
            (Self::Finite(value), _) => value.to_wire(out)?,
            (Self::Infinity, SqlType::Date) => out.put_i32(i32::MAX),
            (Self::NegInfinity, SqlType::Date) => out.put_i32(i32::MIN),
            (Self::Infinity, _) => out.put_i64(i64::MAX),
            (Self::NegInfinity, _) => out.put_i64(i64::MIN),
        }
        Ok(())
    }

    fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
        const MIN: i64 = i64::MIN;
        const MAX: i64 = i64::MAX;
        let value = match T::SQL {
            SqlType::Date => match i32::from_be_bytes(read(raw)?) {
                i32::MIN => MIN,
                i32::MAX => MAX,
                _ => 0,
            },
            _ => i64::from_be_bytes(read(raw)?),
        };
        match value {
            MIN => Ok(Self::NegInfinity),
            MAX => Ok(Self::Infinity),
            _ => T::from_wire(ty, raw).map(Self::Finite),
        }
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Finite(ours), Self::Finite(theirs)) => ours.same(theirs),
            _ => self == other,
        }
    }

    fn to_json(&self) -> Json {
        match self {
            Self::NegInfinity => "-infinity".into(),
            Self::Finite(value) => value.to_json(),
            Self::Infinity => "infinity".into(),
        }
    }
}

#[cfg(all(test, feature = "chrono"))]
mod tests {
    use super::*;
    use chrono::{Datelike, NaiveDate, TimeDelta};

    #[test]
    fn the_calendar_is_that_of_chrono() {
        let epoch = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
        let near = -800_000..800_000_i64;
        let all = near.chain((-96_000_000..=95_000_000).step_by(4_999));
        for days in all {
            let day = epoch.checked_add_signed(TimeDelta::days(days)).unwrap();
            let expected = (day.year().into(), day.month().into(), day.day().into());
            assert_eq!(date_of_days(days), expected, "{days} days");
        }
    }
}
