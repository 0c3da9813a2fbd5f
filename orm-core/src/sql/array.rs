//! Batches of values of one column.

use super::Param;
use super::param::Of;
use super::refusal::Refusal;
use crate::types::{ColumnValue, SqlType, is_named, push_text};
use bytes::{BufMut, BytesMut};

/// A batch of values of one column, written straight into the form in which an array travels: the binary one, or the text
/// of an array where the number of the type is not known. A batch of arrays or composites is one of their
/// texts, which the statement casts one by one: see [`SqlType::array`].
#[derive(Debug)]
pub struct ArrayParam {
    ty: SqlType,
    form: Form,
    out: BytesMut,
    count: i32,
    nulls: bool,
    error: Option<Box<Refusal>>,
}

/// How a batch travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// In binary form, of values in binary form.
    Binary,
    /// In binary form, of texts.
    Texts,
    /// As a text, of texts.
    Text,
}

/// dimensions, null flag, element type, length, lower bound: 4 bytes each
const ARRAY_HEADER: usize = 20;

impl ArrayParam {
    /// An empty batch with room for some values.
    pub fn with_capacity(ty: SqlType, values: usize) -> Self {
        let form = match (ty.is_batched_as_texts(), is_named(&ty.array())) {
            (true, _) => Form::Texts,
            (false, true) => Form::Text,
            (false, false) => Form::Binary,
        };
        let mut out = BytesMut::with_capacity(ARRAY_HEADER + values * 12);
        match form {
            Form::Text => out.put_u8(b'{'),
            Form::Binary | Form::Texts => out.put_bytes(0, ARRAY_HEADER),
        }
        Self { ty, form, out, count: 0, nulls: false, error: None }
    }

    /// Values of one type as an array.
    pub(super) fn of<'a>(params: impl ExactSizeIterator<Item = &'a Param> + Clone) -> Param {
        let ty = params.clone().next().map_or(SqlType::Text, Param::sql_type);
        let mut array = Self::with_capacity(ty, params.len());
        params.for_each(|param| array.push_param(param));
        array.finish()
    }

    /// Adds what a column holds; what is unset is `NULL`.
    pub fn push(&mut self, value: ColumnValue<'_>) {
        let ColumnValue::Value(value) = value else { return self.push_null() };
        if self.form != Form::Binary {
            let mut raw = BytesMut::new();
            return match value.encode(&mut raw) {
                Ok(()) => self.push_raw(&raw),
                Err(error) => self.fail(Refusal::new(error)),
            };
        }
        let start = self.out.len();
        self.out.put_i32(0);
        if let Err(error) = value.encode(&mut self.out) {
            self.error.get_or_insert_with(|| Refusal::new(error));
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
            Err(error) => self.fail(error.clone()),
        }
    }

    fn fail(&mut self, error: Box<Refusal>) {
        self.error.get_or_insert(error);
        self.push_null();
    }

    fn push_raw(&mut self, raw: &[u8]) {
        if self.form == Form::Binary {
            self.begin();
            return self.push_sized(raw);
        }
        let mut text = String::new();
        if let Err(error) = push_text(self.ty, raw, &mut text) {
            return self.fail(Refusal::new(error));
        }
        self.begin();
        if self.form == Form::Texts {
            return self.push_sized(text.as_bytes());
        }
        self.out.put_u8(b'"');
        for byte in text.bytes() {
            if matches!(byte, b'"' | b'\\') {
                self.out.put_u8(b'\\');
            }
            self.out.put_u8(byte);
        }
        self.out.put_u8(b'"');
    }

    fn push_sized(&mut self, bytes: &[u8]) {
        self.out.put_i32(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
        self.out.extend_from_slice(bytes);
    }

    fn push_null(&mut self) {
        self.begin();
        self.nulls = true;
        match self.form {
            Form::Text => self.out.extend_from_slice(b"NULL"),
            Form::Binary | Form::Texts => self.out.put_i32(-1),
        }
    }

    fn begin(&mut self) {
        if self.form == Form::Text && self.count > 0 {
            let mut separator = [0; 4];
            self.out.extend_from_slice(self.ty.separator().encode_utf8(&mut separator).as_bytes());
        }
        self.count += 1;
    }

    /// The batch as a bound value.
    pub fn finish(mut self) -> Param {
        match self.form {
            Form::Text => self.out.put_u8(b'}'),
            Form::Binary => self.write_header(self.ty),
            Form::Texts => self.write_header(SqlType::Text),
        }
        let bytes = match self.error {
            Some(error) => Err(error),
            None => Ok(Some(self.out.freeze())),
        };
        Param { of: Of::Batch(self.ty), bytes }
    }

    fn write_header(&mut self, element: SqlType) {
        let element = element.element().oid();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Extension, NamedType, WireTypes};
    use postgres_types::{ToSql, Type};
    use std::sync::LazyLock;

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
        static WIRE: LazyLock<WireTypes> = LazyLock::new(|| WireTypes::of("\"mood\""));
        let to_text = |raw: &[u8], out: &mut String| {
            out.push_str(std::str::from_utf8(raw)?);
            Ok(())
        };
        const QUOTED: [&str; 2] = ["\"mood\"", "\"mood\"[]"];
        let mood = NamedType::extension("mood", QUOTED, Extension { name: None, to_text }, || &WIRE);
        let mood = SqlType::Named(Box::leak(Box::new(mood)));
        let label = |text: &str| Param { of: Of::One(mood), ..Param::of(&text.to_owned()) };
        let labels = [label("so, so"), Param::null(mood), label("\"a\\b\"")];
        let batch = ArrayParam::of(labels.iter());
        assert_eq!(batch.raw().unwrap(), Some(&br#"{"so, so",NULL,"\"a\\b\""}"#[..]));
        assert_eq!(batch.ty().name(), "\"mood\"[]");
    }

    #[test]
    fn a_batch_of_arrays_is_an_array_of_their_texts() {
        let arrays = [Some(vec![Some("a,\"b\"".to_owned()), None]), Some(Vec::new()), None];
        let mut batch = ArrayParam::with_capacity(SqlType::Array(&SqlType::Text), 3);
        arrays.iter().for_each(|array| batch.push(crate::types::ColumnType::value(array)));
        let texts = [Some(r#"{"a,\"b\"",NULL}"#), Some("{}"), None];
        let mut theirs = BytesMut::new();
        texts.to_vec().to_sql(&Type::TEXT_ARRAY, &mut theirs).unwrap();
        let batch = batch.finish();
        assert_eq!(batch.raw().unwrap(), Some(&theirs[..]));
        assert_eq!((batch.ty().name(), batch.element_cast()), ("_text", Some("text[]")));
    }

    #[test]
    fn long_batches_are_cut_where_they_are_shown() {
        let mut batch = ArrayParam::with_capacity(SqlType::Integer, 9);
        (0..9).for_each(|n: i32| batch.push(ColumnValue::Value(&n)));
        assert_eq!(batch.finish().to_string(), "[0, 1, 2, 3, … 9 in all]");
        assert_eq!(ArrayParam::with_capacity(SqlType::Text, 0).finish().to_string(), "[]");
    }
}
