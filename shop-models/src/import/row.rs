//! A line, understood.

use super::fields::split;
use super::lines::RawLine;
use super::{COLUMNS, MAX_LINE, Reason};
use std::fmt;

/// A column of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names are the columns of the file")]
pub enum Field {
    Invoice,
    Sku,
    Title,
    Quantity,
    UnitPrice,
    CustomerEmail,
    CustomerName,
}

/// The name in the header.
impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(COLUMNS[*self as usize])
    }
}

impl Field {
    /// How many characters fit: what the models say, and for columns without a limit one that no honest value reaches.
    const fn limit(self) -> usize {
        match self {
            Self::Invoice | Self::Sku => 40,
            Self::CustomerEmail => 254,
            _ => 1000,
        }
    }
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) invoice: String,
    pub(super) sku: String,
    pub(super) title: String,
    /// At least 1.
    pub(super) quantity: i32,
    /// At least 0.
    pub(super) price_cents: i64,
    pub(super) email: String,
    pub(super) name: String,
}

impl Row {
    /// Reads a line; the first mistake, from the left, is the reason.
    pub(super) fn parse(line: &RawLine) -> Result<Self, Reason> {
        if line.is_cut || line.bytes.len() > MAX_LINE {
            return Err(Reason::LineTooLong);
        }
        let text =
            str::from_utf8(&line.bytes).map_err(|error| Reason::NotUtf8 { byte: error.valid_up_to() + 1 })?;
        let fields: [String; COLUMNS.len()] =
            split(text)?.try_into().map_err(|fields: Vec<_>| Reason::Columns { found: fields.len() })?;
        let [invoice, sku, title, quantity, unit_price, email, name] = fields;
        Ok(Self {
            invoice: text_of(Field::Invoice, &invoice)?,
            sku: text_of(Field::Sku, &sku)?,
            title: text_of(Field::Title, &title)?,
            quantity: self::quantity(&text_of(Field::Quantity, &quantity)?)?,
            price_cents: cents(&text_of(Field::UnitPrice, &unit_price)?)?,
            email: address(text_of(Field::CustomerEmail, &email)?)?,
            name: text_of(Field::CustomerName, &name)?,
        })
    }
}

fn text_of(field: Field, value: &str) -> Result<String, Reason> {
    let value = value.trim();
    let (length, limit) = (value.chars().count(), field.limit());
    if value.is_empty() {
        Err(Reason::Empty { field })
    } else if length > limit {
        Err(Reason::TooLong { field, length, limit })
    } else if value.contains('\0') {
        Err(Reason::Nul { field })
    } else {
        Ok(value.to_owned())
    }
}

fn quantity(value: &str) -> Result<i32, Reason> {
    let quantity = value.parse().ok().filter(|quantity| *quantity > 0);
    let expected = "a whole number from 1 to 2,147,483,647";
    quantity.ok_or_else(|| Reason::Number { field: Field::Quantity, value: value.to_owned(), expected })
}

/// `3`, `3.9` and `3.90` are exact amounts; anything else is none.
fn cents(value: &str) -> Result<i64, Reason> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let cents = (is_number(whole) && is_number(fraction) && fraction.len() <= 2)
        .then(|| format!("{whole}{fraction:0<2}").parse().ok())
        .flatten();
    let expected = "an amount from 0 such as 3.90";
    cents.ok_or_else(|| Reason::Number { field: Field::UnitPrice, value: value.to_owned(), expected })
}

fn address(value: String) -> Result<String, Reason> {
    let is_one = value.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
    if is_one && !value.contains(char::is_whitespace) { Ok(value) } else { Err(Reason::Email { value }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        for (value, expected) in [
            ("0", Some(0)),
            ("3", Some(300)),
            ("3.9", Some(390)),
            ("3.90", Some(390)),
            ("003.09", Some(309)),
            ("92233720368547758.07", Some(i64::MAX)),
            ("92233720368547758.08", None),
            ("3.900", None),
            ("3.", None),
            (".5", None),
            ("-1", None),
            ("+1", None),
            ("1e3", None),
            ("1,5", None),
            ("NaN", None),
        ] {
            assert_eq!(cents(value).ok(), expected, "{value}");
        }
    }

    #[test]
    fn quantities_are_positive() {
        for (value, expected) in [
            ("1", Some(1)),
            ("2147483647", Some(i32::MAX)),
            ("2147483648", None),
            ("0", None),
            ("-1", None),
            ("1.5", None),
        ] {
            assert_eq!(quantity(value).ok(), expected, "{value}");
        }
    }

    #[test]
    fn addresses_have_two_sides() {
        for (value, expected) in
            [("a@b", true), ("a b@c", false), ("a@", false), ("@b", false), ("ab", false)]
        {
            assert_eq!(address(value.to_owned()).is_ok(), expected, "{value}");
        }
    }
}
