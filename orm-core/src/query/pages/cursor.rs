//! The place between two rows, as a text.

use crate::error::{Error, ErrorKind, Result};
use crate::types::SqlType;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::{Buf, Bytes};
use postgres_types::FromSql;
use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::Deref;

/// The place before or behind a row of a query, as a text that can stand in a URL: what [`Page`](crate::query::Page) gives, and what
/// [`page_after`](crate::query::Select::page_after) and [`page_before`](crate::query::Select::page_before) take.
///
/// It says what the row has in the order of the query, and which order that is: it goes with another query, or a text that somebody
/// changed, are errors. It is no secret, and no right: who has it can read those values, and make another one.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # session.add_all((1..=3).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(100 * n)));
/// # session.commit().await?;
/// use orm_core::{ErrorKind, query::Cursor};
/// let page = engine.fetch_page(columns(Product::SKU).order_by(Product::SKU).page_after(None, 2)).await?;
/// let next: Cursor = page.next.unwrap();
/// assert!(next.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
/// assert_eq!(next.to_string(), *next);
///
/// let other = columns(Product::SKU).order_by(Product::PRICE_CENTS).page_after(Some(&next), 2);
/// let error = engine.fetch_page(other).await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Cursor);
/// assert_eq!(error.to_string(), "a cursor of another query or another order came to a query of `Product`");
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cursor(String);

impl Deref for Cursor {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cursor({})", self.0)
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.0
    }
}

/// As its text.
impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// On which side of its row a place is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    Before,
    Behind,
}

/// What one row has in an order, in binary form; `None` is `NULL`.
pub(super) type Values = Vec<Option<Bytes>>;

/// A place between two rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) side: Side,
    pub(super) values: Values,
}

/// The form of what is written.
const VERSION: u8 = 1;
/// How many bytes stand before the values: version, side, order.
const HEAD: usize = 10;
/// How many bytes of check stand behind them.
const CHECK: usize = 8;
/// The length of a value that is `NULL`.
const NULL: u32 = u32::MAX;

impl Place {
    /// The place as a text; `order` is the mark of its order.
    pub(super) fn write(&self, order: u64) -> Cursor {
        let mut bytes = vec![VERSION, u8::from(self.side == Side::Behind)];
        bytes.extend(order.to_be_bytes());
        for value in &self.values {
            let length = value.as_ref().map_or(NULL, |value| u32::try_from(value.len()).unwrap_or(NULL));
            bytes.extend(length.to_be_bytes());
            bytes.extend(value.as_deref().unwrap_or_default());
        }
        bytes.extend(mark([&bytes[..]]).to_be_bytes());
        Cursor(BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The place that a text says, in a query of `name` whose order has this mark and keys of these types.
    ///
    /// # Errors
    /// [`Cursor`](ErrorKind::Cursor) for any other text.
    pub(super) fn read(text: &str, order: u64, types: &[SqlType], name: &'static str) -> Result<Self> {
        let refuse = |why: &str| {
            let why = format!("{why} came to a query of `{name}`");
            Error::new(ErrorKind::Cursor, why).with_model(name)
        };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        let whole = bytes.split_last_chunk::<CHECK>().filter(|(rest, check)| {
            rest.len() >= HEAD && rest[0] == VERSION && mark([*rest]) == u64::from_be_bytes(**check)
        });
        let (rest, _) = whole.ok_or_else(|| refuse("a text that is no cursor"))?;
        let (head, values) = rest.split_at(HEAD);
        if head[2..] != order.to_be_bytes() {
            return Err(refuse("a cursor of another query or another order"));
        }
        let side = if head[1] == 0 { Side::Before } else { Side::Behind };
        match read_values(Bytes::copy_from_slice(values), types) {
            Some(values) => Ok(Self { side, values }),
            None => Err(refuse("a cursor with values of other types")),
        }
    }
}

fn read_values(mut bytes: Bytes, types: &[SqlType]) -> Option<Values> {
    let mut values = Vec::with_capacity(types.len());
    for sql_type in types {
        let length = bytes.try_get_u32().ok()?;
        values.push(match usize::try_from(length).ok()? {
            _ if length == NULL => None,
            length if length <= bytes.len() => Some(bytes.split_to(length)),
            _ => return None,
        });
        if !values.last()?.as_ref().is_none_or(|raw| is_of(*sql_type, raw)) {
            return None;
        }
    }
    bytes.is_empty().then_some(values)
}

/// Whether these bytes are a value of a type, as far as that can be told here: of other types the server tells.
fn is_of(sql_type: SqlType, raw: &[u8]) -> bool {
    fn reads<T: for<'a> FromSql<'a>>(sql_type: SqlType, raw: &[u8]) -> bool {
        T::from_sql(&sql_type.element(), raw).is_ok()
    }
    match sql_type {
        SqlType::Boolean => reads::<bool>(sql_type, raw),
        SqlType::SmallInt => reads::<i16>(sql_type, raw),
        SqlType::Integer => reads::<i32>(sql_type, raw),
        SqlType::BigInt => reads::<i64>(sql_type, raw),
        SqlType::Real => reads::<f32>(sql_type, raw),
        SqlType::DoublePrecision => reads::<f64>(sql_type, raw),
        SqlType::Text => reads::<String>(sql_type, raw) && !raw.contains(&0),
        SqlType::Date => raw.len() == 4,
        SqlType::Time | SqlType::Timestamp | SqlType::TimestampTz => raw.len() == 8,
        SqlType::Uuid => raw.len() == 16,
        SqlType::Named(ty) if !ty.labels().is_empty() => {
            ty.labels().iter().any(|label| label.as_bytes() == raw)
        }
        _ => true,
    }
}

/// A number that stands for bytes, the same in every build of the program (FNV-1a).
pub(super) fn mark<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    let bytes = parts.into_iter().flatten();
    bytes.fold(0xcbf2_9ce4_8422_2325, |mark, byte| (mark ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: [SqlType; 3] = [SqlType::BigInt, SqlType::Text, SqlType::Integer];

    fn place() -> Place {
        let values =
            vec![Some(Bytes::from_static(&[0, 0, 0, 0, 0, 0, 1, 0])), Some(Bytes::from("tea")), None];
        Place { side: Side::Behind, values }
    }

    #[test]
    fn a_place_comes_back_from_its_text() {
        for side in [Side::Before, Side::Behind] {
            let place = Place { side, ..place() };
            assert_eq!(Place::read(&place.write(7), 7, &TYPES, "Tea").unwrap(), place);
        }
    }

    #[test]
    fn no_other_text_is_a_cursor() {
        let text = place().write(7);
        let refused = |text: &str, order, types: &[SqlType]| {
            Place::read(text, order, types, "Tea").unwrap_err().to_string()
        };
        for at in 0..text.len() {
            let other = if &text[at..=at] == "A" { "B" } else { "A" };
            let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert!(refused(&changed, 7, &TYPES).starts_with("a text that is no cursor"), "{changed}");
            assert!(refused(&text[..at], 7, &TYPES).starts_with("a text that is no cursor"));
        }
        assert!(refused("'; DROP TABLE tea; --", 7, &TYPES).starts_with("a text that is no cursor"));
        assert!(refused(&text, 8, &TYPES).starts_with("a cursor of another query"));
        for types in [&TYPES[..2], &[SqlType::Integer, SqlType::Text, SqlType::Integer]] {
            assert!(refused(&text, 7, types).starts_with("a cursor with values of other types"));
        }
    }
}
