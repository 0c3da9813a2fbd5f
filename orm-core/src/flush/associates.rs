//! Objects that are rows of an association table: many-to-many relations through that table follow them.

use super::apply::show;
use crate::load::key_of;
use crate::mapper::{Associates, Object};
use crate::state::{Arena, At, ObjectState};

/// An object that is a row of an association table, and what each relation through that table shows because of it.
pub(super) struct Associated {
    row: At,
    shown: Vec<Option<Ends>>,
}

/// An owner, and its member's slot.
type Ends = (At, u32);

/// What relations show because of some objects before these are settled.
pub(super) fn associated(arena: &Arena, touched: &[At]) -> Vec<Associated> {
    let is_row = |at: &&At| !arena.stores[at.store].mapper.associates.is_empty();
    let before = |at: &At| {
        let slot = arena.slot(*at);
        let shown = |associates: &Associates| {
            let row = Some(slot).filter(|slot| slot.in_database())?.stored();
            ends(arena, *at, row, associates)
        };
        let shown = arena.stores[at.store].mapper.associates.iter().map(shown).collect();
        Associated { row: *at, shown }
    };
    touched.iter().filter(is_row).map(before).collect()
}

/// Has the relations show what became of those objects.
pub(super) fn show_associates(arena: &mut Arena, rows: Vec<Associated>) {
    for Associated { row, shown } in rows {
        for (associates, before) in arena.stores[row.store].mapper.associates.iter().zip(shown) {
            let slot = arena.slot(row);
            let is_there = slot.state == ObjectState::Persistent;
            let after = if is_there { ends(arena, row, slot.get(), associates) } else { None };
            if before == after {
                continue;
            }
            if let Some((owner, member)) = before {
                show(arena, owner, associates.relation, |links| links.hide(member));
            }
            if let Some((owner, member)) = after {
                show(arena, owner, associates.relation, |links| links.show(member));
            }
        }
    }
}

/// The two objects that a row connects, when the session has both.
fn ends(arena: &Arena, at: At, row: &dyn Object, associates: &Associates) -> Option<Ends> {
    let owners = arena.known_neighbour(at.store, associates.mapper)?;
    let link = &arena.stores[owners].mapper.relations[associates.relation];
    let members = arena.known_neighbour(at.store, link.target)?;
    let slot = arena.stores[owners].find(&key_of(row, &associates.owner_columns)?)?;
    let member = arena.stores[members].find(&key_of(row, &associates.target_columns)?)?;
    Some((At { store: owners, slot }, member))
}
