//! The character that no text of the database has: U+0000.
//!
//! The server would refuse it as well (22021), but says neither which value it was nor for which column.

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
