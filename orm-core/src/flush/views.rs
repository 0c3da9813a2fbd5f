//! Views after a flush: nobody knows what they show by now.

use crate::mapper::LinkKind;
use crate::state::{Arena, At};
use std::collections::HashSet;

/// Forgets the views of written objects, and all views of models of which an object was written.
pub(super) fn forget_views(arena: &mut Arena, written: &[At]) {
    let stores: HashSet<usize> = written.iter().map(|at| at.store).collect();
    let own: HashSet<At> = written.iter().copied().collect();
    for store in 0..arena.stores.len() {
        let mapper = arena.stores[store].mapper;
        for (relation, link) in mapper.relations.iter().enumerate() {
            let LinkKind::View(_) = link.kind else { continue };
            let access = mapper.def.relations[relation].access;
            let all =
                arena.known_neighbour(store, link.target).is_some_and(|target| stores.contains(&target));
            for (index, slot) in (0_u32..).zip(&mut arena.stores[store].slots) {
                let is_stale = all || own.contains(&At { store, slot: index });
                if let Some(object) = slot.object.as_deref_mut().filter(|_| is_stale) {
                    access.links_mut(object.as_any_mut()).forget();
                }
            }
        }
    }
}
