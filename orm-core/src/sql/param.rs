//! Bound values: encoded once, shown only when somebody looks.

use super::ArrayParam;
use super::IntoTrustedSql;
use super::refusal::Refusal;
use crate::types::{AnyScalar, ColumnValue, SqlType, is_named, push_text};
use bytes::{Bytes, BytesMut};
use postgres_types::{Format, IsNull, ToSql, Type, to_sql_checked};
use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt::{self, Debug, Display};
use std::sync::Arc;

/// SQL text with its bound values.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::{Executor, sql::{Param, Statement}};
/// let version = (&engine).run(Statement::plain("SHOW server_version_num")).await?;
/// assert!(version.rows[0].get::<_, &str>(0).parse::<u32>()? >= 130_000);
///
/// let sum = Statement::new("SELECT $1 + $2", vec![Param::int8(40), Param::int8(2)]);
/// assert_eq!((sum.text(), sum.params().len()), ("SELECT $1 + $2", 2));
/// assert_eq!((&engine).run(sum).await?.rows[0].get::<_, i64>(0), 42);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Statement {
    /// The text, with `$1`, `$2`, … for the values.
    pub(crate) text: Arc<str>,
    /// The values.
    pub(crate) params: Vec<Param>,
}

impl Statement {
    /// A statement with a value for each of `$1`, `$2`, …
    pub fn new(text: impl IntoTrustedSql, params: Vec<Param>) -> Self {
        Self { text: text.into_trusted_sql().into(), params }
    }

    /// A statement without values.
    pub fn plain(text: impl IntoTrustedSql) -> Self {
        Self::new(text, Vec::new())
    }

    /// The text, with `$1`, `$2`, … for the values.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values.
    pub fn params(&self) -> &[Param] {
        &self.params
    }
}

/// One bound value, in binary form and with its type.
///
/// ```
/// use orm_core::sql::Param;
/// use orm_core::types::{ColumnValue, SqlType};
/// let name = Param::of(&"Ann's".to_owned());
/// assert_eq!((name.to_string(), name.ty().name(), name.size()), ("'Ann''s'".into(), "text", 5));
/// assert_eq!(Param::null(SqlType::Integer).to_string(), "NULL");
/// assert_eq!(Param::of_column(ColumnValue::Unset, SqlType::Integer).to_string(), "NULL");
/// assert_eq!(format!("{:?}", Param::int8(7)), "7::int8");
/// assert_eq!(name.error(), None); // the error of a value without a binary form, told when it is sent
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Param {
    pub(super) of: Of,
    pub(super) bytes: Result<Option<Bytes>, Box<Refusal>>,
}

/// What a bound value is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// A value of a type.
    One(SqlType),
    /// A batch of them.
    Batch(SqlType),
}

impl Param {
    /// Encodes a value. One that has no binary form is kept as its error until the statement is sent.
    pub fn of(value: &dyn AnyScalar) -> Self {
        let (ty, mut out) = (value.sql_type(), BytesMut::new());
        match value.encode(&mut out) {
            Ok(()) => Self::encoded(ty, Some(out.freeze())),
            Err(error) => Self { of: Of::One(ty), bytes: Err(Refusal::new(error)) },
        }
    }

    /// `NULL` of a type.
    pub const fn null(ty: SqlType) -> Self {
        Self { of: Of::One(ty), bytes: Ok(None) }
    }

    /// A value in binary form already, or `NULL`.
    pub(crate) fn encoded(ty: SqlType, bytes: Option<Bytes>) -> Self {
        // What fails is to fail before anything is sent.
        let written = match &bytes {
            Some(raw) if ty.travels_as_text() => push_text(ty, raw, &mut String::new()),
            _ => Ok(()),
        };
        Self { of: Of::One(ty), bytes: written.map(|()| bytes).map_err(Refusal::new) }
    }

    /// A text that cannot be sent, and why.
    pub(crate) fn refused(why: String) -> Self {
        Self { of: Of::One(SqlType::Text), bytes: Err(Refusal::new(why)) }
    }

    /// A `bigint`, as for LIMIT.
    pub fn int8(value: i64) -> Self {
        Self::of(&value)
    }

