//! Primary keys: typed for users, as bytes for the identity map.

use super::column::read_scalar;
use super::{AnyScalar, ColumnValue, ScalarType, SqlType};
use bytes::BytesMut;
use std::error::Error as StdError;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use tokio_postgres::Row;

/// A scalar that can be (a part of) a primary key.
///
/// Floats and JSON are left out: their equality is not that of PostgreSQL's index.
///
/// A [`ScalarType`] of your own becomes a key with one line:
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::types::KeyScalar;
///
/// #[derive(ScalarType, Clone, Debug, PartialEq, Eq, Hash)]
/// pub struct Sku(pub String);
///
/// impl KeyScalar for Sku {}
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Product {
///     #[model(primary_key)]
///     pub sku: Sku,
/// }
/// assert_eq!(Product::builder().sku(Sku("T-1".into())).build().key(), Some(Sku("T-1".into())));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a primary key",
    label = "not a key type",
    note = "keys are integers, `String`, `Uuid`, dates and times, `bool` or `Vec<u8>`"
)]
pub trait KeyScalar: ScalarType + Eq + Hash {}

/// What can be given where a key of type `K` goes: the key, and what converts into it, such as `&str` for a `String`.
///
/// ```
/// use orm_core::types::IntoKey;
/// fn given(key: impl IntoKey<(i64, String)>) -> (i64, String) {
///     key.into_key()
/// }
/// assert_eq!(given((7, "Tea".to_owned())).0, 7);
/// let sku: String = "T-1".into_key();
/// assert_eq!(sku, "T-1");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no key here: the primary key is a `{K}`",
    label = "expected a `{K}`, or what converts into it"
)]
pub trait IntoKey<K> {
    /// The key.
    fn into_key(self) -> K;
}

#[diagnostic::do_not_recommend]
impl<K, V: Into<K>> IntoKey<K> for V {
    fn into_key(self) -> K {
        self.into()
    }
}

macro_rules! key_scalars {
    ($($ty:ty),*) => {$(impl KeyScalar for $ty {})*};
}
key_scalars!(bool, i16, i32, i64, String, Vec<u8>);

/// The value of a whole primary key: one [`KeyScalar`], or a tuple of them.
///
/// ```
/// use orm_core::types::{Key, SqlType};
/// let key = (7_i64, "T-1".to_owned());
/// assert_eq!(<(i64, String)>::TYPES, [SqlType::BigInt, SqlType::Text]);
/// assert_eq!(key.part(1).json(), "T-1");
/// assert_eq!(Key::from_parts(&[key.part(0), key.part(1)]), Some(key));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a primary key",
    label = "not a key type",
    note = "keys are integers, `String`, `Uuid`, dates and times, `bool` or `Vec<u8>`"
)]
pub trait Key: Clone + Eq + Hash + Debug + Send + Sync + 'static {
    /// The column types, in the order of the key's columns.
    const TYPES: &'static [SqlType];

    /// Part `index` of the key.
    ///
    /// # Panics
    /// When the key has no such part.
    fn part(&self, index: usize) -> &dyn AnyScalar;

    /// Reads the key from columns of a row, given by their positions; `None` when a part is `NULL`.
    ///
    /// # Errors
    /// A column that is missing or of another type.
    fn read(row: &Row, at: &[usize]) -> Result<Option<Self>, Box<dyn StdError + Sync + Send>>;

    /// Builds the key from its parts, as the columns of an object give them; `None` when one has
    /// another type.
    fn from_parts(parts: &[&dyn AnyScalar]) -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: KeyScalar> Key for T {
    const TYPES: &'static [SqlType] = &[T::SQL];

    fn part(&self, index: usize) -> &dyn AnyScalar {
        assert_eq!(index, 0, "a key of one column has one part");
        self
    }

    fn read(row: &Row, at: &[usize]) -> Result<Option<Self>, Box<dyn StdError + Sync + Send>> {
        Ok(read_scalar(row, at[0])?)
    }

    fn from_parts(parts: &[&dyn AnyScalar]) -> Option<Self> {
        match parts {
            [part] => part.as_any().downcast_ref::<T>().cloned(),
            _ => None,
        }
    }
}

