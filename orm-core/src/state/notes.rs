//! What happened to objects of models that somebody listens to.
//!
//! The layers below the session write it down and tell nobody; the session tells its listeners when the objects are
//! in order again.

use super::{ObjectState, Store};

/// What happened to an object of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// Its state changed.
    Became { slot: u32, from: ObjectState, to: ObjectState },
    /// It was made from a row.
    Loaded { slot: u32 },
    /// Its row was read again.
    Refreshed { slot: u32 },
}

impl Store {
    /// From now on the store writes down what happens to its objects.
    pub(crate) fn watch(&mut self) {
        self.notes.get_or_insert_default();
    }

    pub(super) fn is_watched(&self) -> bool {
        self.notes.is_some()
    }

    pub(super) fn note(&mut self, note: Note) {
        if let Some(notes) = &mut self.notes {
            notes.push(note);
        }
    }

    pub(crate) fn has_notes(&self) -> bool {
        self.notes.as_ref().is_some_and(|notes| !notes.is_empty())
    }

    /// What happened since the last call, in order.
    pub(crate) fn take_notes(&mut self) -> Vec<Note> {
        self.notes.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Gives an object another state.
    pub(crate) fn enter(&mut self, index: u32, to: ObjectState) {
        let from = std::mem::replace(&mut self.slot_mut(index).state, to);
        if from != to {
            self.note(Note::Became { slot: index, from, to });
        }
    }
}
