//! Relations that were loaded of stale objects: they are not stale themselves, and nobody asks for them again.

use std::collections::HashMap;

/// For each stale object, its relations that are not.
#[derive(Debug, Default)]
pub(super) struct Reloaded(HashMap<u32, Vec<Loaded>>);

/// What was loaded, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Loaded {
    pub(crate) relation: usize,
    /// Which of the members; `None` for all.
    pub(crate) part: Option<u64>,
    /// The epoch of the targets; of a collection, whose members may be stale by themselves, 0.
    pub(crate) epoch: u64,
}

impl Reloaded {
    pub(super) fn note(&mut self, slot: u32, loaded: Loaded) {
        let of_slot = self.0.entry(slot).or_default();
        of_slot.retain(|known| known.relation != loaded.relation);
        of_slot.push(loaded);
    }

    pub(super) fn has(&self, slot: u32, loaded: Loaded) -> bool {
        self.0.get(&slot).is_some_and(|of_slot| of_slot.contains(&loaded))
    }

    /// The object is stale again, or not at all any more.
    pub(super) fn forget(&mut self, slot: u32) {
        if !self.0.is_empty() {
            self.0.remove(&slot);
        }
    }

    /// Everything is stale again.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
