//! Taking rows as they come, so that nothing keeps those that were read.

use crate::error::Result;
use tokio_postgres::Row;

/// Takes the rows of one statement as they come.
pub trait TakeRows: Send {
    /// The statement begins, or begins again: rows that were taken before do not count.
    fn begin(&mut self);

    /// The next row.
    fn take(&mut self, row: Row);
}

impl TakeRows for Vec<Row> {
    fn begin(&mut self) {
        self.clear();
    }

    fn take(&mut self, row: Row) {
        self.push(row);
    }
}

/// What a function reads each row into.
#[derive(Debug)]
pub(crate) struct ReadRows<R, F> {
    read: F,
    found: Result<Vec<R>>,
}

impl<R, F: FnMut(&Row) -> Result<R>> ReadRows<R, F> {
    pub(crate) const fn new(read: F) -> Self {
        Self { read, found: Ok(Vec::new()) }
    }

    /// All that was read.
    ///
    /// # Errors
    /// That of the first row that does not fit.
    pub(crate) fn finish(self) -> Result<Vec<R>> {
        self.found
    }
}

impl<R: Send, F: FnMut(&Row) -> Result<R> + Send> TakeRows for ReadRows<R, F> {
    fn begin(&mut self) {
        self.found = Ok(Vec::new());
    }

    fn take(&mut self, row: Row) {
        let Ok(found) = &mut self.found else { return };
        match (self.read)(&row) {
            Ok(value) => found.push(value),
            Err(error) => self.found = Err(error),
        }
    }
}
