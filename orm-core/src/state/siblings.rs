//! Which objects came together: those of one result are loaded together later.

use std::collections::HashMap;

/// The results of one store whose objects are still together.
///
/// An object belongs to the last result of several rows that it came with. A result is forgotten with its last object, so that
/// a session that reads the same rows again and again remembers them once.
#[derive(Debug, Default)]
pub(super) struct Siblings {
    results: HashMap<u32, Together>,
    last: u32,
}

#[derive(Debug)]
struct Together {
    slots: Box<[u32]>,
    /// How many of them did not come with a later result.
    left: usize,
}

/// The result of an object that came alone.
pub(super) const ALONE: u32 = 0;

impl Siblings {
    /// A result with these objects; `before` says which one each of them belonged to.
    pub(super) fn came(&mut self, slots: Box<[u32]>, before: impl Iterator<Item = u32>) -> u32 {
        for result in before.filter(|result| *result != ALONE) {
            if let Some(together) = self.results.get_mut(&result) {
                together.left -= 1;
                if together.left == 0 {
                    self.results.remove(&result);
                }
            }
        }
        self.last = self.next();
        self.results.insert(self.last, Together { left: slots.len(), slots });
        self.last
    }

    /// The number of the next result.
    pub(super) fn next(&self) -> u32 {
        self.last.wrapping_add(1).max(1)
    }

    /// The objects of a result, those that left it since included.
    pub(super) fn of(&self, result: u32) -> &[u32] {
        self.results.get(&result).map_or(&[], |together| &together.slots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_forgotten_with_its_last_object() {
        let mut siblings = Siblings::default();
        let first = siblings.came(Box::new([1, 2, 3]), [ALONE, ALONE, ALONE].into_iter());
        let second = siblings.came(Box::new([2, 3]), [first, first].into_iter());
        assert_eq!(siblings.of(first), [1, 2, 3]);
        siblings.came(Box::new([1, 2]), [first, second].into_iter());
        assert!(siblings.of(first).is_empty());
        assert_eq!(siblings.of(second), [2, 3]);
    }
}
