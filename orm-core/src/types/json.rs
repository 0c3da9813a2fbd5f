//! JSON of any shape, in a `jsonb` column.
//!
//! The database keeps every digit of a number; [`Json`] has the integers of 64 bits and `f64`. What is between them is an error, and is
//! not rounded: an object that is written back would take the digits from the database. Short numbers lose nothing and are not looked at.

use super::scalar::WireError;
use super::{ScalarType, SqlType};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use serde_json::{Number, Value as Json};

/// The version of the binary form of `jsonb`.
pub(super) const VERSION: u8 = 1;

/// The text of a `json` or `jsonb`.
pub(super) fn text_of<'a>(ty: &Type, raw: &'a [u8]) -> Result<&'a [u8], WireError> {
    match *ty {
        Type::JSONB => Ok(raw.strip_prefix(&[VERSION]).ok_or("another version of `jsonb`")?),
        _ => Ok(raw),
    }
}

impl ScalarType for Json {
    const SQL: SqlType = SqlType::Jsonb;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        let start = out.len();
        out.put_u8(VERSION);
        serde_json::to_writer(out.writer(), self)?;
        no_nul_in_json(&out[start..])
    }

    fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let text = text_of(ty, raw)?;
        check_numbers(text)?;
        Ok(serde_json::from_slice(text)?)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> Json {
        self.clone()
    }
}

/// Refuses JSON with a text that has a NUL, which `jsonb` cannot hold: the server would not say of which column (22P05).
///
/// # Errors
/// Where there is one.
pub(super) fn no_nul_in_json(json: &[u8]) -> Result<(), WireError> {
    let mut rest = json;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let escape = &rest[at + 1..];
        if escape.starts_with(b"u0000") {
            return Err("a NUL character in a text, which no `jsonb` can have".into());
        }
        rest = escape.get(1..).unwrap_or_default();
    }
    Ok(())
}

/// As many characters of a number lose nothing, unless one of them begins an exponent.
const SHORT: usize = 15;

/// Refuses JSON with a number that [`Json`] would round.
pub(super) fn check_numbers(json: &[u8]) -> Result<(), WireError> {
    let mut rest = json;
    while let Some(start) = rest.iter().position(|byte| matches!(byte, b'"' | b'-' | b'0'..=b'9')) {
        rest = &rest[start..];
        if let Some(text) = rest.strip_prefix(b"\"") {
            rest = behind_text(text);
            continue;
        }
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let len = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        let (number, behind) = rest.split_at(len);
        if (len > SHORT || number.iter().any(u8::is_ascii_alphabetic)) && !is_exact(number) {
            let why = "that `Json` would round: `.cast::<JsonText>()` of the column reads it as it is";
            return Err(format!("a number of {len} characters {why}").into());
        }
        rest = behind;
    }
    Ok(())
}

/// What follows a text, of which the first quote is gone.
fn behind_text(mut rest: &[u8]) -> &[u8] {
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
        match rest[at] {
            b'"' => return &rest[at + 1..],
            _ => rest = rest.get(at + 2..).unwrap_or_default(),
        }
    }
    &[]
}

/// Whether the number that serde makes of a text is the same one.
fn is_exact(text: &[u8]) -> bool {
    let kept = serde_json::from_slice::<Number>(text).map(|number| number.to_string());
    match (std::str::from_utf8(text), kept) {
        (Ok(text), Ok(kept)) => parts(text).is_some_and(|given| parts(&kept) == Some(given)),
        _ => false,
    }
}

/// A number as its sign, its digits without zeros at either end, and the power of ten of the last of them.
fn parts(text: &str) -> Option<(bool, String, i64)> {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let (is_negative, whole) = whole.strip_prefix('-').map_or((false, whole), |whole| (true, whole));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some((false, String::new(), 0));
    }
    let exponent: i64 = exponent.parse().ok()?;
    let exponent = exponent.checked_add(zeros)?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    Some((is_negative, significant.to_owned(), exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_kept_pass() {
        let zeros = "0".repeat(300);
        let far = [
            format!("1{zeros}"),
            format!("-0.{zeros}25"),
            format!("1.5{zeros}"),
            "1e-7".into(),
            "-2.50E+3".into(),
        ];
        let shortest = [f64::MAX, f64::MIN_POSITIVE, 5e-324, 0.1, 1.0 / 3.0].map(|number| number.to_string());
        let plain = [
            "18446744073709551615",
            "-9223372036854775808",
            "0.30000000000000004",
            "123456789012345",
            "0e99",
            "-0.0000000000000000",
        ];
        for number in plain.into_iter().map(str::to_owned).chain(far).chain(shortest) {
            assert!(check_numbers(number.as_bytes()).is_ok(), "{number}");
            assert!(
                check_numbers(format!(r#"{{"a": [{number}, true, "\\"], "b": {number}}}"#).as_bytes())
                    .is_ok()
            );
        }
    }

    #[test]
    fn numbers_that_would_be_rounded_are_refused() {
        let (nines, zeros) = ("9".repeat(78), "0".repeat(400));
        let far = [nines, format!("1{zeros}"), format!("0.{zeros}1")];
        let near =
            ["18446744073709551616.5", "-9223372036854775809", "0.1000000000000000055", "1e400", "1E-400"];
        for number in near.into_iter().map(str::to_owned).chain(far) {
            assert!(check_numbers(number.as_bytes()).is_err(), "{number}");
            assert!(
                check_numbers(format!(r#"{{"a\"": [1, "x", {number}]}}"#).as_bytes()).is_err(),
                "{number}"
            );
        }
    }

    #[test]
    fn numbers_in_texts_are_none() {
        for text in [r#""1e400""#, r#"{"1e400": "\\\"1e400", "\\": "1e400"}"#, r#"["#, r#""\"#, r#""1e400"#] {
            assert!(check_numbers(text.as_bytes()).is_ok(), "{text}");
        }
    }

    #[test]
    fn an_escaped_nul_is_told_from_a_backslash() {
        let texts =
            [("", false), ("a\\u0000", false), ("\\", false), ("\0", true), ("\\\0", true), ("u0000", false)];
        for (text, is_refused) in texts {
            let json = serde_json::json!({ text: [text] }).to_string();
            assert_eq!(no_nul_in_json(json.as_bytes()).is_err(), is_refused, "{json}");
        }
    }
}