    /// What a column holds; what is unset is `NULL`.
    pub fn of_column(value: ColumnValue<'_>, ty: SqlType) -> Self {
        match value {
            ColumnValue::Value(value) => Self::of(value),
            _ => Self::null(ty),
        }
    }

    /// Values of one type as an array.
    pub(crate) fn array_of<'a>(params: impl ExactSizeIterator<Item = &'a Self> + Clone) -> Self {
        ArrayParam::of(params)
    }

    /// The type of the value, or of those in a batch.
    pub(super) const fn sql_type(&self) -> SqlType {
        match self.of {
            Of::One(ty) | Of::Batch(ty) => ty,
        }
    }

    /// The type on the wire.
    pub fn ty(&self) -> Type {
        match self.of {
            Of::One(ty) => ty.element(),
            Of::Batch(ty) => ty.array(),
        }
    }

    /// The type, as SQL text, of a value that needs a cast which names it.
    pub(super) fn cast(&self) -> Option<String> {
        let ty = self.ty();
        is_named(&ty).then(|| ty.name().to_owned())
    }

    /// The type that the elements of a batch have to be cast to.
    pub(super) fn element_cast(&self) -> Option<&'static str> {
        match self.of {
            Of::Batch(ty) => ty.batch_cast(),
            Of::One(_) => None,
        }
    }

    /// Its size in bytes.
    pub fn size(&self) -> usize {
        self.bytes.as_ref().map_or(0, |b| b.as_ref().map_or(0, Bytes::len))
    }

    /// The binary form; `None` is `NULL`.
    ///
    /// # Errors
    /// Why a value could not be encoded.
    pub(crate) fn raw(&self) -> Result<Option<&[u8]>, &str> {
        self.bytes.as_ref().map(Option::as_deref).map_err(|refusal| refusal.why())
    }

    /// The value as SQL text, for the one place where a value cannot be bound: the condition of a partial index, which the server has to
    /// prove before it knows values. Only truths, integers, and texts without any character that could mean something.
    ///
    /// # Errors
    /// Why the value has no such text.
    pub(super) fn literal(&self) -> Result<String, String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-');
        let Some(raw) = self.raw()? else { return Ok("NULL".to_owned()) };
        let mut text = String::new();
        let is_written = matches!(self.of, Of::One(ty) if push_text(ty, raw, &mut text).is_ok());
        let text = match self.sql_type() {
            _ if !is_written => None,
            SqlType::Boolean => Some((if text == "t" { "true" } else { "false" }).to_owned()),
            SqlType::SmallInt | SqlType::Integer | SqlType::BigInt => Some(text),
            SqlType::Text => text.chars().all(is_plain).then(|| format!("'{text}'")),
            SqlType::Named(ty) if !ty.labels().is_empty() => {
                text.chars().all(is_plain).then(|| format!("'{text}'"))
            }
            _ => None,
        };
        text.ok_or_else(|| {
            format!(
                "the condition of a partial index has {self:?}: only truths, integers, and texts of letters, digits, spaces, \"_\" \
                 and \"-\" can stand there"
            )
        })
    }

    /// Two positions of arrays that are the same in each of them, and what they have there; `NULL` is the same as nothing.
    pub(super) fn repeated(arrays: &[&Self]) -> Option<(usize, usize, String)> {
        let mut rows: Vec<Vec<&[u8]>> = Vec::new();
        for array in arrays {
            let is_text = is_named(&array.ty());
            let elements = raw_elements(array.raw().ok().flatten().filter(|_| !is_text)?).ok()?;
            rows.resize(elements.len().max(rows.len()), Vec::new());
            for (row, element) in rows.iter_mut().zip(elements) {
                row.extend(element.ok()?);
            }
        }
        let mut seen = HashMap::with_capacity(rows.len());
        let is_whole = |row: &&Vec<&[u8]>| row.len() == arrays.len();
        for (number, row) in rows.iter().enumerate().filter(|(_, row)| is_whole(row)) {
            let Some(first) = seen.insert(row, number) else { continue };
            let shown = arrays.iter().zip(row).map(|(array, raw)| array.element(raw).to_string());
            return Some((first, number, shown.collect::<Vec<_>>().join(", ")));
        }
        None
    }

    /// An element of the array.
    fn element(&self, raw: &[u8]) -> Self {
        let ty = match self.sql_type() {
            ty if ty.is_batched_as_texts() => SqlType::Text,
            ty => ty,
        };
        Self { of: Of::One(ty), bytes: Ok(Some(Bytes::copy_from_slice(raw))) }
    }

    /// The error of a value that could not be encoded.
    pub fn error(&self) -> Option<&str> {
        self.bytes.as_ref().err().map(|refusal| refusal.why())
    }

    /// The column beside which a value stands that cannot be sent, where it is known.
    pub(crate) fn refused_beside(&self) -> Option<&str> {
        self.bytes.as_ref().err()?.column()
    }

    /// A value that is compared with a column: what is wrong with it is told of that one.
    pub(super) fn beside(self, column: &str) -> Self {
        Self { bytes: self.bytes.map_err(|refusal| refusal.beside(column)), ..self }
    }
}

