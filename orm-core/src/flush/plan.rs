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
    /// Rows that exchange unique values, which the server refuses unless the constraint can be deferred.
    pub(crate) exchanged: Vec<At>,
    /// Tables of rows that go only after others came.
    pub(crate) kept_until_end: Vec<&'static str>,
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
    Insert { rows: Rows, columns: Vec<usize>, keys: KeySource },
    /// Rows of which the same columns changed.
    Update { rows: Rows, columns: Vec<usize> },
    /// Rows whose columns become `NULL` because they go.
    Clear { rows: Rows, columns: Vec<usize> },
    /// Rows of an association table that go.
    Unlink { association: Association, pairs: Vec<(At, At)> },
    /// Rows of an association table that go with one of their sides.
    UnlinkAll { association: Association, rows: Rows },
    /// Rows of an association table that come.
    Link { association: Association, pairs: Vec<(At, At)> },
    /// Rows that go.
    Delete { rows: Rows },
}

/// Where the keys of new rows come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum KeySource {
    /// They are among the columns: the program's own, or reserved.
    Given,
    /// The statement draws them.
    Drawn,
    /// The database makes them, and nobody may ask for them before: each row comes back by itself.
    Returned {
        /// Whether later steps need them.
        awaited: bool,
    },
}

impl Plan {
    /// The steps that leave together: a flight ends where keys have to come back before the next step.
    pub(crate) fn flights(&self) -> impl ExactSizeIterator<Item = &[Step]> {
        let ends =
            |step: &Step| matches!(step, Step::Insert { keys: KeySource::Returned { awaited: true }, .. });
        let flights: Vec<&[Step]> = self.steps.split_inclusive(ends).collect();
        flights.into_iter()
    }

    /// The stores whose keys are drawn from their sequences.
    pub(crate) fn drawing(&self) -> impl Iterator<Item = usize> {
        let drawn = self.steps.iter().filter_map(|step| match step {
            Step::Insert { rows, keys: KeySource::Drawn, .. } if rows.slots.len() > 1 => Some(rows.store),
            _ => None,
        });
        self.reserved.iter().map(|rows| rows.store).chain(drawn)
    }

    /// Whether one row of one table is all that is written.
    pub(crate) fn single_row(&self) -> bool {
        match &self.steps[..] {
            [Step::Insert { rows, .. } | Step::Update { rows, .. } | Step::Delete { rows }] => {
                rows.slots.len() == 1
            }
            _ => false,
        }
    }
}
