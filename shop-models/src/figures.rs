//! Numbers as people read them.

/// A number with separators: `1,234,567`.
///
/// ```
/// assert_eq!(shop_models::count(-1_234_567), "-1,234,567");
/// assert_eq!(shop_models::count(999), "999");
/// ```
pub fn count(number: impl Into<i128>) -> String {
    let number = number.into();
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(number.unsigned_abs()))
}

/// Cents as an amount: `1,234.50`.
///
/// ```
/// assert_eq!(shop_models::money(123_450), "1,234.50");
/// assert_eq!(shop_models::money(-5), "-0.05");
/// ```
pub fn money(cents: impl Into<i128>) -> String {
    let cents = cents.into();
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", grouped(cents / 100), cents % 100)
}

fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