macro_rules! tuple_key {
    ($n:literal: $($ty:ident $index:tt),*) => {
        #[diagnostic::do_not_recommend]
        impl<$($ty: KeyScalar),*> Key for ($($ty,)*) {
            const TYPES: &'static [SqlType] = &[$($ty::SQL),*];

            fn part(&self, index: usize) -> &dyn AnyScalar {
                match index {
                    $($index => &self.$index,)*
                    _ => panic!("a key of {} columns has no part {index}", $n),
                }
            }

            fn read(row: &Row, at: &[usize]) -> Result<Option<Self>, Box<dyn StdError + Sync + Send>> {
                Ok(Some(($(
                    match read_scalar::<$ty>(row, at[$index])? {
                        Some(part) => part,
                        None => return Ok(None),
                    },
                )*)))
            }

            fn from_parts(parts: &[&dyn AnyScalar]) -> Option<Self> {
                Some(($(parts.get($index)?.as_any().downcast_ref::<$ty>()?.clone(),)*))
            }
        }
    };
}
tuple_key!(2: A 0, B 1);
tuple_key!(3: A 0, B 1, C 2);
tuple_key!(4: A 0, B 1, C 2, D 3);

/// So many bytes of a key stand in the key itself.
const INLINE: usize = 22;

/// A primary key in binary form, for hash maps that do not know its type.
///
/// Each part but the last is prefixed with its length, so that no two keys of as many parts share their bytes. Keys of up to 22
/// bytes, that is every integer and UUID key, need no allocation.
#[derive(Clone)]
pub(crate) struct KeyBytes(Repr);

#[derive(Clone)]
enum Repr {
    /// Always so where there are eight: most keys are one number.
    Eight([u8; 8]),
    /// So many of the bytes count; the others are 0.
    Inline(u8, [u8; INLINE]),
    Heap(Box<[u8]>),
}

impl KeyBytes {
    /// Encodes the parts of a key.
    ///
    /// # Errors
    /// A part that has no binary form.
    pub(crate) fn of<'a>(
        parts: impl IntoIterator<Item = &'a dyn AnyScalar>,
    ) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        let values = parts.into_iter().map(ColumnValue::Value);
        Self::of_values(values)?.ok_or_else(|| "a part of a key is not set".into())
    }

    /// Encodes what columns hold; `None` when one of them holds no value.
    ///
    /// # Errors
    /// A part that has no binary form.
    pub(crate) fn of_values<'a>(
        values: impl IntoIterator<Item = ColumnValue<'a>>,
    ) -> Result<Option<Self>, Box<dyn StdError + Sync + Send>> {
        let (mut key, mut before) = (KeyWriter::default(), None);
        for value in values {
            let ColumnValue::Value(value) = value else { return Ok(None) };
            if let Some(before) = before.replace(value) {
                key.push_scalar(before, true)?;
            }
        }
        if let Some(last) = before {
            key.push_scalar(last, false)?;
        }
        Ok(Some(key.finish()))
    }

    /// Joins the binary parts of a key, as a row carries them; `None` when one is `NULL`.
    ///
    /// # Errors
    /// Those of the parts.
    #[inline]
    pub(crate) fn of_raw<'a, E>(
        parts: impl IntoIterator<Item = Result<Option<&'a [u8]>, E>>,
    ) -> Result<Option<Self>, E> {
        let mut parts = parts.into_iter();
        let Some(first) = parts.next() else { return Ok(Some(KeyWriter::default().finish())) };
        let Some(before) = first? else { return Ok(None) };
        let Some(second) = parts.next() else { return Ok(Some(Self::of_bytes(before))) };
        Self::of_parts(before, std::iter::once(second).chain(parts))
    }

    /// The parts of a key of several.
    fn of_parts<'a, E>(
        mut before: &'a [u8],
        others: impl Iterator<Item = Result<Option<&'a [u8]>, E>>,
    ) -> Result<Option<Self>, E> {
        let mut key = KeyWriter::default();
        for part in others {
            let Some(part) = part? else { return Ok(None) };
            key.push_prefixed(std::mem::replace(&mut before, part));
        }
        key.push(before);
        Ok(Some(key.finish()))
    }

    /// The only part of a key, as a row carries it.
    #[inline]
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        match <[u8; 8]>::try_from(bytes) {
            Ok(number) => Self(Repr::Eight(number)),
            Err(_) => {
                let mut key = KeyWriter::default();
                key.push(bytes);
                key.finish()
            }
        }
    }

    /// The bytes.
    pub(crate) fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Repr::Eight(bytes) => bytes,
            Repr::Inline(len, bytes) => &bytes[..usize::from(*len)],
            Repr::Heap(bytes) => bytes,
        }
    }
}

