//! Bound values: encoded once, shown only when somebody looks.

use super::ArrayParam;
use crate::types::{AnyScalar, ColumnValue, SqlType, Xid, is_named};
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use postgres_types::{Format, FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};
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
/// let sum = Statement { text: "SELECT $1 + $2".into(), params: vec![Param::int8(40), Param::int8(2)] };
/// assert_eq!((&engine).run(sum).await?.rows[0].get::<_, i64>(0), 42);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Statement {
    /// The text, with `$1`, `$2`, … for the values.
    pub text: Arc<str>,
    /// The values.
    pub params: Vec<Param>,
}

impl Statement {
    /// A statement without values.
    pub fn plain(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), params: Vec::new() }
    }
}

/// One bound value, in binary form and with its type.
///
/// ```
/// use orm_core::sql::Param;
/// use orm_core::types::{ColumnValue, SqlType};
/// let name = Param::of(&"Ann's".to_owned());
/// assert_eq!((name.to_string(), name.ty().name(), name.size()), ("'Ann''s'".into(), "text", 5));
/// assert_eq!(Param::null(SqlType::Integer.element()).to_string(), "NULL");
/// assert_eq!(Param::of_column(ColumnValue::Unset, SqlType::Integer).to_string(), "NULL");
/// assert_eq!(format!("{:?}", Param::int8(7)), "7::int8");
/// assert_eq!(name.error(), None); // the error of a value without a binary form, told when it is sent
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Param {
    pub(super) ty: Type,
    pub(super) bytes: Result<Option<Bytes>, Arc<str>>,
}

impl Param {
    /// Encodes a value. One that has no binary form is kept as its error until the statement is sent.
    pub fn of(value: &dyn AnyScalar) -> Self {
        let mut out = BytesMut::new();
        let bytes = match value.encode(&mut out) {
            Ok(()) => Ok(Some(out.freeze())),
            Err(error) => Err(error.to_string().into()),
        };
        Self { ty: value.sql_type().element(), bytes }
    }

    /// `NULL` of a type.
    pub const fn null(ty: Type) -> Self {
        Self { ty, bytes: Ok(None) }
    }

    /// A value in binary form already, or `NULL`.
    pub(crate) const fn encoded(ty: Type, bytes: Option<Bytes>) -> Self {
        Self { ty, bytes: Ok(bytes) }
    }

    /// A `bigint`, as for LIMIT.
    pub fn int8(value: i64) -> Self {
        Self::of(&value)
    }

    /// What a column holds; what is unset is `NULL`.
    pub fn of_column(value: ColumnValue<'_>, ty: SqlType) -> Self {
        match value {
            ColumnValue::Value(value) => Self::of(value),
            _ => Self::null(ty.element()),
        }
    }

    /// Values of one type as an array.
    pub(crate) fn array_of<'a>(params: impl ExactSizeIterator<Item = &'a Self> + Clone) -> Self {
        ArrayParam::of(params)
    }

    /// The type.
    pub const fn ty(&self) -> &Type {
        &self.ty
    }

    /// Whether the value needs a cast that names its type.
    pub(super) fn is_named(&self) -> bool {
        is_named(&self.ty)
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
        self.bytes.as_ref().map(Option::as_deref).map_err(|error| &**error)
    }

    /// The value as SQL text, for the one place where a value cannot be bound: the condition of a partial index, which the server has to
    /// prove before it knows values. Only truths, integers, and texts without any character that could mean something.
    ///
    /// # Errors
    /// Why the value has no such text.
    pub(super) fn literal(&self) -> Result<String, String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-');
        let Some(raw) = self.raw()? else { return Ok("NULL".to_owned()) };
        let text = match &self.ty {
            &Type::BOOL => bool::from_sql(&self.ty, raw).ok().map(|value| value.to_string()),
            &Type::INT2 => i16::from_sql(&self.ty, raw).ok().map(|value| value.to_string()),
            &Type::INT4 => i32::from_sql(&self.ty, raw).ok().map(|value| value.to_string()),
            &Type::INT8 => i64::from_sql(&self.ty, raw).ok().map(|value| value.to_string()),
            ty if *ty == Type::TEXT || matches!(ty.kind(), Kind::Enum(_)) => {
                let text = std::str::from_utf8(raw).ok().filter(|text| text.chars().all(is_plain));
                text.map(|text| format!("'{text}'"))
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
            let is_text = is_named(&array.ty);
            let elements = raw_elements(array.raw().ok().flatten().filter(|_| !is_text)?).ok()?;
            rows.resize(elements.len().max(rows.len()), Vec::new());
            for (row, element) in rows.iter_mut().zip(elements) {
                row.extend(element);
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
        let ty = match self.ty.kind() {
            Kind::Array(element) => element.clone(),
            _ => self.ty.clone(),
        };
        Self { ty, bytes: Ok(Some(Bytes::copy_from_slice(raw))) }
    }

    /// The error of a value that could not be encoded.
    pub fn error(&self) -> Option<&str> {
        self.bytes.as_ref().err().map(|e| &**e)
    }
}

impl ToSql for Param {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match &self.bytes {
            Ok(Some(bytes)) => {
                out.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
            Ok(None) => Ok(IsNull::Yes),
            Err(error) => Err((&**error).into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        match self.ty.kind() {
            Kind::Array(_) if self.is_named() => Format::Text,
            _ => Format::Binary,
        }
    }

    to_sql_checked!();
}

/// Shows the value as an SQL literal would look, long ones cut: for logs, never for SQL text.
impl Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.bytes {
            Err(error) => write!(f, "<{error}>"),
            Ok(None) => f.write_str("NULL"),
            Ok(Some(bytes)) => show(f, &self.ty, bytes),
        }
    }
}

impl Debug for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}::{}", self.ty.name())
    }
}

