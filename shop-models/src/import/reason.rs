//! Why a line is not imported.

use super::row::Field;
use crate::count;

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The line is longer than [`MAX_LINE`](super::MAX_LINE).
    #[error("longer than {} bytes", count(super::MAX_LINE as i64))]
    LineTooLong,
    /// Bytes that are no text.
    #[error("not UTF-8, from byte {byte} on")]
    NotUtf8 {
        /// The position of the first wrong byte, from 1.
        byte: usize,
    },
    /// A quote that the line does not close; a value cannot hold a line break.
    #[error("a quote is opened and not closed on this line")]
    OpenQuote,
    /// A quote inside an unquoted value, or text after a closing quote.
    #[error(
        "a stray quote in column {column}: a value with quotes is quoted, and the quotes in it are doubled"
    )]
    StrayQuote {
        /// The column, from 1.
        column: usize,
    },
    /// Too few or too many columns.
    #[error("{found} columns, expected {}", super::COLUMNS.len())]
    Columns {
        /// How many there are.
        found: usize,
    },
    /// A required value is missing.
    #[error("`{field}` is empty")]
    Empty {
        /// The column.
        field: Field,
    },
    /// A value does not fit its column.
    #[error("`{field}` has {length} characters, expected at most {limit}")]
    TooLong {
        /// The column.
        field: Field,
        /// How many characters there are.
        length: usize,
        /// How many fit.
        limit: usize,
    },
    /// A character that the database has no place for.
    #[error("`{field}` holds a NUL character")]
    Nul {
        /// The column.
        field: Field,
    },
    /// A value that is no number of the expected form.
    #[error("`{field}` is {value:?}, expected {expected}")]
    Number {
        /// The column.
        field: Field,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
    /// An address without `@`.
    #[error("`customer_email` is {value:?}, expected an address such as ann@example.org")]
    Email {
        /// What stands there.
        value: String,
    },
    /// An earlier line, or an earlier import, gave the invoice to another customer.
    #[error("invoice {invoice} belongs to {owner}, not to {found}")]
    OtherCustomer {
        /// The invoice.
        invoice: String,
        /// Whose it is.
        owner: String,
        /// Whom the line names.
        found: String,
    },
    /// The quantities of a product on an invoice add up to more than the database holds.
    #[error("the quantities of {sku} on invoice {invoice} add up to more than {}", count(i32::MAX))]
    TooMany {
        /// The invoice.
        invoice: String,
        /// The product.
        sku: String,
    },
}

/// A line that was not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its number, from 1; the header is line 1.
    pub line: u64,
    /// Why.
    pub reason: Reason,
    /// Its bytes without the line break; of a line that is too long, the beginning.
    pub original: Vec<u8>,
}
