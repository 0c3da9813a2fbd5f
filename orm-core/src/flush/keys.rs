//! Where the keys of new rows come from.

use super::associations::LinkChange;
use super::order::{lacks_key, references};
use super::plan::KeySource;
use crate::schema::TableName;
use crate::state::{Arena, At};
use std::collections::HashSet;

/// How the keys of new rows come about, by store.
pub(super) struct Keys {
    /// New rows of these are referred to by others, so their keys are reserved before anything is written.
    pub(super) reserved: HashSet<usize>,
    /// So are new rows of these, but their sequences may not be used: the keys come back from the insert.
    awaited: HashSet<usize>,
    /// Stores whose sequences may not be used.
    closed: HashSet<usize>,
}

impl Keys {
    pub(super) fn new<'a>(
        arena: &Arena,
        written: impl Iterator<Item = &'a At>,
        links: &[LinkChange],
        closed: &HashSet<TableName<'static>>,
    ) -> Self {
        let referred = written.flat_map(|at| references(arena, *at)).map(|(_, target)| target);
        let linked = links.iter().flat_map(|change| &change.added.order).flat_map(|(a, b)| [*a, *b]);
        let needed: HashSet<usize> =
            referred.chain(linked).filter(|at| lacks_key(arena, *at)).map(|at| at.store).collect();
        let is_closed = |store: &usize| {
            let def = arena.stores[*store].mapper.def;
            closed.contains(&def.table) || def.is_always_numbered()
        };
        let (awaited, reserved) = needed.into_iter().partition(is_closed);
        Self { reserved, awaited, closed: (0..arena.stores.len()).filter(is_closed).collect() }
    }

    /// For a row that has no key yet.
    pub(super) fn source(&self, store: usize) -> KeySource {
        match () {
            () if self.reserved.contains(&store) => KeySource::Given,
            () if self.closed.contains(&store) => {
                KeySource::Returned { awaited: self.awaited.contains(&store) }
            }
            () => KeySource::Drawn,
        }
    }
}
