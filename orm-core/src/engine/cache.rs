//! The statements that a connection has prepared.

use crate::sql::Param;
use postgres_types::Oid;
use std::collections::HashMap;
use std::sync::Arc;
use tokio_postgres::Statement as Prepared;

/// From the text to the prepared statement.
///
/// A text is prepared with its second use, in the same flight as the statement itself, so that preparing
/// never costs a round trip and a text that is used once is never prepared.
///
/// A text may mean something else with values of other types (`data -> $1`): it is prepared for the types that came first, and
/// travels unprepared with others.
#[derive(Debug, Default)]
pub(super) struct StatementCache {
    entries: HashMap<Arc<str>, Entry>,
    capacity: usize,
    clock: u64,
}

#[derive(Debug)]
struct Entry {
    last_use: u64,
    /// What the database calls the types of the values.
    types: Box<[Oid]>,
    prepared: Option<Prepared>,
}

/// How a statement travels.
#[derive(Debug)]
pub(super) enum Lookup {
    /// Text and values together.
    Unprepared,
    /// Text and values together, and beside them the text to be prepared for the next time.
    Prepare,
    /// Only the values.
    Prepared(Prepared),
}

impl StatementCache {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, ..Self::default() }
    }

    pub(super) fn look_up(&mut self, text: &Arc<str>, params: &[Param]) -> Lookup {
        if self.capacity == 0 {
            return Lookup::Unprepared;
        }
        self.clock += 1;
        let types = params.iter().map(|param| param.ty().oid());
        if let Some(entry) = self.entries.get_mut(text) {
            entry.last_use = self.clock;
            return match &entry.prepared {
                _ if !types.eq(entry.types.iter().copied()) => Lookup::Unprepared,
                Some(prepared) => Lookup::Prepared(prepared.clone()),
                None => Lookup::Prepare,
            };
        }
        if self.entries.len() >= self.capacity {
            self.make_room();
        }
        let entry = Entry { last_use: self.clock, types: types.collect(), prepared: None };
        self.entries.insert(text.clone(), entry);
        Lookup::Unprepared
    }

    pub(super) fn store(&mut self, text: &Arc<str>, prepared: Prepared) {
        if let Some(entry) = self.entries.get_mut(text) {
            entry.prepared = Some(prepared);
        }
    }

    pub(super) fn forget(&mut self, text: &str) {
        self.entries.remove(text);
    }

    /// Drops the older half, so that the search for old entries is rare.
    fn make_room(&mut self) {
        let mut uses: Vec<u64> = self.entries.values().map(|e| e.last_use).collect();
        uses.sort_unstable();
        let median = uses[uses.len() / 2];
        self.entries.retain(|_, entry| entry.last_use > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_prepared_with_its_second_use() {
        let mut cache = StatementCache::new(4);
        let text: Arc<str> = "SELECT 1".into();
        assert!(matches!(cache.look_up(&text, &[]), Lookup::Unprepared));
        assert!(matches!(cache.look_up(&text, &[]), Lookup::Prepare));
    }

    #[test]
    fn a_text_is_prepared_for_the_types_that_came_first() {
        let mut cache = StatementCache::new(4);
        let (text, number) = ("SELECT data -> $1".into(), [Param::int8(1)]);
        assert!(matches!(cache.look_up(&text, &number), Lookup::Unprepared));
        assert!(matches!(cache.look_up(&text, &[Param::of(&"a".to_owned())]), Lookup::Unprepared));
        assert!(matches!(cache.look_up(&text, &number), Lookup::Prepare));
    }

    #[test]
    fn old_entries_make_room_and_zero_turns_it_off() {
        let mut cache = StatementCache::new(4);
        for n in 0..100 {
            cache.look_up(&format!("SELECT {n}").into(), &[]);
            assert!(cache.entries.len() <= 4);
        }
        assert!(matches!(cache.look_up(&"SELECT 99".into(), &[]), Lookup::Prepare));
        let mut off = StatementCache::new(0);
        off.look_up(&"a".into(), &[]);
        assert!(matches!(off.look_up(&"a".into(), &[]), Lookup::Unprepared));
    }
}
