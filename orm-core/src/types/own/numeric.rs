//! Exact decimals of any length.

use crate::types::array::Reader;
use crate::types::{ScalarType, SqlType, WireError, text_form};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A `numeric` as the database has it: all of its digits, `NaN` and the infinities.
///
/// It is for reading and writing what other types cannot say. The database calculates with it, Rust does not: that is what the features
/// `rust_decimal` and `bigdecimal` are for.
///
/// ```
/// use orm_core::types::Numeric;
/// let exact: Numeric = "-12345678901234567890123456789012345678901234567890.10".parse()?;
/// assert_eq!(exact.to_string(), "-12345678901234567890123456789012345678901234567890.10");
/// assert_eq!("1.5e3".parse::<Numeric>()?, Numeric::from(1_500));
/// assert!("1.0".parse::<Numeric>()? == "1.00".parse()? && Numeric::NAN > Numeric::INFINITY);
/// assert!("one".parse::<Numeric>().is_err() && exact.is_finite() && !Numeric::NAN.is_finite());
/// # Ok::<_, orm_core::types::WireError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Numeric(Repr);

#[derive(Clone, Debug)]
enum Repr {
    NegInfinity,
    /// Four decimal digits each, without zeros at the ends; the first one counts `10_000 ^ weight`.
    Finite {
        is_negative: bool,
        weight: i32,
        digits: Vec<u16>,
        scale: u16,
    },
    Infinity,
    Nan,
}

/// The signs on the wire.
const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEG_INFINITY: u16 = 0xF000;

/// The most digits behind the point, and before it.
const MOST_BEHIND: usize = 16_383;
const MOST_BEFORE: usize = 131_072;

impl Numeric {
    /// Not a number; the database takes it for the greatest of all.
    pub const NAN: Self = Self(Repr::Nan);
    /// Greater than all numbers.
    pub const INFINITY: Self = Self(Repr::Infinity);
    /// Less than all numbers.
    pub const NEG_INFINITY: Self = Self(Repr::NegInfinity);

    /// Whether it is a number.
    pub const fn is_finite(&self) -> bool {
        matches!(self.0, Repr::Finite { .. })
    }

    /// A number of `digits` (each 0 to 9, not empty), of which so many stand behind the point.
    fn of_digits(is_negative: bool, digits: &[u8], scale: usize) -> Result<Self, WireError> {
        let before = digits.len().saturating_sub(scale);
        if scale > MOST_BEHIND || before > MOST_BEFORE {
            return Err(format!("a numeric of {before} digits before the point and {scale} behind it").into());
        }
        let (lead, trail) = ((4 - before % 4) % 4, (4 - scale % 4) % 4);
        let behind = scale.saturating_sub(digits.len());
        let all: Vec<u8> = [&vec![0; lead + behind], digits, &vec![0; trail]].concat();
        let groups =
            all.chunks(4).map(|group| group.iter().fold(0, |all, digit| all * 10 + u16::from(*digit)));
        let mut digits: Vec<u16> = groups.collect();
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        digits.drain(..zeros);
        let weight = i32::try_from(before.div_ceil(4))? - 1 - i32::try_from(zeros)?;
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let is_zero = digits.is_empty();
        let weight = if is_zero { 0 } else { weight };
        Ok(Self(Repr::Finite {
            is_negative: is_negative && !is_zero,
            weight,
            digits,
            scale: u16::try_from(scale)?,
        }))
    }
}

impl Default for Numeric {
    /// 0
    fn default() -> Self {
        Self::from(0_i16)
    }
}

impl FromStr for Numeric {
    type Err = WireError;

    fn from_str(text: &str) -> Result<Self, WireError> {
        let (is_negative, rest) = match text.strip_prefix(['-', '+']) {
            Some(rest) => (text.starts_with('-'), rest),
            None => (false, text),
        };
        match (rest.to_ascii_lowercase().as_str(), is_negative) {
            ("nan", false) => return Ok(Self::NAN),
            ("infinity" | "inf", false) => return Ok(Self::INFINITY),
            ("infinity" | "inf", true) => return Ok(Self::NEG_INFINITY),
            _ => {}
        }
        let wrong = || WireError::from(format!("`{text}` is no number"));
        let (number, exponent) = match rest.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().map_err(|_| wrong())?),
            None => (rest, 0),
        };
        let (before, behind) = number.split_once('.').unwrap_or((number, ""));
        let mut digits: Vec<u8> = [before, behind].concat().into_bytes();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(wrong());
        }
        digits.iter_mut().for_each(|digit| *digit -= b'0');
        let scale = i64::try_from(behind.len())? - i64::from(exponent);
        if scale < 0 {
            let zeros = usize::try_from(-scale)?;
            if zeros > MOST_BEFORE {
                return Err(wrong());
            }
            digits.resize(digits.len() + zeros, 0);
        }
        Self::of_digits(is_negative, &digits, usize::try_from(scale.max(0))?)
    }
}