impl ToSql for Param {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match &self.bytes {
            Ok(Some(bytes)) => {
                match self.of {
                    Of::One(ty) if ty.travels_as_text() => {
                        let mut text = String::new();
                        push_text(ty, bytes, &mut text)?;
                        out.extend_from_slice(text.as_bytes());
                    }
                    _ => out.extend_from_slice(bytes),
                }
                Ok(IsNull::No)
            }
            Ok(None) => Ok(IsNull::Yes),
            Err(refusal) => Err(refusal.why().into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        let is_text = match self.of {
            Of::One(ty) => ty.travels_as_text(),
            Of::Batch(ty) => is_named(&ty.array()),
        };
        if is_text { Format::Text } else { Format::Binary }
    }

    to_sql_checked!();
}

/// Shows the value as an SQL literal would look, long ones cut: for logs, never for SQL text.
impl Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.bytes {
            Err(refusal) => write!(f, "<{}>", refusal.why()),
            Ok(None) => f.write_str("NULL"),
            Ok(Some(bytes)) => show(f, self.of, bytes),
        }
    }
}

impl Debug for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}::{}", self.ty().name())
    }
}

/// How much of a value a log shows: characters of a text, elements of an array.
const SHOWN_CHARS: usize = 60;
const SHOWN_ELEMENTS: usize = 4;

fn show(f: &mut fmt::Formatter<'_>, of: Of, raw: &[u8]) -> fmt::Result {
    let ty = match of {
        Of::Batch(ty) if is_named(&ty.array()) => return show_text(f, raw),
        Of::Batch(ty) if ty.is_batched_as_texts() => return show_array(f, SqlType::Text, raw),
        Of::Batch(ty) => return show_array(f, ty, raw),
        Of::One(SqlType::Array(item)) if !matches!(item, SqlType::Array(_)) => {
            return show_array(f, *item, raw);
        }
        Of::One(ty) => ty,
    };
    match ty {
        SqlType::Boolean => write!(f, "{}", raw != [0]),
        SqlType::Timestamp | SqlType::TimestampTz | SqlType::Time => show_time(f, ty, raw),
        SqlType::Bytea => write!(f, "<{} bytes>", raw.len()),
        _ => show_written(f, ty, raw),
    }
}

/// A time without the zeros at the end of its seconds: `2000-01-01 12:00:00+00`.
fn show_time(f: &mut fmt::Formatter<'_>, ty: SqlType, raw: &[u8]) -> fmt::Result {
    let mut text = String::new();
    if push_text(ty, raw, &mut text).is_err() {
        return write!(f, "<{} bytes>", raw.len());
    }
    let Some((seconds, (fraction, zone))) = text.split_once('.').map(|(s, rest)| (s, rest.split_at(6)))
    else {
        return f.write_str(&text);
    };
    match fraction.trim_end_matches('0') {
        "" => write!(f, "{seconds}{zone}"),
        fraction => write!(f, "{seconds}.{fraction}{zone}"),
    }
}

/// Numbers and the like as they are, everything else as a text.
fn show_written(f: &mut fmt::Formatter<'_>, ty: SqlType, raw: &[u8]) -> fmt::Result {
    let mut text = String::new();
    match push_text(ty, raw, &mut text) {
        Err(_) => write!(f, "<{} bytes>", raw.len()),
        Ok(()) if BARE.contains(&ty) => f.write_str(&text),
        Ok(()) => show_text(f, text.as_bytes()),
    }
}

