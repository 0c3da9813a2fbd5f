//! The texts of dates and times, in the form that every `DateStyle` and `IntervalStyle` reads in one way.

use super::super::moment::{DAY, date_of_days};
use super::super::scalar::WireError;
use std::fmt::{Result as Written, Write};

/// Days since 2000-01-01.
pub(super) fn push_date(days: i32, out: &mut String) -> Result<(), WireError> {
    match days {
        i32::MIN => out.push_str("-infinity"),
        i32::MAX => out.push_str("infinity"),
        _ => {
            let year = push_day(i64::from(days), out)?;
            push_era(year, out);
        }
    }
    Ok(())
}

/// Microseconds since 2000-01-01; the zone is UTC, or there is none.
pub(super) fn push_timestamp(micros: i64, zone: &str, out: &mut String) -> Result<(), WireError> {
    match micros {
        i64::MIN => out.push_str("-infinity"),
        i64::MAX => out.push_str("infinity"),
        _ => {
            let year = push_day(micros.div_euclid(DAY), out)?;
            out.push(' ');
            push_clock(micros.rem_euclid(DAY).cast_unsigned(), out)?;
            out.push_str(zone);
            push_era(year, out);
        }
    }
    Ok(())
}

pub(super) fn push_time(micros: i64, out: &mut String) -> Result<(), WireError> {
    Ok(push_clock(u64::try_from(micros)?, out)?)
}

/// The offset is in seconds to the west.
pub(super) fn push_timetz(micros: i64, west: i32, out: &mut String) -> Result<(), WireError> {
    push_time(micros, out)?;
    let (sign, seconds) = (if west > 0 { '-' } else { '+' }, west.unsigned_abs());
    Ok(write!(out, "{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?)
}

/// Each part has a sign of its own, which every `IntervalStyle` takes for that part alone.
pub(super) fn push_interval(micros: i64, days: i32, months: i32, out: &mut String) -> Result<(), WireError> {
    match (micros, days, months) {
        (i64::MIN, i32::MIN, i32::MIN) => out.push_str("-infinity"),
        (i64::MAX, i32::MAX, i32::MAX) => out.push_str("infinity"),
        // More than the hours of a time can say.
        (i64::MIN, ..) => write!(out, "{months:+} mons {days:+} days {micros} us")?,
        _ => {
            write!(out, "{months:+} mons {days:+} days {}", if micros < 0 { '-' } else { '+' })?;
            push_clock(micros.unsigned_abs(), out)?;
        }
    }
    Ok(())
}

fn push_clock(micros: u64, out: &mut String) -> Written {
    let seconds = micros / 1_000_000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    write!(out, "{hours:02}:{minutes:02}:{seconds:02}.{:06}", micros % 1_000_000)
}

/// `2024-02-29`; gives the year, of which 0 is the one before 1.
fn push_day(days: i64, out: &mut String) -> Result<i64, std::fmt::Error> {
    let (year, month, day) = date_of_days(days);
    let shown = if year > 0 { year } else { 1 - year };
    write!(out, "{shown:04}-{month:02}-{day:02}")?;
    Ok(year)
}

fn push_era(year: i64, out: &mut String) {
    if year <= 0 {
        out.push_str(" BC");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(push: impl FnOnce(&mut String) -> Result<(), WireError>) -> String {
        let mut out = String::new();
        push(&mut out).unwrap();
        out
    }

    #[test]
    fn days_and_moments() {
        for (days, shown) in [
            (0, "2000-01-01"),
            (59, "2000-02-29"),
            (-1, "1999-12-31"),
            (-730_119, "0001-01-01"),
            (-730_120, "0001-12-31 BC"),
            (-2_451_545, "4714-11-24 BC"),
            (2_145_031_948, "5874897-12-31"),
            (i32::MAX, "infinity"),
        ] {
            assert_eq!(text(|out| push_date(days, out)), shown);
        }
        assert_eq!(text(|out| push_timestamp(-1, "+00", out)), "1999-12-31 23:59:59.999999+00");
        assert_eq!(text(|out| push_timestamp(i64::MIN, "", out)), "-infinity");
        assert_eq!(text(|out| push_timetz(1, 3_661, out)), "00:00:00.000001-01:01:01");
        assert_eq!(text(|out| push_interval(-1, 2, -3, out)), "-3 mons +2 days -00:00:00.000001");
    }
}
