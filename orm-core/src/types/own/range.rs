//! Ranges: what lies between two values.

use super::numeric::Numeric;
use crate::types::array::Reader;
use crate::types::{HasInfinity, OrInfinity, ScalarType, SqlType, WireError, without_domain};
use bytes::{BufMut, BytesMut};
use postgres_types::{Kind, Type};
use serde_json::{Value as Json, json};
use std::fmt::{self, Display};
use std::ops::{Bound, RangeBounds};

/// A scalar that the database has ranges of.
///
/// ```
/// use orm_core::types::{RangeElement, SqlType};
/// assert_eq!((i64::RANGE, chrono::NaiveDate::MULTIRANGE), (SqlType::Int8Range, SqlType::DateMultiRange));
/// assert_eq!((7_i64.next(), i64::MAX.next()), (Some(8), None));
/// ```
#[diagnostic::on_unimplemented(
    message = "the database has no ranges of `{Self}`",
    note = "ranges are of `i32`, `i64`, decimals, dates and timestamps"
)]
pub trait RangeElement: ScalarType + PartialOrd {
    /// The type of its ranges.
    const RANGE: SqlType;
    /// The type of sets of its ranges.
    const MULTIRANGE: SqlType;
    /// Whether the database counts values one by one, so that it writes each range from its first value to before the next.
    const IS_COUNTED: bool = false;

    /// The next value, of those that are counted.
    fn next(&self) -> Option<Self> {
        None
    }
}

macro_rules! range_element {
    ($($ty:ty = $range:ident, $multirange:ident $(, $value:ident => $next:expr)?;)*) => {$(
        impl $crate::types::RangeElement for $ty {
            const RANGE: SqlType = SqlType::$range;
            const MULTIRANGE: SqlType = SqlType::$multirange;
            $(
                const IS_COUNTED: bool = true;

                fn next(&self) -> Option<Self> {
                    let $value = self;
                    $next
                }
            )?
        }
    )*};
}
#[cfg(any(
    feature = "bigdecimal",
    feature = "chrono",
    feature = "jiff",
    feature = "rust_decimal",
    feature = "time"
))]
pub(in crate::types) use range_element;

range_element! {
    i32 = Int4Range, Int4MultiRange, value => value.checked_add(1);
    i64 = Int8Range, Int8MultiRange, value => value.checked_add(1);
    Numeric = NumRange, NumMultiRange;
}

/// Its infinite values are bounds like others; none comes next to them.
impl<T: HasInfinity + RangeElement> RangeElement for OrInfinity<T> {
    const RANGE: SqlType = T::RANGE;
    const MULTIRANGE: SqlType = T::MULTIRANGE;
    const IS_COUNTED: bool = T::IS_COUNTED;

    fn next(&self) -> Option<Self> {
        match self {
            Self::Finite(value) => value.next().map(Self::Finite),
            Self::NegInfinity | Self::Infinity => Some(self.clone()),
        }
    }
}

/// A range of values: between two bounds, each of which is in it or not, or is not there; or nothing at all.
///
/// Two ranges are equal when the same values are in them: of `i32`, `i64` and dates, `1..=4` and `1..5` are one range, as in
/// the database.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use chrono::NaiveDate;
/// use orm_core::types::Range;
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Booking {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub nights: Range<NaiveDate>, // daterange
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let day = |day| NaiveDate::from_ymd_opt(2026, 5, day).unwrap();
/// Booking::builder().nights(Range::from(day(1)..=day(3))).build().insert(&engine).await?;
/// let found = engine.fetch_one(select::<Booking>()).await?;
/// assert_eq!(found.nights, Range::from(day(1)..day(4)));
/// assert!(found.nights.contains(&day(3)) && !found.nights.contains(&day(4)));
/// assert_eq!(found.nights.to_string(), "[2026-05-01,2026-05-04)");
/// assert!(Range::from(5..5).is_empty() && Range::from(..7).contains(&i64::MIN));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub enum Range<T> {
    /// No value at all.
    Empty,
    /// What is neither below the first bound nor above the second.
    Between(Bound<T>, Bound<T>),
}

impl<T: RangeElement> Range<T> {
    /// Whether a value is in it.
    pub fn contains(&self, value: &T) -> bool {
        match self {
            Self::Empty => false,
            Self::Between(lower, upper) => (lower.as_ref(), upper.as_ref()).contains(value),
        }
    }

    /// Whether no value is in it.
    pub fn is_empty(&self) -> bool {
        matches!(self.canonical(), Self::Empty)
    }