/// What is shown without quotes.
const BARE: [SqlType; 11] = [
    SqlType::SmallInt,
    SqlType::Integer,
    SqlType::BigInt,
    SqlType::Real,
    SqlType::DoublePrecision,
    SqlType::Numeric,
    SqlType::Date,
    SqlType::Uuid,
    SqlType::Jsonb,
    SqlType::Xid,
    SqlType::Oid,
];

fn show_text(f: &mut fmt::Formatter<'_>, raw: &[u8]) -> fmt::Result {
    let text = String::from_utf8_lossy(raw);
    let mut shown = String::with_capacity(SHOWN_CHARS);
    for c in text.chars().take(SHOWN_CHARS) {
        match c {
            '\'' => shown.push_str("''"),
            '"' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    if text.chars().nth(SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    write!(f, "'{shown}'")
}

fn show_array(f: &mut fmt::Formatter<'_>, element: SqlType, raw: &[u8]) -> fmt::Result {
    let elements = raw_elements(raw).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let Ok(elements) = elements else {
        return write!(f, "<{} bytes>", raw.len());
    };
    f.write_str("[")?;
    for (i, value) in elements.iter().take(SHOWN_ELEMENTS).enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        match value {
            Some(raw) => show(f, Of::One(element), raw)?,
            None => f.write_str("NULL")?,
        }
    }
    match elements.len() {
        n if n > SHOWN_ELEMENTS => write!(f, ", … {n} in all]"),
        _ => f.write_str("]"),
    }
}

/// The binary elements of a one-dimensional array, one after the other.
///
/// # Errors
/// Bytes that are no array; so does an element that is cut.
pub(crate) fn raw_elements(raw: &[u8]) -> Result<RawElements<'_>, &'static str> {
    let mut rest = raw;
    let mut int = || -> Result<i32, &'static str> {
        let (head, tail) = rest.split_first_chunk::<4>().ok_or(CUT)?;
        rest = tail;
        Ok(i32::from_be_bytes(*head))
    };
    let (dimensions, _nulls, _oid) = (int()?, int()?, int()?);
    if dimensions == 0 {
        return Ok(RawElements { rest: &[], left: 0 });
    }
    let (count, _lower) = (int()?, int()?);
    Ok(RawElements { rest, left: usize::try_from(count).map_err(|_| CUT)? })
}

const CUT: &str = "a cut array";

/// Elements of a binary array; made by [`raw_elements`].
#[derive(Clone, Debug)]
pub(crate) struct RawElements<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Iterator for RawElements<'a> {
    type Item = Result<Option<&'a [u8]>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let Some((head, tail)) = self.rest.split_first_chunk::<4>() else { return Some(Err(CUT)) };
        self.rest = tail;
        let Ok(len) = usize::try_from(i32::from_be_bytes(*head)) else { return Some(Ok(None)) };
        let Some((element, tail)) = tail.split_at_checked(len) else { return Some(Err(CUT)) };
        self.rest = tail;
        Some(Ok(Some(element)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for RawElements<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn params_show_their_values_and_cut_long_ones() {
        assert_eq!(Param::of(&"it's".to_owned()).to_string(), "'it''s'");
        assert_eq!(Param::null(SqlType::Text).to_string(), "NULL");
        assert!(Param::of(&"x".repeat(1000)).to_string().ends_with("…'"));
    }

    #[test]
    fn times_are_shown_as_sql_has_them() {
        let shown = |ty, micros: i64| {
            Param::encoded(ty, Some(Bytes::copy_from_slice(&micros.to_be_bytes()))).to_string()
        };
        assert_eq!(shown(SqlType::TimestampTz, 1_500_000), "2000-01-01 00:00:01.5+00");
        assert_eq!(shown(SqlType::Timestamp, -1_000_000), "1999-12-31 23:59:59");
        assert_eq!(shown(SqlType::Time, 60_000_000), "00:01:00");
        assert_eq!(shown(SqlType::TimestampTz, i64::MAX), "infinity");
    }
}
