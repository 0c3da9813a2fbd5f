//! Arrays: vectors of scalars.
//!
//! A vector of vectors is an array of two dimensions, and so on. PostgreSQL knows them only as rectangles.

use super::scalar::WireError;
use super::sql_type::without_domain;
use super::{IntoScalar, ScalarType, SqlType};
use bytes::{BufMut, BytesMut};
use postgres_types::{Kind, Type};
use serde_json::Value as Json;

/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Tea {
///     #[model(primary_key)]
///     pub name: String,
///     pub tags: Vec<String>,              // text[] NOT NULL
///     pub scores: Option<Vec<Option<i32>>>, // integer[], with NULLs inside
///     pub map: Vec<Vec<i16>>,             // smallint[], a rectangle
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let tags = vec!["green".to_owned(), "Japan".to_owned()];
/// let tea = session.add(Tea::builder().name("Sencha").tags(tags).map(vec![vec![1, 2], vec![3, 4]]));
/// session.commit().await?;
/// session[tea].tags.push("new".to_owned());
/// session[tea].scores = Some(vec![Some(5), None]);
/// session.commit().await?; // UPDATE "tea" SET "tags" = …, "scores" = …
/// let found = engine.fetch_one(select::<Tea>().filter(Tea::TAGS.ne(Vec::new()))).await?;
/// assert_eq!((found.tags.len(), found.map[1][0]), (3, 3));
/// # Ok(()) }
/// ```
#[diagnostic::do_not_recommend]
impl<T: ScalarType> ScalarType for Vec<T> {
    const SQL: SqlType = SqlType::Array(&T::SQL);

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        write_array(T::SQL, self.iter().map(Some), out)
    }

    fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let some =
            |item: Option<T>| item.ok_or_else(|| "NULL in an array of values that cannot be NULL".into());
        read_array::<T>(ty, raw)?.into_iter().map(some).collect()
    }

    fn reads(ty: &Type) -> bool {
        reads_array::<T>(ty)
    }

    fn same(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(a, b)| a.same(b))
    }

    fn to_json(&self) -> Json {
        self.iter().map(T::to_json).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScalarType> ScalarType for Vec<Option<T>> {
    const SQL: SqlType = SqlType::Array(&T::SQL);

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        write_array(T::SQL, self.iter().map(Option::as_ref), out)
    }

    fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
        read_array(ty, raw)
    }

    fn reads(ty: &Type) -> bool {
        reads_array::<T>(ty)
    }

    fn same(&self, other: &Self) -> bool {
        let same = |pair: (&Option<T>, &Option<T>)| match pair {
            (Some(a), Some(b)) => a.same(b),
            (a, b) => a.is_none() && b.is_none(),
        };
        self.len() == other.len() && self.iter().zip(other).all(same)
    }

    fn to_json(&self) -> Json {
        self.iter().map(|item| item.as_ref().map_or(Json::Null, T::to_json)).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScalarType, V: IntoScalar<T>, const N: usize> IntoScalar<Vec<T>> for [V; N] {
    fn into_scalar(self) -> Option<Vec<T>> {
        self.into_iter().map(V::into_scalar).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScalarType> IntoScalar<Vec<T>> for &[T] {
    fn into_scalar(self) -> Option<Vec<T>> {
        Some(self.to_vec())
    }
}

fn reads_array<T: ScalarType>(ty: &Type) -> bool {
    match without_domain(ty).kind() {
        Kind::Array(item) => T::reads(item) || matches!(T::SQL, SqlType::Array(_)) && T::reads(ty),
        _ => false,
    }
}

/// dimensions, null flag, element type: 4 bytes each; then 8 bytes a dimension
const HEADER: usize = 12;

/// Writes an array of values whose type is `ty`: those of an array, or arrays of one size.
fn write_array<'a, T: ScalarType>(
    ty: SqlType,
    items: impl ExactSizeIterator<Item = Option<&'a T>>,
    out: &mut BytesMut,
) -> Result<(), WireError> {
    let (start, count) = (out.len(), i32::try_from(items.len())?);
    out.put_i32(i32::from(count > 0));
    out.put_i32(0);
    out.put_u32(ty.item().element().oid());
    if count == 0 {
        return Ok(());
    }
    out.put_i32(count);
    out.put_i32(1);
    if matches!(ty, SqlType::Array(_)) {
        return write_arrays(items, start, out);
    }
    for item in items {
        let Some(item) = item else {
            out[start + 4..start + 8].copy_from_slice(&1_i32.to_be_bytes());
            out.put_i32(-1);
            continue;
        };
        let at = out.len();
        out.put_i32(0);
        item.to_wire(out)?;
        let len = i32::try_from(out.len() - at - 4)?;
        out[at..at + 4].copy_from_slice(&len.to_be_bytes());
    }
    Ok(())
}

/// Behind the header of one dimension: the dimensions and the values of arrays of one size.
fn write_arrays<'a, T: ScalarType>(
    items: impl Iterator<Item = Option<&'a T>>,
    start: usize,
    out: &mut BytesMut,
) -> Result<(), WireError> {
    let mut inner = BytesMut::new();
    let mut sizes: Option<Vec<u8>> = None;
    for item in items {
        inner.clear();
        item.ok_or("NULL instead of an array inside of an array")?.to_wire(&mut inner)?;
        let dimensions = i32::from_be_bytes(inner[..4].try_into()?);
        let values = HEADER + 8 * usize::try_from(dimensions)?;
        if dimensions == 0 {
            return Err("an empty array inside of an array, which PostgreSQL cannot say".into());
        }
        match &sizes {
            None => {
                out[start..start + 4].copy_from_slice(&(dimensions + 1).to_be_bytes());
                out.extend_from_slice(&inner[HEADER..values]);
                sizes = Some(inner[HEADER..values].to_vec());
            }
            Some(sizes) if sizes[..] == inner[HEADER..values] => {}
            Some(_) => return Err("arrays of different sizes inside of an array".into()),
        }
        if inner[4..8] != [0; 4] {
            out[start + 4..start + 8].copy_from_slice(&inner[4..8]);
        }
        out.extend_from_slice(&inner[values..]);
    }
    Ok(())
}

/// The values of an array; lower bounds do not count.
fn read_array<T: ScalarType>(ty: &Type, raw: &[u8]) -> Result<Vec<Option<T>>, WireError> {
    let Kind::Array(item) = without_domain(ty).kind() else { return Err("no array".into()) };
    let mut raw = Reader(raw);
    let (dimensions, nulls, oid) = (raw.int()?, raw.int()?, raw.int()?);
    if dimensions == 0 {
        return Ok(Vec::new());
    }
    let (count, _lower) = (usize::try_from(raw.int()?)?, raw.int()?);
    if !matches!(T::SQL, SqlType::Array(_)) {
        if dimensions != 1 {
            return Err(format!("an array of {dimensions} dimensions instead of one").into());
        }
        let read = |_| raw.value()?.map(|raw| T::from_wire(item, raw)).transpose();
        return (0..count).map(read).collect();
    }
    if dimensions == 1 {
        return Err("an array of one dimension instead of more".into());
    }
    let sizes = raw.take(8 * usize::try_from(dimensions - 1)?)?;
    let inside = sizes.chunks(8).map(|size| i32::from_be_bytes([size[0], size[1], size[2], size[3]]));
    let inside = usize::try_from(inside.fold(1, i32::saturating_mul))?;
    let read = |_| {
        let mut array = BytesMut::new();
        [dimensions - 1, nulls, oid].into_iter().for_each(|word| array.put_i32(word));
        array.extend_from_slice(sizes);
        array.extend_from_slice(raw.values(inside)?);
        T::from_wire(ty, &array).map(Some)
    };
    (0..count).map(read).collect()
}

/// Binary values after each other, each behind its length.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], WireError> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or("a value that is cut off")?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn int(&mut self) -> Result<i32, WireError> {
        Ok(i32::from_be_bytes(self.take(4)?.try_into()?))
    }

    /// The next value; `None` is `NULL`.
    pub(super) fn value(&mut self) -> Result<Option<&'a [u8]>, WireError> {
        match usize::try_from(self.int()?) {
            Ok(len) => self.take(len).map(Some),
            Err(_) => Ok(None),
        }
    }

    /// The bytes of so many values, with their lengths.
    fn values(&mut self, count: usize) -> Result<&'a [u8], WireError> {
        let before = self.0;
        for _ in 0..count {
            self.value()?;
        }
        Ok(&before[..before.len() - self.0.len()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire<T: ScalarType>(value: &T) -> Result<BytesMut, WireError> {
        let mut out = BytesMut::new();
        value.to_wire(&mut out).map(|()| out)
    }

    #[test]
    fn one_dimension_is_what_the_codec_of_vectors_writes() {
        use postgres_types::ToSql;
        for values in [vec![Some(1_i64), None, Some(-7)], vec![None]] {
            let mut theirs = BytesMut::new();
            values.to_sql(&Type::INT8_ARRAY, &mut theirs).unwrap();
            assert_eq!(wire(&values).unwrap(), theirs);
        }
    }

    #[test]
    fn rectangles_come_back_and_nothing_else_goes() {
        let cube = vec![vec![vec![Some(1_i16), None], vec![Some(3), Some(4)]]; 3];
        let raw = wire(&cube).unwrap();
        assert_eq!(<Vec<Vec<Vec<Option<i16>>>>>::from_wire(&Type::INT2_ARRAY, &raw).unwrap(), cube);
        assert!(<Vec<Vec<Option<i16>>>>::from_wire(&Type::INT2_ARRAY, &raw).is_err());
        assert!(<Vec<Option<i16>>>::from_wire(&Type::INT2_ARRAY, &raw).is_err());
        assert!(wire(&vec![vec![1_i16], vec![]]).is_err());
        assert!(wire(&vec![vec![1_i16], vec![1, 2]]).is_err());
        assert!(wire(&vec![Some(vec![1_i16]), None]).is_err());
    }

    #[test]
    fn bytes_that_are_no_array_are_errors() {
        let raw = wire(&vec!["a".to_owned(), "bc".to_owned()]).unwrap();
        for len in 0..raw.len() {
            assert!(<Vec<String>>::from_wire(&Type::TEXT_ARRAY, &raw[..len]).is_err(), "{len}");
        }
    }
}