    /// As the database keeps it.
    pub(super) fn canonical(&self) -> Self {
        let Self::Between(lower, upper) = self else { return Self::Empty };
        let lower = match lower {
            Bound::Excluded(value) if T::IS_COUNTED => value.next().map_or(lower.clone(), Bound::Included),
            other => other.clone(),
        };
        let upper = match upper {
            Bound::Included(value) if T::IS_COUNTED => value.next().map_or(upper.clone(), Bound::Excluded),
            other => other.clone(),
        };
        let is_empty = match (&lower, &upper) {
            (Bound::Included(_), Bound::Included(_)) => false,
            (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => {
                a.same(b) || a == b
            }
            _ => false,
        };
        if is_empty { Self::Empty } else { Self::Between(lower, upper) }
    }
}

/// Whether two bounds are the same for the database.
pub(super) fn same_bound<T: ScalarType>(a: &Bound<T>, b: &Bound<T>) -> bool {
    match (a, b) {
        (Bound::Included(a), Bound::Included(b)) | (Bound::Excluded(a), Bound::Excluded(b)) => a.same(b),
        (Bound::Unbounded, Bound::Unbounded) => true,
        _ => false,
    }
}

impl<T: RangeElement> PartialEq for Range<T> {
    fn eq(&self, other: &Self) -> bool {
        match (self.canonical(), other.canonical()) {
            (Self::Empty, Self::Empty) => true,
            (Self::Between(a, b), Self::Between(c, d)) => same_bound(&a, &c) && same_bound(&b, &d),
            _ => false,
        }
    }
}

macro_rules! from_std {
    ($($std:ty),*) => {$(
        impl<T: Clone> From<$std> for Range<T> {
            fn from(range: $std) -> Self {
                Self::Between(range.start_bound().cloned(), range.end_bound().cloned())
            }
        }
    )*};
}
from_std!(
    std::ops::Range<T>,
    std::ops::RangeInclusive<T>,
    std::ops::RangeFrom<T>,
    std::ops::RangeTo<T>,
    std::ops::RangeToInclusive<T>,
    (Bound<T>, Bound<T>)
);

impl<T> From<std::ops::RangeFull> for Range<T> {
    fn from(_: std::ops::RangeFull) -> Self {
        Self::Between(Bound::Unbounded, Bound::Unbounded)
    }
}

impl<T: Display> Display for Range<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Between(lower, upper) = self else { return f.write_str("empty") };
        match lower {
            Bound::Included(value) => write!(f, "[{value},")?,
            Bound::Excluded(value) => write!(f, "({value},")?,
            Bound::Unbounded => f.write_str("(,")?,
        }
        match upper {
            Bound::Included(value) => write!(f, "{value}]"),
            Bound::Excluded(value) => write!(f, "{value})"),
            Bound::Unbounded => f.write_str(")"),
        }
    }
}

const EMPTY: u8 = 0x01;
const LOWER_INCLUDED: u8 = 0x02;
const UPPER_INCLUDED: u8 = 0x04;
const NO_LOWER: u8 = 0x08;
const NO_UPPER: u8 = 0x10;

impl<T: RangeElement> ScalarType for Range<T> {
    const SQL: SqlType = T::RANGE;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        let Self::Between(lower, upper) = self else {
            out.put_u8(EMPTY);
            return Ok(());
        };
        let flag = |bound: &Bound<T>, included, missing| match bound {
            Bound::Included(_) => included,
            Bound::Excluded(_) => 0,
            Bound::Unbounded => missing,
        };
        out.put_u8(flag(lower, LOWER_INCLUDED, NO_LOWER) | flag(upper, UPPER_INCLUDED, NO_UPPER));
        for bound in [lower, upper] {
            if let Bound::Included(value) | Bound::Excluded(value) = bound {
                let at = out.len();
                out.put_i32(0);
                value.to_wire(out)?;
                let len = i32::try_from(out.len() - at - 4)?;
                out[at..at + 4].copy_from_slice(&len.to_be_bytes());
            }
        }
        Ok(())
    }

    fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let item = match without_domain(ty).kind() {
            Kind::Range(item) => item.clone(),
            _ => T::SQL.element(),
        };
        let mut raw = Reader(raw);
        let flags = raw.take(1)?[0];
        if flags & EMPTY != 0 {
            return Ok(Self::Empty);
        }
        let mut bound = |included, missing| {
            if flags & missing != 0 {
                return Ok::<_, WireError>(Bound::Unbounded);
            }
            let value = T::from_wire(&item, raw.value()?.ok_or("NULL as a bound")?)?;
            Ok(if flags & included == 0 { Bound::Excluded(value) } else { Bound::Included(value) })
        };
        Ok(Self::Between(bound(LOWER_INCLUDED, NO_LOWER)?, bound(UPPER_INCLUDED, NO_UPPER)?))
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    /// The bounds, and whether they are in the range.
    fn to_json(&self) -> Json {
        let Self::Between(lower, upper) = self else { return json!({"empty": true}) };
        let value = |bound: &Bound<T>| match bound {
            Bound::Included(value) | Bound::Excluded(value) => value.to_json(),
            Bound::Unbounded => Json::Null,
        };
        let brackets = match (lower, upper) {
            (Bound::Included(_), Bound::Included(_)) => "[]",
            (Bound::Included(_), _) => "[)",
            (_, Bound::Included(_)) => "(]",
            _ => "()",
        };
        json!({"lower": value(lower), "upper": value(upper), "bounds": brackets})
    }
}