macro_rules! of_integer {
    ($($ty:ty),*) => {$(
        impl From<$ty> for Numeric {
            fn from(value: $ty) -> Self {
                value.to_string().parse().expect("an integer is a number")
            }
        }
    )*};
}
of_integer!(i16, i32, i64, i128);

/// Writes a numeric: the sign, then groups of four digits from `10_000 ^ weight` down.
fn put(out: &mut BytesMut, sign: u16, weight: i16, digits: &[u16], scale: u16) -> Result<(), WireError> {
    out.put_u16(u16::try_from(digits.len())?);
    out.put_i16(weight);
    out.put_u16(sign);
    out.put_u16(scale);
    digits.iter().for_each(|digit| out.put_u16(*digit));
    Ok(())
}

impl fmt::Display for Numeric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut raw, mut text) = (BytesMut::new(), String::new());
        let written = self.to_wire(&mut raw).and_then(|()| text_form::push_numeric(Reader(&raw), &mut text));
        written.map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl PartialEq for Numeric {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Numeric {}

impl PartialOrd for Numeric {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Numeric {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |value: &Self| match value.0 {
            Repr::NegInfinity => 0,
            Repr::Finite { .. } => 1,
            Repr::Infinity => 2,
            Repr::Nan => 3,
        };
        rank(self).cmp(&rank(other)).then_with(|| self.signed().cmp(&other.signed()))
    }
}

impl Numeric {
    /// Sign, and size in an order that grows with the number.
    fn signed(&self) -> (i8, Size<'_>) {
        match &self.0 {
            Repr::Finite { is_negative, weight, digits, .. } => {
                let sign = if digits.is_empty() { 0 } else { 1 - 2 * i8::from(*is_negative) };
                (sign, Size { is_negative: *is_negative, weight: *weight, digits })
            }
            _ => (0, Size { is_negative: false, weight: 0, digits: &[] }),
        }
    }
}

#[derive(PartialEq, Eq)]
struct Size<'a> {
    is_negative: bool,
    weight: i32,
    digits: &'a [u16],
}

impl PartialOrd for Size<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Size<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = (self.weight, self.digits).cmp(&(other.weight, other.digits));
        if self.is_negative { size.reverse() } else { size }
    }
}

impl ScalarType for Numeric {
    const SQL: SqlType = SqlType::Numeric;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        match &self.0 {
            Repr::NegInfinity => put(out, NEG_INFINITY, 0, &[], 0),
            Repr::Infinity => put(out, INFINITY, 0, &[], 0),
            Repr::Nan => put(out, NAN, 0, &[], 0),
            Repr::Finite { is_negative, weight, digits, scale } => {
                let sign = if *is_negative { NEGATIVE } else { 0 };
                put(out, sign, i16::try_from(*weight)?, digits, *scale)
            }
        }
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let mut text = String::new();
        text_form::push_numeric(Reader(raw), &mut text)?;
        text.parse()
    }

    /// Two numbers of one size with other numbers of digits behind the point are not the same: the database keeps those.
    fn same(&self, other: &Self) -> bool {
        let scale = |value: &Self| match value.0 {
            Repr::Finite { scale, .. } => scale,
            _ => 0,
        };
        self == other && scale(self) == scale(other)
    }

    /// A text, because numbers of JSON are floats for many who read them.
    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        for text in [
            "0",
            "-1",
            "0.00",
            "0.0001",
            "0.00001",
            "9999.9999",
            "10000",
            "-12345.678",
            "100000000",
            "NaN",
            "-Infinity",
        ] {
            assert_eq!(text.parse::<Numeric>().unwrap().to_string(), text);
        }
        let more = [
            ("-0.0", "0.0"),
            ("007", "7"),
            ("1e-5", "0.00001"),
            ("12.5E1", "125"),
            (".5", "0.5"),
            ("+inf", "Infinity"),
        ];
        for (text, shown) in more {
            assert_eq!(text.parse::<Numeric>().unwrap().to_string(), shown, "{text}");
        }
        for text in ["", ".", "-", "1.2.3", "e5", "1e", "--1", "1e999999999", "-nan", "１"] {
            assert!(text.parse::<Numeric>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_order_is_that_of_numbers() {
        let rising = [
            "-Infinity",
            "-10000",
            "-9999.5",
            "-1",
            "-0.5",
            "0",
            "0.0001",
            "0.5",
            "1",
            "1.00001",
            "10000",
            "1e20",
            "Infinity",
            "NaN",
        ];
        let rising: Vec<Numeric> = rising.iter().map(|text| text.parse().unwrap()).collect();
        for (at, one) in rising.iter().enumerate() {
            for (other_at, other) in rising.iter().enumerate() {
                assert_eq!(one.cmp(other), at.cmp(&other_at), "{one} {other}");
            }
        }
    }
}
