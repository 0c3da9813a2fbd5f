//! Collections after a statement of the program wrote rows past the objects: nobody knows what they hold by now.

use super::references::foreign_key_columns;
use crate::mapper::{LinkKind, Mapper, ViewBy, ViewLink};
use crate::state::{Arena, Slot};

/// What a statement did to rows of a model.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Happened<'c> {
    /// There may be new ones.
    Inserted,
    /// These columns were set.
    Set(&'c [usize]),
    /// Some went; objects of theirs are known to be gone.
    Deleted,
}

impl Happened<'_> {
    /// Whether rows may have another owner, or come to one, by a foreign key.
    fn moves(self, mapper: &Mapper, foreign_key: usize) -> bool {
        match self {
            Self::Inserted => true,
            Self::Set(set) => {
                foreign_key_columns(mapper, foreign_key).iter().any(|column| set.contains(column))
            }
            Self::Deleted => false,
        }
    }
}

/// Forgets what the rows of a store's model may have put into collections, or taken out of them; unsaved changes of these stay.
pub(crate) fn forget_outdated(arena: &mut Arena, written: usize, happened: Happened<'_>) {
    let mapper = arena.stores[written].mapper;
    for store in 0..arena.stores.len() {
        let owners = arena.stores[store].mapper;
        for (relation, link) in owners.relations.iter().enumerate() {
            let leads_here = || arena.known_neighbour(store, link.target) == Some(written);
            let is_outdated = match &link.kind {
                // A view follows from the columns of its owner, too.
                LinkKind::View(_) if store == written || leads_here() => true,
                LinkKind::View(ViewLink { by: ViewBy::Columns { .. }, .. }) | LinkKind::ToOne { .. } => false,
                LinkKind::ManyToMany(association)
                | LinkKind::View(ViewLink { by: ViewBy::Association(association), .. }) => {
                    association.table == mapper.def.table
                }
                LinkKind::ToMany { foreign_key } => leads_here() && happened.moves(mapper, *foreign_key),
            };
            if !is_outdated {
                continue;
            }
            let access = owners.def.relations[relation].access;
            let objects = arena.stores[store].slots.iter_mut().flat_map(Slot::images_mut);
            objects.for_each(|object| access.links_mut(object.as_any_mut()).forget());
        }
    }
}
