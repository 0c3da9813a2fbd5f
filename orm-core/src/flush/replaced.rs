//! Collections that the program replaced as a whole: what the new one does not name has left.

use crate::mapper::LinkKind;
use crate::state::{Arena, At, ObjectState};

/// Takes the old members out of the collections that an object in the database was given anew. Where nobody knows them yet,
/// the collection counts as not loaded, and [`missing`](super::missing) asks for it.
pub(super) fn take_old_members_out(arena: &mut Arena, owner: At) {
    if arena.slot(owner).state != ObjectState::Persistent {
        return;
    }
    let (mapper, session) = (arena.stores[owner.store].mapper, arena.session());
    let slot = arena.slot_mut(owner);
    for (relation, link) in mapper.def.relations.iter().zip(&mapper.relations) {
        if matches!(link.kind, LinkKind::ToOne { .. })
            || !relation.access.links(slot.get().as_any()).is_replaced
        {
            continue;
        }
        let old = slot.original.as_deref().and_then(|old| relation.access.links(old.as_any()).loaded.clone());
        let links = relation.access.links_mut(slot.get_mut().as_any_mut());
        links.meet(session);
        links.is_reordered = true;
        let Some(old) = old else {
            links.forget();
            continue;
        };
        links.is_replaced = false;
        for member in old.as_slice() {
            if !links.changes.take_added(*member) {
                links.changes.removed.insert(*member);
                links.hide(*member);
            }
        }
    }
}
