//! The character that no text of the database has: U+0000.
//!
//! The server would refuse it as well (22021; in `jsonb` 22P05), but says neither which value it was nor for which column.

use super::scalar::WireError;

/// The bytes of a text.
///
/// # Errors
/// Where it has a NUL.
pub(super) fn without_nul(text: &str) -> Result<&[u8], WireError> {
    match text.bytes().position(|byte| byte == 0) {
        Some(at) => {
            Err(format!("a NUL character, at byte {at}, which no text of PostgreSQL can have").into())
        }
        None => Ok(text.as_bytes()),
    }
}

/// Refuses JSON with a text that has a NUL, which `jsonb` cannot hold.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_told_from_backslashes() {
        for (text, is_refused) in
            [("", false), ("a\\u0000", false), ("\\", false), ("\0", true), ("\\\0", true), ("u0000", false)]
        {
            let json = serde_json::json!({ text: [text] }).to_string();
            assert_eq!(no_nul_in_json(json.as_bytes()).is_err(), is_refused, "{json}");
            assert_eq!(without_nul(text).is_err(), is_refused, "{text:?}");
        }
    }
}
