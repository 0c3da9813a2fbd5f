//! An ordered set of slots that stays small while it is small.

use std::collections::HashSet;

/// Up to this many slots a scan is as fast as a hash table.
const SCAN: usize = 16;

/// Slots in insertion order, each once.
#[derive(Clone, Debug, Default)]
pub struct SlotSet {
    order: Vec<u32>,
    #[expect(
        clippy::box_collection,
        reason = "most sets stay small, and there are three in every collection"
    )]
    index: Option<Box<HashSet<u32>>>,
}

impl SlotSet {
    /// Whether the slot is in the set.
    pub fn contains(&self, slot: u32) -> bool {
        match &self.index {
            Some(index) => index.contains(&slot),
            None => self.order.contains(&slot),
        }
    }

    /// Adds a slot at the end; `false` when it was there.
    pub fn insert(&mut self, slot: u32) -> bool {
        if self.contains(slot) {
            return false;
        }
        self.order.push(slot);
        match &mut self.index {
            Some(index) => {
                index.insert(slot);
            }
            None if self.order.len() > SCAN => {
                self.index = Some(Box::new(self.order.iter().copied().collect()));
            }
            None => {}
        }
        true
    }

    /// Takes a slot out; `false` when it was not there.
    pub fn remove(&mut self, slot: u32) -> bool {
        if !self.contains(slot) {
            return false;
        }
        self.order.retain(|s| *s != slot);
        if let Some(index) = &mut self.index {
            index.remove(&slot);
        }
        true
    }

    /// Moves a slot that is in the set to a place; behind the others when there are fewer.
    pub fn move_to(&mut self, slot: u32, place: usize) {
        if let Some(at) = self.order.iter().position(|other| *other == slot) {
            self.order.remove(at);
            self.order.insert(place.min(self.order.len()), slot);
        }
    }

    /// The slots in their order.
    pub fn as_slice(&self) -> &[u32] {
        &self.order
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
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
        self.order == other.order
    }
}

impl Eq for SlotSet {}

#[cfg(test)]
mod tests {
    use super::*;

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
