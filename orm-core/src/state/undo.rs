//! What a rollback takes back, by savepoint.

use crate::mapper::Object;
use std::collections::HashMap;

/// How an object returns to what it was when the transaction, or the savepoint, began.
#[derive(Debug)]
pub(crate) enum Undo {
    /// It was not in the database: these columns were filled by it.
    Inserted(Vec<usize>),
    /// It was like this.
    Was(Box<dyn Object>),
    /// It was as it is, but for its state.
    Unchanged,
}

/// A list that a savepoint can return to: it remembers where it stood when each began.
#[derive(Debug)]
pub(super) struct Log<T> {
    items: Vec<T>,
    marks: Vec<usize>,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self { items: Vec::new(), marks: Vec::new() }
    }
}

impl<T> Log<T> {
    /// A list that begins inside of `savepoints`.
    pub(super) fn inside(savepoints: usize) -> Self {
        Self { items: Vec::new(), marks: vec![0; savepoints] }
    }

    pub(super) fn push(&mut self, item: T) {
        self.items.push(item);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// A savepoint begins.
    pub(super) fn mark(&mut self) {
        self.marks.push(self.items.len());
    }

    /// The savepoints from `level` on end, and what came since belongs to what is around them.
    pub(super) fn release(&mut self, level: usize) {
        self.marks.truncate(level);
    }

    /// The savepoints from `level` on end, and so does what came since; 0 is the transaction itself when no savepoint
    /// is open.
    pub(super) fn since(&mut self, level: Option<usize>) -> Vec<T> {
        let start = level.map_or(0, |level| self.marks.get(level).copied().unwrap_or(self.items.len()));
        self.marks.truncate(level.unwrap_or(0));
        self.items.split_off(start)
    }
}

/// A change that can be taken back.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) slot: u32,
    pub(super) undo: Undo,
    /// The earlier entry of the same slot.
    pub(super) before: Option<u32>,
}

/// The changes of one store since the transaction began: of each slot at most one a savepoint.
#[derive(Debug, Default)]
pub(super) struct UndoLog(Log<Entry>);

impl UndoLog {
    pub(super) fn inside(savepoints: usize) -> Self {
        Self(Log::inside(savepoints))
    }

    /// Whether the innermost savepoint knows how to take back the slot whose last entry this is.
    pub(super) fn has(&self, last: Option<u32>) -> bool {
        let start = self.0.marks.last().copied().unwrap_or(0);
        last.is_some_and(|last| last as usize >= start)
    }

    /// Adds an entry for a slot whose last one is `before`; gives its number.
    pub(super) fn push(&mut self, slot: u32, before: Option<u32>, undo: Undo) -> u32 {
        self.0.push(Entry { slot, undo, before });
        number(self.0.items.len() - 1)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn mark(&mut self) {
        self.0.mark();
    }

    /// The savepoints from `level` on end: how a slot is taken back, what is around them knows, or the first of their
    /// entries. Tells the last entry of each slot.
    pub(super) fn release(&mut self, level: usize, mut last_of: impl FnMut(u32, Option<u32>)) {
        let Some(start) = self.0.marks.get(level).copied() else { return };
        self.0.marks.truncate(level);
        let around = self.0.marks.last().copied().unwrap_or(0);
        let mut kept: HashMap<u32, u32> = HashMap::new();
        for Entry { slot, undo, before } in self.0.items.split_off(start) {
            let known = kept.get(&slot).copied().or(before.filter(|before| *before as usize >= around));
            let last = known.unwrap_or_else(|| self.push(slot, before, undo));
            kept.insert(slot, last);
            last_of(slot, Some(last));
        }
    }

    /// The entries since the savepoint `level` began, or the transaction, the last first.
    pub(super) fn since(&mut self, level: Option<usize>) -> impl Iterator<Item = Entry> + use<> {
        self.0.since(level).into_iter().rev()
    }

    /// The transaction ended: nothing can be taken back.
    pub(super) fn clear(&mut self) -> Vec<Entry> {
        self.0.since(None)
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).expect("a transaction has fewer than 4 billion changes")
}
