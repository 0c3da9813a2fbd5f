//! Rows on the wire, in the binary form: a header, for each row the number of its values, for each value its length and its bytes, and a
//! mark at the end.
//!
//! The binary form of composites and of arrays of named types holds numbers that only the database knows. Rows with such values
//! go in the text form, line by line.

use super::super::row::Cell;
use crate::sql::Param;
use crate::types::{SqlType, push_text};
use bytes::{BufMut, Bytes, BytesMut};
use std::error::Error as StdError;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// Rows on their way.
#[derive(Debug)]
pub(super) struct Encoder {
    out: BytesMut,
    /// Of the column of each value, where rows go as text.
    texts: Option<Vec<SqlType>>,
    /// How many values of the row there are.
    values: usize,
}

impl Encoder {
    /// Of rows with these columns.
    pub(super) fn new(columns: impl Iterator<Item = SqlType>) -> Self {
        let columns: Vec<SqlType> = columns.collect();
        let as_text = columns.iter().any(|column| column.travels_as_text());
        let mut out = BytesMut::with_capacity(super::CHUNK + super::CHUNK / 4);
        if !as_text {
            // No flags, and no extension.
            out.put_slice(SIGNATURE);
            out.put_bytes(0, 8);
        }
        Self { out, texts: as_text.then_some(columns), values: 0 }
    }

    /// What COPY is told.
    pub(super) const fn format(&self) -> &'static str {
        if self.texts.is_some() { "text" } else { "binary" }
    }

    /// How many bytes wait.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Begins a row of so many values.
    pub(super) fn row(&mut self, values: usize) {
        match self.texts {
            Some(_) if self.values > 0 => self.out.put_u8(b'\n'),
            Some(_) => {}
            None => self.out.put_i16(i16::try_from(values).unwrap_or(i16::MAX)),
        }
        self.values = 0;
    }

    /// The next value of the row.
    ///
    /// # Errors
    /// A value that has no binary form, or no text.
    pub(super) fn value(&mut self, cell: &Cell<'_>) -> Result<(), Box<dyn StdError + Send + Sync>> {
        let column = self.texts.as_ref().map(|columns| columns[self.values]);
        self.values += 1;
        match column {
            Some(column) => self.text(column, cell),
            None => self.binary(cell),
        }
    }

    fn binary(&mut self, cell: &Cell<'_>) -> Result<(), Box<dyn StdError + Send + Sync>> {
        let start = self.out.len();
        self.out.put_i32(-1);
        match cell {
            Cell::Unset | Cell::Null => return Ok(()),
            Cell::Value(value) => value.encode(&mut self.out)?,
            Cell::Made(param) => match param.raw()? {
                Some(raw) => self.out.put_slice(raw),
                None => return Ok(()),
            },
        }
        let len = i32::try_from(self.out.len() - start - 4)?;
        self.out[start..start + 4].copy_from_slice(&len.to_be_bytes());
        Ok(())
    }

    fn text(&mut self, column: SqlType, cell: &Cell<'_>) -> Result<(), Box<dyn StdError + Send + Sync>> {
        if self.values > 1 {
            self.out.put_u8(b'\t');
        }
        let param = match cell {
            Cell::Unset | Cell::Null => Param::null(column),
            Cell::Value(value) => Param::of(*value),
            Cell::Made(param) => param.clone(),
        };
        let Some(raw) = param.raw()? else {
            self.out.put_slice(b"\\N");
            return Ok(());
        };
        let mut text = String::new();
        push_text(column, raw, &mut text)?;
        for byte in text.bytes() {
            match byte {
                b'\\' => self.out.put_slice(b"\\\\"),
                b'\n' => self.out.put_slice(b"\\n"),
                b'\r' => self.out.put_slice(b"\\r"),
                b'\t' => self.out.put_slice(b"\\t"),
                byte => self.out.put_u8(byte),
            }
        }
        Ok(())
    }

    /// What waits, to be sent.
    pub(super) fn take(&mut self) -> Bytes {
        self.out.split().freeze()
    }

    /// The end of all rows.
    pub(super) fn end(&mut self) {
        match self.texts {
            Some(_) => self.out.put_u8(b'\n'),
            None => self.out.put_i16(-1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{NamedType, TypeKind, WireTypes};
    use std::sync::LazyLock;

    #[test]
    fn rows_have_the_documented_form() {
        let mut encoder = Encoder::new([SqlType::Integer, SqlType::Integer, SqlType::Text].into_iter());
        encoder.row(3);
        for cell in [Cell::Value(&7_i32), Cell::Null, Cell::Made(Param::of(&"ab".to_owned()))] {
            encoder.value(&cell).unwrap();
        }
        encoder.end();
        let mut expected = SIGNATURE.to_vec();
        expected.extend([0; 8]);
        expected.extend([0, 3, 0, 0, 0, 4, 0, 0, 0, 7, 255, 255, 255, 255, 0, 0, 0, 2, b'a', b'b', 255, 255]);
        assert_eq!((encoder.len(), encoder.format()), (expected.len(), "binary"));
        assert_eq!(encoder.take(), expected);
        assert_eq!(encoder.len(), 0);
    }

    #[test]
    fn a_type_that_only_the_database_knows_makes_texts_of_all() {
        static WIRE: LazyLock<WireTypes> = LazyLock::new(|| WireTypes::of_enum("\"mood\""));
        static MOOD: NamedType =
            NamedType::new("mood", ["\"mood\"", "\"mood\"[]"], TypeKind::Enum(&["so"]), || &WIRE);
        static MOODS: SqlType = SqlType::Named(&MOOD);
        let columns = [SqlType::Text, SqlType::Array(&MOODS), SqlType::Boolean];
        let mut encoder = Encoder::new(columns.into_iter());
        let text = "a\tb\nc\\N".to_owned();
        for row in
            [[Cell::Value(&text), Cell::Null, Cell::Value(&true)], [Cell::Null, Cell::Null, Cell::Null]]
        {
            encoder.row(3);
            row.iter().for_each(|cell| encoder.value(cell).unwrap());
        }
        encoder.end();
        assert_eq!(encoder.format(), "text");
        assert_eq!(encoder.take(), &b"a\\tb\\nc\\\\N\t\\N\tt\n\\N\t\\N\t\\N\n"[..]);
    }
}
