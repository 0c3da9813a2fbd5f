//! References whose target was asked for and not found: its row is gone, or hidden.

use crate::types::KeyBytes;
use std::collections::HashMap;

/// For each object, its relations that lead nowhere.
#[derive(Debug, Default)]
pub(super) struct Absent(HashMap<u32, Vec<Nowhere>>);

#[derive(Debug)]
struct Nowhere {
    relation: usize,
    /// The foreign key.
    key: KeyBytes,
    /// Which targets were looked at; `None` for all.
    part: Option<u64>,
}

impl Absent {
    pub(super) fn note(&mut self, slot: u32, relation: usize, key: KeyBytes, part: Option<u64>) {
        let of_slot = self.0.entry(slot).or_default();
        of_slot.retain(|known| known.relation != relation);
        of_slot.push(Nowhere { relation, key, part });
    }

    /// Which targets were looked at when there was none for this foreign key.
    pub(super) fn of(&self, slot: u32, relation: usize, key: &KeyBytes) -> Option<Option<u64>> {
        let mut of_slot = self.0.get(&slot)?.iter();
        of_slot.find(|known| known.relation == relation && known.key == *key).map(|known| known.part)
    }

    pub(super) fn forget(&mut self, slot: u32) {
        if !self.0.is_empty() {
            self.0.remove(&slot);
        }
    }
}
