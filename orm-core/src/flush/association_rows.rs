//! Objects that are rows of an association table which a many-to-many relation writes, too: each row is written once.

use super::deletion::mark_deleted;
use crate::load::to_one_target;
use crate::mapper::{Association, LinkKind, Mapper};
use crate::state::{Arena, At, ObjectState};
use std::collections::HashMap;

/// A many-to-many relation, by the store of its owners and its position there.
type Relation = (usize, usize);

/// The rows of an association table by the objects that they connect.
type Rows = HashMap<(At, At), At>;

/// The objects that the session has of the rows of association tables; each relation is looked at once.
#[derive(Default)]
pub(super) struct AssociationRows(HashMap<Relation, Rows>);

/// An association model, and its foreign keys to both ends.
struct Sides {
    model: &'static Mapper,
    near: usize,
    far: usize,
}

impl AssociationRows {
    /// The object of the row by which a relation connects two objects.
    pub(super) fn get(&mut self, arena: &Arena, owner: At, relation: usize, member: At) -> Option<At> {
        let rows =
            self.0.entry((owner.store, relation)).or_insert_with(|| find(arena, owner.store, relation));
        rows.get(&(owner, member)).copied()
    }

    /// Whether the row of a pair comes or goes with its object.
    pub(super) fn has(
        &mut self,
        arena: &Arena,
        (owner, relation, member): (At, usize, At),
        state: ObjectState,
    ) -> bool {
        self.get(arena, owner, relation, member).is_some_and(|row| arena.slot(row).state == state)
    }
}

fn find(arena: &Arena, store: usize, relation: usize) -> Rows {
    let mut rows = Rows::new();
    let Some(sides) = association(arena, store, relation).and_then(|it| sides(arena, store, it)) else {
        return rows;
    };
    // Without a store, the session has no objects of the model.
    let Some(store) = arena.known_neighbour(store, sides.model.index) else { return rows };
    for slot in 0..u32::try_from(arena.stores[store].slots.len()).unwrap_or(u32::MAX) {
        let at = At { store, slot };
        let state = arena.slot(at).state;
        let ends = || Some((to_one_target(arena, at, sides.near)?, to_one_target(arena, at, sides.far)?));
        if matches!(state, ObjectState::Pending | ObjectState::Persistent | ObjectState::Deleting)
            && let Some(ends) = ends()
        {
            rows.insert(ends, at);
        }
    }
    rows
}

fn association(arena: &Arena, store: usize, relation: usize) -> Option<&'static Association> {
    match &arena.stores[store].mapper.relations[relation].kind {
        LinkKind::ManyToMany(association) => Some(association),
        _ => None,
    }
}

/// The model of an association table, when there is one.
fn sides(arena: &Arena, store: usize, association: &Association) -> Option<Sides> {
    let models = arena.stores[store].registry.mappers();
    let model = models.iter().find(|mapper| mapper.def.table == association.table)?;
    let by = |names: &[String]| {
        model.relations.iter().position(|link| match link.kind {
            LinkKind::ToOne { columns, .. } => {
                let own = columns.iter().map(|column| model.def.columns[*column].name);
                own.eq(names.iter().map(String::as_str))
            }
            _ => false,
        })
    };
    let (near, far) = (by(&association.owner_columns)?, by(&association.target_columns)?);
    Some(Sides { model, near, far })
}

/// Members that left a many-to-many relation take the objects of their rows with them.
pub(super) fn take_rows_out(arena: &mut Arena) {
    let mut rows = AssociationRows::default();
    for (owner, relation, member) in changed(arena, &arena.touched(), false) {
        if let Some(row) = rows.get(arena, owner, relation, member)
            && arena.slot(row).state == ObjectState::Persistent
        {
            mark_deleted(arena, row);
        }
    }
}

/// Collections of objects that are rows of an association table are not known any more where a many-to-many relation wrote rows of
/// which the session has no objects.
pub(super) fn forget_new_rows(arena: &mut Arena, written: &[At]) {
    let mut rows = AssociationRows::default();
    for (owner, relation, member) in changed(arena, written, true) {
        let sides = association(arena, owner.store, relation).and_then(|it| sides(arena, owner.store, it));
        let Some(Sides { model, near, far }) = sides else { continue };
        if rows.get(arena, owner, relation, member).is_some() {
            continue;
        }
        for (at, foreign_key) in [(owner, near), (member, far)] {
            let Some(inverse) = model.relations[foreign_key].inverse else { continue };
            let access = arena.stores[at.store].mapper.def.relations[inverse].access;
            if arena.slot(at).object.is_some() {
                access.links_mut(arena.slot_mut(at).get_mut().as_any_mut()).forget();
            }
        }
    }
}

/// The pairs that many-to-many relations of some objects add, or remove.
fn changed(arena: &Arena, owners: &[At], added: bool) -> Vec<(At, usize, At)> {
    let mut found = Vec::new();
    for owner in owners.iter().filter(|owner| arena.slot(**owner).is_written()) {
        let mapper = arena.stores[owner.store].mapper;
        for (relation, link) in mapper.relations.iter().enumerate() {
            let Some(store) = arena.known_neighbour(owner.store, link.target) else { continue };
            if matches!(link.kind, LinkKind::ManyToMany(_)) {
                let links = mapper.def.relations[relation].access.links(arena.object(*owner).as_any());
                let slots = if added { &links.changes.added } else { &links.changes.removed };
                found.extend(
                    slots.as_slice().iter().map(|slot| (*owner, relation, At { store, slot: *slot })),
                );
            }
        }
    }
    found
}
