//! What a flush writes, as data.

use super::stamps::Stamps;
use crate::mapper::{Association, Object};
use crate::schema::TableName;
use crate::state::{Arena, At};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    pub(crate) kept_until_end: Vec<TableName<'static>>,
    /// New objects that take over the rows of deleted ones.
    pub(crate) switches: HashMap<At, At>,
    /// What the flush itself writes into the rows.
    pub(crate) stamps: Stamps,
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
    Update {
        rows: Rows,
        columns: Vec<usize>,
        /// The columns that are set to expressions, of the same shape in all rows.
        computed: Vec<usize>,
        /// Whether their versions have still to be compared.
        checked: bool,
    },
    /// Rows whose columns become `NULL` before they go, or get the value that another row gives up; their versions are
    /// compared.
    Clear { rows: Rows, columns: Vec<usize> },
    /// Rows of an association table that go.
    Unlink { association: Association, pairs: Vec<(At, At)> },
    /// Rows of an association table that go with one of their sides.
    UnlinkAll { association: Association, rows: Rows },
    /// Rows of an association table that come.
    Link { association: Association, pairs: Vec<(At, At)> },
    /// Rows that go.
    Delete {
        rows: Rows,
        /// Whether their versions have still to be compared.
        checked: bool,
    },
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

/// Rows, with the columns that are set to `NULL` before they are written or go.
pub(super) type Cleared = BTreeMap<At, BTreeSet<usize>>;

/// One step for the rows in which the same columns are set to `NULL`.
pub(super) fn clear_steps(cleared: &Cleared) -> impl Iterator<Item = Step> + use<> {
    let mut groups: BTreeMap<(usize, &BTreeSet<usize>), Vec<u32>> = BTreeMap::new();
    for (at, columns) in cleared {
        groups.entry((at.store, columns)).or_default().push(at.slot);
    }
    let step = |((store, columns), slots): ((usize, &BTreeSet<usize>), _)| Step::Clear {
        rows: Rows { store, slots },
        columns: columns.iter().copied().collect(),
    };
    groups.into_iter().map(step).collect::<Vec<Step>>().into_iter()
}

impl Plan {
    /// The row that an object stands for, as the database has it.
    pub(super) fn row<'a>(&self, arena: &'a Arena, at: At) -> &'a dyn Object {
        arena.slot(*self.switches.get(&at).unwrap_or(&at)).stored()
    }

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
            [Step::Insert { rows, .. } | Step::Update { rows, .. } | Step::Delete { rows, .. }] => {
                rows.slots.len() == 1
            }
            _ => false,
        }
    }
}
