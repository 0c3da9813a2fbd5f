//! Collections after a statement of the program wrote rows past the objects: nobody knows what they hold by now.

use crate::mapper::{Link, LinkKind, Mapper, ViewBy, ViewLink};
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

/// Forgets what the rows of a store's model may have put into collections, or taken out of them; unsaved changes of these stay.
pub(crate) fn forget_outdated(arena: &mut Arena, written: usize, happened: Happened<'_>) {
    let mapper = arena.stores[written].mapper;
    for store in 0..arena.stores.len() {
        let owners = arena.stores[store].mapper;
        for (relation, link) in owners.relations.iter().enumerate() {
            let leads_here = || arena.known_neighbour(store, link.target) == Some(written);
            if !(is_outdated(link, leads_here, mapper, happened) || is_own_view(link, store == written)) {
                continue;
            }
            let access = owners.def.relations[relation].access;
            let objects = arena.stores[store].slots.iter_mut().flat_map(Slot::images_mut);
            objects.for_each(|object| access.links_mut(object.as_any_mut()).forget());
        }
    }
}

/// Whether members of a relation may have come or gone.
fn is_outdated(link: &Link, leads_here: impl Fn() -> bool, mapper: &Mapper, happened: Happened<'_>) -> bool {
    let concerns = |columns: &[usize]| match happened {
        Happened::Inserted => true,
        Happened::Set(set) => columns.iter().any(|column| set.contains(column)),
        Happened::Deleted => false,
    };
    match &link.kind {
        LinkKind::ToOne { .. } => false,
        LinkKind::ToMany { foreign_key } => {
            leads_here()
                && match &mapper.relations[*foreign_key].kind {
                    LinkKind::ToOne { columns, .. } => concerns(columns),
                    _ => false,
                }
        }
        LinkKind::ManyToMany(association) => association.table == mapper.def.table,
        LinkKind::View(ViewLink { by: ViewBy::Association(association), .. }) => {
            association.table == mapper.def.table || leads_here()
        }
        LinkKind::View(ViewLink { by: ViewBy::Columns { .. }, .. }) => leads_here(),
    }
}

/// A view follows from the columns of its owner, too.
const fn is_own_view(link: &Link, is_written: bool) -> bool {
    is_written && matches!(link.kind, LinkKind::View(_))
}
