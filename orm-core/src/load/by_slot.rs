//! What belongs to each of some slots.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A value for each of some slots of one store.
///
/// The objects of one result stand side by side as a rule: their slots are then positions in a list. Slots that lie far apart
/// are hashed.
#[derive(Debug)]
pub(super) enum BySlot<T> {
    Near {
        /// The slot whose value is the first.
        first: u32,
        values: Vec<T>,
    },
    Far(HashMap<u32, T, BuildHasherDefault<SlotHasher>>),
}

/// A list may have so many places for each slot that is wanted.
const PLACES: usize = 4;

impl<T: Default> BySlot<T> {
    /// Nothing yet for each of these slots.
    pub(super) fn of(slots: &[u32]) -> Self {
        let (first, last) = slots.iter().fold((u32::MAX, 0), |(first, last), slot| {
            let slot = *slot;
            (first.min(slot), last.max(slot))
        });
        let places = last.checked_sub(first).map_or(0, |places| places as usize + 1);
        if places > slots.len() * PLACES {
            return Self::Far(slots.iter().map(|slot| (*slot, T::default())).collect());
        }
        Self::Near { first, values: std::iter::repeat_with(T::default).take(places).collect() }
    }

    /// What belongs to a slot; `None` for one that was not named.
    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        match self {
            Self::Near { first, values } => values.get_mut(slot.checked_sub(*first)? as usize),
            Self::Far(values) => values.get_mut(&slot),
        }
    }

    /// Gives what belongs to a slot, and leaves nothing.
    pub(super) fn take(&mut self, slot: u32) -> T {
        self.get_mut(slot).map(std::mem::take).unwrap_or_default()
    }
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
        let near: Vec<u32> = (1_000..2_000).rev().collect();
        let far: Vec<u32> = (0..1_000).map(|slot| slot * 4_000_000).collect();
        for (slots, are_near) in [(near, true), (far, false), (vec![7], true), (vec![u32::MAX, 0], false)] {
            let mut by_slot = BySlot::of(&slots);
            assert_eq!(matches!(by_slot, BySlot::Near { .. }), are_near);
            slots.iter().for_each(|slot| *by_slot.get_mut(*slot).unwrap() = u64::from(*slot) + 1);
            assert!(slots.iter().all(|slot| by_slot.take(*slot) == u64::from(*slot) + 1));
            assert!(slots.iter().all(|slot| by_slot.take(*slot) == 0));
        }
    }

    #[test]
    fn others_have_nothing() {
        for slots in [&[][..], &[5, 6], &[5, 5_000]] {
            let mut by_slot = BySlot::<u32>::of(slots);
            assert!(by_slot.get_mut(4).is_none() && by_slot.get_mut(7).is_none());
            assert_eq!(by_slot.take(7), 0);
        }
    }
}
