//! The binary form of rows: a header, for each row the number of its values, for each value its length and its bytes, and a mark at the end.

use super::super::row::Cell;
use bytes::{BufMut, Bytes, BytesMut};
use std::error::Error as StdError;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// Rows on their way.
#[derive(Debug)]
pub(super) struct Encoder {
    out: BytesMut,
}

impl Encoder {
    /// Begins with the header: the signature, no flags, no extension.
    pub(super) fn new() -> Self {
        let mut out = BytesMut::with_capacity(super::CHUNK + super::CHUNK / 4);
        out.put_slice(SIGNATURE);
        out.put_bytes(0, 8);
        Self { out }
    }

    /// How many bytes wait.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// A row of so many values.
    pub(super) fn row(&mut self, values: usize) {
        self.out.put_i16(i16::try_from(values).unwrap_or(i16::MAX));
    }

    /// A value of the row.
    ///
    /// # Errors
    /// A value that has no binary form.
    pub(super) fn value(&mut self, cell: &Cell<'_>) -> Result<(), Box<dyn StdError + Send + Sync>> {
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

    /// What waits, to be sent.
    pub(super) fn take(&mut self) -> Bytes {
        self.out.split().freeze()
    }

    /// The mark at the end.
    pub(super) fn end(&mut self) {
        self.out.put_i16(-1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Param;

    #[test]
    fn rows_have_the_documented_form() {
        let mut encoder = Encoder::new();
        encoder.row(3);
        for cell in [Cell::Value(&7_i32), Cell::Null, Cell::Made(Param::of(&"ab".to_owned()))] {
            encoder.value(&cell).unwrap();
        }
        encoder.end();
        let mut expected = SIGNATURE.to_vec();
        expected.extend([0; 8]);
        expected.extend([0, 3, 0, 0, 0, 4, 0, 0, 0, 7, 255, 255, 255, 255, 0, 0, 0, 2, b'a', b'b', 255, 255]);
        assert_eq!(encoder.len(), expected.len());
        assert_eq!(encoder.take(), expected);
        assert_eq!(encoder.len(), 0);
    }
}
