//! An ordered set of slots that stays small while it is small.

use std::collections::HashSet;
use std::fmt;

/// Up to this many slots stand in the set itself: what fits into the space of a `Vec`.
const INLINE: usize = 5;

/// Up to this many slots a scan is as fast as a hash table.
const SCAN: usize = 16;

/// Slots in insertion order, each once.
#[derive(Clone)]
pub struct SlotSet(Slots);

#[derive(Clone)]
enum Slots {
    /// So many of them count.
    Few(u8, [u32; INLINE]),
    Many(Box<Many>),
}

#[derive(Clone)]
struct Many {
    order: Vec<u32>,
    /// Where there are more than [`SCAN`].
    index: Option<HashSet<u32>>,
}

impl SlotSet {
    /// An empty set.
    pub const fn new() -> Self {
        Self(Slots::Few(0, [0; INLINE]))
    }

    /// Whether the slot is in the set.
    pub fn contains(&self, slot: u32) -> bool {
        match &self.0 {
            Slots::Few(..) => self.as_slice().contains(&slot),
            Slots::Many(many) => many.contains(slot),
        }
    }

    /// Adds a slot at the end; `false` when it was there.
    pub fn insert(&mut self, slot: u32) -> bool {
        if let Slots::Few(len, slots) = &mut self.0 {
            let count = usize::from(*len);
            // All places are looked at: so many comparisons at once cost less than the right number of them.
            let is_there = slots
                .iter()
                .enumerate()
                .fold(false, |is_there, (at, other)| is_there | (at < count && *other == slot));
            if is_there {
                return false;
            }
            if let Some(place) = slots.get_mut(count) {
                (*place, *len) = (slot, *len + 1);
                return true;
            }
        }
        self.insert_into_many(slot)
    }

    fn insert_into_many(&mut self, slot: u32) -> bool {
        match &mut self.0 {
            Slots::Few(_, slots) => {
                let mut order = Vec::with_capacity(2 * INLINE);
                order.extend_from_slice(slots);
                order.push(slot);
                self.0 = Slots::Many(Box::new(Many { order, index: None }));
                true
            }
            Slots::Many(many) => many.insert(slot),
        }
    }

    /// Takes a slot out; `false` when it was not there.
    pub fn remove(&mut self, slot: u32) -> bool {
        let Some(at) = self.as_slice().iter().position(|other| *other == slot) else { return false };
        match &mut self.0 {
            Slots::Few(len, slots) => {
                slots.copy_within(at + 1..usize::from(*len), at);
                *len -= 1;
            }
            Slots::Many(many) => {
                many.order.remove(at);
                if let Some(index) = &mut many.index {
                    index.remove(&slot);
                }
            }
        }
        true
    }

    /// Moves a slot that is in the set to a place; behind the others when there are fewer.
    pub fn move_to(&mut self, slot: u32, place: usize) {
        let slots = match &mut self.0 {
            Slots::Few(len, slots) => &mut slots[..usize::from(*len)],
            Slots::Many(many) => &mut many.order[..],
        };
        let Some(from) = slots.iter().position(|other| *other == slot) else { return };
        let to = place.min(slots.len() - 1);
        if from < to {
            slots[from..=to].rotate_left(1);
        } else {
            slots[to..=from].rotate_right(1);
        }
    }

    /// The slots in order.
    pub fn as_slice(&self) -> &[u32] {
        match &self.0 {
            Slots::Few(len, slots) => &slots[..usize::from(*len)],
            Slots::Many(many) => &many.order,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }
}

impl Many {
    fn contains(&self, slot: u32) -> bool {
        match &self.index {
            Some(index) => index.contains(&slot),
            None => self.order.contains(&slot),
        }
    }

    fn insert(&mut self, slot: u32) -> bool {
        if self.contains(slot) {
            return false;
        }
        self.order.push(slot);
        match &mut self.index {
            Some(index) => {
                index.insert(slot);
            }
            None if self.order.len() > SCAN => self.index = Some(self.order.iter().copied().collect()),
            None => {}
        }
        true
    }
}

impl Default for SlotSet {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SlotSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.as_slice()).finish()
    }
}

impl FromIterator<u32> for SlotSet {
    fn from_iter<I: IntoIterator<Item = u32>>(slots: I) -> Self {
        let mut set = Self::default();
        for slot in slots {
            set.insert(slot);
        }
        set
    }
}

impl PartialEq for SlotSet {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for SlotSet {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_as_small_as_a_list() {
        assert_eq!(size_of::<Option<SlotSet>>(), size_of::<Vec<u32>>());
    }

    #[test]
    fn order_holds_inside_and_outside_of_the_set() {
        for count in 1..=2 * INLINE as u32 {
            let mut set: SlotSet = (0..count).collect();
            set.move_to(0, 1);
            set.move_to(count - 1, 0);
            let mut expected: Vec<u32> = (0..count).collect();
            expected.swap(0, 1.min(count as usize - 1));
            let last = expected.iter().position(|slot| *slot == count - 1).unwrap();
            let last = expected.remove(last);
            expected.insert(0, last);
            assert_eq!(set.as_slice(), expected);
            assert!(set.remove(expected[count as usize / 2]));
            expected.remove(count as usize / 2);
            assert_eq!(set.as_slice(), expected);
        }
    }

    #[test]
    fn order_and_uniqueness_hold_below_and_above_the_scan_limit() {
        let mut set = SlotSet::default();
        for slot in 0..100 {
            assert!(set.insert(slot));
            assert!(!set.insert(slot / 2), "{} was there", slot / 2);
        }
        assert!(set.remove(50));
        assert!(!set.remove(50));
        let expected: Vec<u32> = (0..100).filter(|s| *s != 50).collect();
        assert_eq!(set.as_slice(), expected);
        set.move_to(99, 0);
        set.move_to(0, 1_000);
        set.move_to(50, 0); // not there
        assert_eq!((set.as_slice()[0], set.as_slice()[1], set.as_slice()[98]), (99, 1, 0));
    }
}
