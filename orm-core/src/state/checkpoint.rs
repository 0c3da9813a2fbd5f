//! Looking ahead: what a flush would do to objects, and back.

use super::{Arena, ObjectState, Store};
use crate::mapper::Object;

/// The objects that a flush looks at, as they are before somebody looks ahead.
#[derive(Debug)]
pub(crate) struct Checkpoint(Vec<Before>);

#[derive(Debug)]
struct Before {
    slots: usize,
    touched: usize,
    notes: usize,
    objects: Vec<Remembered>,
}

#[derive(Debug)]
struct Remembered {
    slot: u32,
    object: Box<dyn Object>,
    state: ObjectState,
    is_changed: bool,
}

impl Arena {
    /// Remembers everything that spreading changes can reach.
    pub(crate) fn checkpoint(&self) -> Checkpoint {
        Checkpoint(self.stores.iter().map(Store::before).collect())
    }

    /// Returns to what was remembered.
    pub(crate) fn return_to(&mut self, checkpoint: Checkpoint) {
        let nothing = || Before { slots: 0, touched: 0, notes: 0, objects: Vec::new() };
        let before = checkpoint.0.into_iter().chain(std::iter::repeat_with(nothing));
        self.stores.iter_mut().zip(before).for_each(|(store, before)| store.return_to(before));
    }
}

impl Store {
    fn before(&self) -> Before {
        let remember = |slot: &u32| {
            let object = self.slot(*slot).object.as_ref()?.snapshot();
            let (state, is_changed) = (self.slot(*slot).state, self.slot(*slot).original.is_some());
            Some(Remembered { slot: *slot, object, state, is_changed })
        };
        Before {
            slots: self.slots.len(),
            touched: self.touched.len(),
            notes: self.notes.as_ref().map_or(0, Vec::len),
            objects: self.touched.iter().filter_map(remember).collect(),
        }
    }

    fn return_to(&mut self, before: Before) {
        for index in self.touched.split_off(before.touched) {
            let slot = self.slot_mut(index);
            slot.touched = false;
            if let Some(original) = slot.original.take() {
                slot.object = Some(original);
            }
            // Nobody looked at it before, so it was written by nobody and deleted by nobody.
            slot.state = match slot.state {
                ObjectState::Pending => ObjectState::Transient,
                ObjectState::Deleting => ObjectState::Persistent,
                other => other,
            };
        }
        self.slots.truncate(before.slots);
        for Remembered { slot, object, state, is_changed } in before.objects {
            let slot = self.slot_mut(slot);
            (slot.object, slot.state) = (Some(object), state);
            if !is_changed {
                slot.original = None;
            }
        }
        if let Some(notes) = &mut self.notes {
            notes.truncate(before.notes);
        }
    }
}