/// Joins the bytes of a key, without an allocation as long as they are few.
#[derive(Default)]
struct KeyWriter {
    inline: [u8; INLINE],
    len: usize,
    /// All of them, when they are many.
    heap: Vec<u8>,
}

impl KeyWriter {
    fn push(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        match self.inline.get_mut(self.len..end) {
            Some(place) => place.copy_from_slice(bytes),
            None => {
                if self.heap.is_empty() {
                    self.heap.extend_from_slice(&self.inline[..self.len]);
                }
                self.heap.extend_from_slice(bytes);
            }
        }
        self.len = end;
    }

    fn push_prefixed(&mut self, bytes: &[u8]) {
        self.push(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.push(bytes);
    }

    fn push_scalar(
        &mut self,
        value: &dyn AnyScalar,
        has_prefix: bool,
    ) -> Result<(), Box<dyn StdError + Sync + Send>> {
        // What most keys are made of needs no buffer in between.
        let (any, mut buffer) = (value.as_any(), BytesMut::new());
        let bytes = match any.downcast_ref::<i64>() {
            Some(number) => &number.to_be_bytes()[..],
            None => match any.downcast_ref::<String>() {
                Some(text) => text.as_bytes(),
                None => {
                    value.encode(&mut buffer)?;
                    &buffer
                }
            },
        };
        match has_prefix {
            true => self.push_prefixed(bytes),
            false => self.push(bytes),
        }
        Ok(())
    }

    fn finish(self) -> KeyBytes {
        match u8::try_from(self.len) {
            Ok(8) => {
                let [a, b, c, d, e, f, g, h, ..] = self.inline;
                KeyBytes(Repr::Eight([a, b, c, d, e, f, g, h]))
            }
            Ok(len) if self.len <= INLINE => KeyBytes(Repr::Inline(len, self.inline)),
            _ => KeyBytes(Repr::Heap(self.heap.into())),
        }
    }
}

impl PartialEq for KeyBytes {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Eight(bytes), Repr::Eight(others)) => bytes == others,
            (Repr::Inline(len, bytes), Repr::Inline(other, others)) => len == other && bytes == others,
            (Repr::Heap(bytes), Repr::Heap(others)) => bytes == others,
            _ => false,
        }
    }
}

impl Eq for KeyBytes {}

impl Hash for KeyBytes {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Eight(bytes) => state.write_u64(u64::from_ne_bytes(*bytes)),
            _ => state.write(self.as_slice()),
        }
    }
}

impl Debug for KeyBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyBytes({:02x?})", self.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    #[test]
    fn parts_cannot_run_into_each_other() {
        let (a, b, c, d) = ("ab".to_owned(), "c".to_owned(), "a".to_owned(), "bc".to_owned());
        let one = KeyBytes::of([&a as &dyn AnyScalar, &b]).unwrap();
        let other = KeyBytes::of([&c as &dyn AnyScalar, &d]).unwrap();
        assert_ne!(one, other);
    }

    #[test]
    fn raw_and_encoded_parts_agree() {
        let long = "x".repeat(100);
        let id = 42_i64;
        let encoded = KeyBytes::of([&id as &dyn AnyScalar, &long]).unwrap();
        let raw = |parts: [Option<&[u8]>; 2]| KeyBytes::of_raw(parts.map(Ok::<_, Infallible>)).unwrap();
        assert_eq!(raw([Some(&id.to_be_bytes()), Some(long.as_bytes())]), Some(encoded));
        assert_eq!(raw([Some(&[1]), None]), None);
    }

    #[test]
    fn the_place_of_the_bytes_makes_no_difference() {
        for len in [0, 13, 14, 15, 40] {
            let text = "x".repeat(len);
            let encoded = KeyBytes::of([&text as &dyn AnyScalar, &7_i32]).unwrap();
            let raw = [Ok::<_, Infallible>(Some(text.as_bytes())), Ok(Some(&7_i32.to_be_bytes()[..]))];
            assert_eq!(KeyBytes::of_raw(raw).unwrap(), Some(encoded), "{len} bytes");
        }
    }
}
