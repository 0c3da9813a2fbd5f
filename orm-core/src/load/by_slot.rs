//! Maps whose keys are slots.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// What belongs to each slot.
pub(super) type BySlot<T> = HashMap<u32, T, BuildHasherDefault<SlotHasher>>;

/// A map with room for so many slots.
pub(super) fn by_slot<T>(capacity: usize) -> BySlot<T> {
    HashMap::with_capacity_and_hasher(capacity, BuildHasherDefault::default())
}

/// Spreads slots, which count up from 0: nobody outside chooses them, so one multiplication is enough.
#[derive(Default)]
pub(super) struct SlotHasher(u64);

impl Hasher for SlotHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, slot: u32) {
        self.0 = (self.0 ^ u64::from(slot)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_has_its_own_value() {
        let mut map = by_slot(10);
        map.extend((0..1_000).map(|slot| (slot, slot * 2)));
        assert!((0..1_000).all(|slot| map[&slot] == slot * 2));
        assert_eq!(map.len(), 1_000);
    }
}
