//! Where references point, as far as the session knows.

use crate::mapper::{LinkKind, Mapper, Object, Reference, SlotSet};
use crate::state::{Arena, At};
use crate::types::KeyBytes;

/// The object that a foreign key points to, when the session has it.
pub(crate) fn to_one_target(arena: &Arena, owner: At, relation: usize) -> Option<At> {
    target_of(arena, arena.object(owner), owner, relation)
}

/// [`to_one_target`] of another state of the owner.
pub(crate) fn target_of(arena: &Arena, object: &dyn Object, owner: At, relation: usize) -> Option<At> {
    let mapper = arena.stores[owner.store].mapper;
    let link = &mapper.relations[relation];
    let store = arena.known_neighbour(owner.store, link.target)?;
    let LinkKind::ToOne { columns, .. } = link.kind else { return None };
    let by_key = || arena.stores[store].find(&key_of(object, columns)?);
    let slot = match mapper.def.relations[relation].access.reference(object.as_any()) {
        Reference::Slot { session, index } if session == arena.session() => {
            // An object that left the session may have been loaded again since.
            if arena.stores[store].slot(index).object.is_some() { Some(index) } else { by_key() }
        }
        Reference::Key => by_key(),
        _ => None,
    }?;
    Some(At { store, slot })
}

/// The values of some columns of an object, when all of them are set.
pub(crate) fn key_of(object: &dyn Object, columns: &[usize]) -> Option<KeyBytes> {
    KeyBytes::of_values(columns.iter().map(|column| object.column(*column))).ok()?
}

pub(crate) fn foreign_key_columns(mapper: &Mapper, relation: usize) -> &'static [usize] {
    match mapper.relations[relation].kind {
        LinkKind::ToOne { columns, .. } => columns,
        _ => unreachable!("the resolver found a foreign key"),
    }
}

/// The columns that are written with a foreign key: others have those that it shares with them.
pub(crate) fn own_columns(mapper: &Mapper, relation: usize) -> &[usize] {
    mapper.relations[relation].kind.own_columns()
}

/// The objects at the other end of a relation of some owners, as far as they are shown; each once.
pub(crate) fn members_of(arena: &Arena, store: usize, relation: usize, owners: &[u32]) -> Vec<At> {
    let mapper = arena.stores[store].mapper;
    let Some(target) = arena.known_neighbour(store, mapper.relations[relation].target) else {
        return Vec::new();
    };
    let (access, slots) = (mapper.def.relations[relation].access, arena.stores[target].slots.len());
    let (mut seen, mut found) = (vec![false; slots], Vec::new());
    let mut add = |slot: u32| {
        let is_there = arena.stores[target].slot(slot).state.is_there();
        if is_there && !std::mem::replace(&mut seen[slot as usize], true) {
            found.push(At { store: target, slot });
        }
    };
    for owner in owners {
        let at = At { store, slot: *owner };
        let Some(object) = arena.slot(at).object.as_deref() else { continue };
        match mapper.relations[relation].kind {
            LinkKind::ToOne { .. } => {
                to_one_target(arena, at, relation).into_iter().for_each(|at| add(at.slot));
            }
            LinkKind::ToMany { .. } | LinkKind::ManyToMany(_) | LinkKind::View(_) => {
                let links = access.links(object.as_any());
                let is_ours = links.session == 0 || links.session == arena.session();
                let shown = links.shown().filter(|_| is_ours).map_or(&[][..], SlotSet::as_slice);
                shown.iter().for_each(|slot| add(*slot));
            }
        }
    }
    found
}