/// How much of a value a log shows: characters of a text, elements of an array.
const SHOWN_CHARS: usize = 60;
const SHOWN_ELEMENTS: usize = 4;

fn show(f: &mut fmt::Formatter<'_>, ty: &Type, raw: &[u8]) -> fmt::Result {
    fn via<'a, T: FromSql<'a> + Display>(
        f: &mut fmt::Formatter<'_>,
        ty: &Type,
        raw: &'a [u8],
    ) -> fmt::Result {
        match T::from_sql(ty, raw) {
            Ok(value) => write!(f, "{value}"),
            Err(_) => write!(f, "<{} bytes>", raw.len()),
        }
    }
    match ty.kind() {
        Kind::Array(_) if is_named(ty) => return show_text(f, raw),
        Kind::Array(element) => return show_array(f, element, raw),
        Kind::Enum(_) => return show_text(f, raw),
        _ => {}
    }
    match *ty {
        Type::BOOL => via::<bool>(f, ty, raw),
        Type::INT2 => via::<i16>(f, ty, raw),
        Type::INT4 => via::<i32>(f, ty, raw),
        Type::INT8 => via::<i64>(f, ty, raw),
        Type::FLOAT4 => via::<f32>(f, ty, raw),
        Type::FLOAT8 => via::<f64>(f, ty, raw),
        Type::UUID => via::<uuid::Uuid>(f, ty, raw),
        Type::DATE => via::<NaiveDate>(f, ty, raw),
        Type::TIME => via::<NaiveTime>(f, ty, raw),
        Type::TIMESTAMP => via::<NaiveDateTime>(f, ty, raw),
        Type::TIMESTAMPTZ => via::<DateTime<Utc>>(f, ty, raw),
        Type::JSONB => via::<serde_json::Value>(f, ty, raw),
        Type::XID => via::<Xid>(f, ty, raw),
        Type::TEXT => show_text(f, raw),
        _ => write!(f, "<{} bytes>", raw.len()),
    }
}

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

fn show_array(f: &mut fmt::Formatter<'_>, element: &Type, raw: &[u8]) -> fmt::Result {
    let Ok(elements) = raw_elements(raw) else {
        return write!(f, "<{} bytes>", raw.len());
    };
    f.write_str("[")?;
    for (i, value) in elements.iter().take(SHOWN_ELEMENTS).enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        match value {
            Some(raw) => show(f, element, raw)?,
            None => f.write_str("NULL")?,
        }
    }
    match elements.len() {
        n if n > SHOWN_ELEMENTS => write!(f, ", … {n} in all]"),
        _ => f.write_str("]"),
    }
}

/// The binary elements of a one-dimensional array.
///
/// # Errors
/// Bytes that are no array.
pub(crate) fn raw_elements(raw: &[u8]) -> Result<Vec<Option<&[u8]>>, Box<dyn StdError + Sync + Send>> {
    let mut rest = raw;
    let mut int = || -> Result<i32, &'static str> {
        let (head, tail) = rest.split_first_chunk::<4>().ok_or("a cut array")?;
        rest = tail;
        Ok(i32::from_be_bytes(*head))
    };
    let (dimensions, _nulls, _oid) = (int()?, int()?, int()?);
    if dimensions == 0 {
        return Ok(Vec::new());
    }
    let (count, _lower) = (int()?, int()?);
    let mut elements = Vec::with_capacity(usize::try_from(count)?);
    for _ in 0..count {
        let (head, tail) = rest.split_first_chunk::<4>().ok_or("a cut array")?;
        rest = tail;
        match usize::try_from(i32::from_be_bytes(*head)) {
            Err(_) => elements.push(None),
            Ok(len) => {
                let (element, tail) = rest.split_at_checked(len).ok_or("a cut array")?;
                elements.push(Some(element));
                rest = tail;
            }
        }
    }
    Ok(elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn params_show_their_values_and_cut_long_ones() {
        assert_eq!(Param::of(&"it's".to_owned()).to_string(), "'it''s'");
        assert_eq!(Param::null(Type::TEXT).to_string(), "NULL");
        assert!(Param::of(&"x".repeat(1000)).to_string().ends_with("…'"));
    }
}
