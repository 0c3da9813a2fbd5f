//! What a flush writes, as data.

use crate::mapper::Association;
use crate::state::At;

/// Everything that a flush writes, in order.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Rows whose keys are reserved before anything is written, because other rows refer to them.
    pub(crate) reserved: Vec<Rows>,
    /// The writes.
    pub(crate) steps: Vec<Step>,
    /// Foreign keys that are written as `NULL` first and set at the end: row and relation.
    pub(crate) late: Vec<(At, usize)>,
}

/// Some objects of one store.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) store: usize,
    pub(crate) slots: Vec<u32>,
}

/// One write, of any number of rows of one table.
#[derive(Debug)]
pub(crate) enum Step {
    /// New rows that give the same columns.
    Insert {
        rows: Rows,
        columns: Vec<usize>,
        /// Whether the statement draws the keys.
        drawn: bool,
    },
    /// Rows of which the same columns changed.
    Update { rows: Rows, columns: Vec<usize> },
    /// Rows of an association table that go.
    Unlink { association: Association, pairs: Vec<(At, At)> },
    /// Rows of an association table that go with one of their sides.
    UnlinkAll { association: Association, rows: Rows },
    /// Rows of an association table that come.
    Link { association: Association, pairs: Vec<(At, At)> },
    /// Rows that go.
    Delete { rows: Rows },
}

impl Plan {
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether one row of one table is all that is written.
    pub(crate) fn single_row(&self) -> bool {
        match &self.steps[..] {
            [Step::Insert { rows, .. } | Step::Update { rows, .. } | Step::Delete { rows }] => rows.slots.len() == 1,
            _ => false,
        }
    }
}
