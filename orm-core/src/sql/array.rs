//! Batches of values of one column.

use super::Param;
use crate::types::{ColumnValue, SqlType, is_named};
use bytes::{BufMut, BytesMut};
use postgres_types::{Kind, Type};
use std::sync::Arc;

/// A batch of values of one column, written straight into the form in which an array travels: the binary one, or the text
/// of an array where the number of the type is not known.
#[derive(Debug)]
pub struct ArrayParam {
    ty: Type,
    element: Type,
    out: BytesMut,
    count: i32,
    nulls: bool,
    error: Option<Arc<str>>,
}

/// dimensions, null flag, element type, length, lower bound: 4 bytes each
const ARRAY_HEADER: usize = 20;

impl ArrayParam {
    /// An empty batch with room for some values.
    pub fn with_capacity(ty: SqlType, values: usize) -> Self {
        Self::new(ty.array(), ty.element(), values)
    }

    pub(super) fn new(ty: Type, element: Type, values: usize) -> Self {
        let mut out = BytesMut::with_capacity(ARRAY_HEADER + values * 12);
        match is_named(&ty) {
            true => out.put_u8(b'{'),
            false => out.put_bytes(0, ARRAY_HEADER),
        }
        Self { ty, element, out, count: 0, nulls: false, error: None }
    }

    /// Values of one type as an array.
    pub(super) fn of<'a>(params: impl ExactSizeIterator<Item = &'a Param> + Clone) -> Param {
        let element = params.clone().next().map_or(Type::TEXT, |param| param.ty.clone());
        let mut array = Self::new(array_type(&element), element, params.len());
        params.for_each(|param| array.push_param(param));
        array.finish()
    }

    /// Adds what a column holds; what is unset is `NULL`.
    pub fn push(&mut self, value: ColumnValue<'_>) {
        let ColumnValue::Value(value) = value else { return self.push_null() };
        let mut text = BytesMut::new();
        let (is_text, start) = (is_named(&self.ty), self.out.len());
        let encoded = match is_text {
            true => value.encode(&mut text),
            false => {
                self.out.put_i32(0);
                value.encode(&mut self.out)
            }
        };
        if let Err(error) = encoded {
            self.error.get_or_insert_with(|| error.to_string().into());
        }
        if is_text {
            return self.push_raw(&text);
        }
        self.count += 1;
        let len = i32::try_from(self.out.len() - start - 4).unwrap_or(i32::MAX);
        self.out[start..start + 4].copy_from_slice(&len.to_be_bytes());
    }

    /// Adds a value that is encoded already.
    pub fn push_param(&mut self, param: &Param) {
        match &param.bytes {
            Ok(Some(bytes)) => self.push_raw(bytes),
            Ok(None) => self.push_null(),
            Err(error) => {
                self.error.get_or_insert_with(|| error.clone());
                self.push_null();
            }
        }
    }

    fn push_raw(&mut self, bytes: &[u8]) {
        self.begin();
        if !is_named(&self.ty) {
            self.out.put_i32(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
            self.out.extend_from_slice(bytes);
            return;
        }
        self.out.put_u8(b'"');
        for byte in bytes {
            if matches!(byte, b'"' | b'\\') {
                self.out.put_u8(b'\\');
            }
            self.out.put_u8(*byte);
        }
        self.out.put_u8(b'"');
    }

    fn push_null(&mut self) {
        self.begin();
        self.nulls = true;
        match is_named(&self.ty) {
            true => self.out.extend_from_slice(b"NULL"),
            false => self.out.put_i32(-1),
        }
    }

    fn begin(&mut self) {
        if is_named(&self.ty) && self.count > 0 {
            self.out.put_u8(b',');
        }
        self.count += 1;
    }

    /// The batch as a bound value.
    pub fn finish(mut self) -> Param {
        match is_named(&self.ty) {
            true => self.out.put_u8(b'}'),
            false => self.write_header(),
        }
        let bytes = match self.error {
            Some(error) => Err(error),
            None => Ok(Some(self.out.freeze())),
        };
        Param { ty: self.ty, bytes }
    }

    fn write_header(&mut self) {
        let element = self.element.oid();
        let header: [u32; 5] =
            [u32::from(self.count > 0), u32::from(self.nulls), element, self.count.cast_unsigned(), 1];
        for (at, word) in header.into_iter().enumerate() {
            self.out[at * 4..at * 4 + 4].copy_from_slice(&word.to_be_bytes());
        }
        if self.count == 0 {
            self.out.truncate(12);
        }
    }
}

/// The type of an array of such values.
fn array_type(element: &Type) -> Type {
    if is_named(element) {
        let name = format!("{}[]", element.name());
        return Type::new(name, 0, Kind::Array(element.clone()), String::new());
    }
    SqlType::of_element(element).unwrap_or(SqlType::Text).array()
}

#[cfg(test)]
mod tests {
    use super::*;
    use postgres_types::ToSql;

    #[test]
    fn a_batch_equals_the_codec_of_vectors() {
        let values = [Some(1_i64), None, Some(-7)];
        let mut batch = ArrayParam::with_capacity(SqlType::BigInt, 3);
        for value in &values {
            batch.push(crate::types::ColumnType::value(value));
        }
        let (mut ours, mut theirs) = (BytesMut::new(), BytesMut::new());
        batch.finish().to_sql(&Type::INT8_ARRAY, &mut ours).unwrap();
        values.to_vec().to_sql(&Type::INT8_ARRAY, &mut theirs).unwrap();
        assert_eq!(ours, theirs);
    }

    #[test]
    fn a_named_batch_is_the_text_of_an_array() {
        let element = Type::new("\"mood\"".into(), 0, Kind::Enum(Vec::new()), String::new());
        let label = |text: &str| {
            let mut param = Param::of(&text.to_owned());
            param.ty = element.clone();
            param
        };
        let labels = [label("so, so"), Param::null(element.clone()), label("\"a\\b\"")];
        let batch = ArrayParam::of(labels.iter());
        assert_eq!(batch.raw().unwrap(), Some(&br#"{"so, so",NULL,"\"a\\b\""}"#[..]));
        assert_eq!(batch.ty().name(), "\"mood\"[]");
    }

    #[test]
    fn long_batches_are_cut_where_they_are_shown() {
        let mut batch = ArrayParam::with_capacity(SqlType::Integer, 9);
        (0..9).for_each(|n: i32| batch.push(ColumnValue::Value(&n)));
        assert_eq!(batch.finish().to_string(), "[0, 1, 2, 3, … 9 in all]");
        assert_eq!(ArrayParam::with_capacity(SqlType::Text, 0).finish().to_string(), "[]");
    }
}
