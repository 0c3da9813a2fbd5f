//! Which rows go when.
//!
//! Deletions go before insertions, so that a new row may take the unique value of one that goes. Only rows that an
//! update still moves others away from wait until that is done.

use super::order::ordered;
use super::plan::{Rows, Step};
use crate::load::to_one_target;
use crate::mapper::{Association, LinkKind, Registry};
use crate::state::{Arena, At, ObjectState};
use std::collections::{BTreeMap, HashSet};

/// The steps that deletions need.
#[derive(Debug, Default)]
pub(super) struct Removal {
    /// References between rows that go and are in a circle of tables: without them one can go before the other.
    pub(super) clears: Vec<Step>,
    /// Rows of association tables that go with one of their sides.
    pub(super) unlinks: Vec<Step>,
    /// Rows that go before others come, those that refer to others first.
    pub(super) early: Vec<Step>,
    /// Rows that go at the end.
    pub(super) late: Vec<Step>,
}

impl Removal {
    /// Plans the deletions beside the updates of the same flush.
    pub(super) fn new(arena: &Arena, deleted: &[At], updates: &[Step]) -> Self {
        let stores: HashSet<usize> = deleted.iter().map(|at| at.store).collect();
        let mut stores = ordered(arena, &stores);
        stores.reverse();
        let mut removal = Self { clears: clears(arena, deleted), ..Self::default() };
        let mut waiting: HashSet<usize> = HashSet::new();
        for store in stores {
            let slots: Vec<u32> = deleted.iter().filter(|at| at.store == store).map(|at| at.slot).collect();
            for link in &arena.stores[store].mapper.relations {
                if let LinkKind::ManyToMany(association) = &link.kind
                    && !is_cascaded(arena.stores[store].registry, association)
                {
                    let rows = Rows { store, slots: slots.clone() };
                    removal.unlinks.push(Step::UnlinkAll { association: association.clone(), rows });
                }
            }
            let waits = updates.iter().any(|step| moves_away(arena, step, store))
                || waiting.iter().any(|other| refers(arena, *other, store));
            let step = Step::Delete { rows: Rows { store, slots } };
            if waits {
                waiting.insert(store);
                removal.late.push(step);
            } else {
                removal.early.push(step);
            }
        }
        removal
    }
}

/// Whether an update changes a foreign key to a store.
fn moves_away(arena: &Arena, step: &Step, store: usize) -> bool {
    let Step::Update { rows, columns: changed } = step else { return false };
    foreign_keys(arena, rows.store, store).any(|columns| columns.iter().any(|c| changed.contains(c)))
}

fn refers(arena: &Arena, from: usize, to: usize) -> bool {
    from != to && foreign_keys(arena, from, to).next().is_some()
}

/// The columns of each foreign key from one store to another.
fn foreign_keys(arena: &Arena, from: usize, to: usize) -> impl Iterator<Item = &'static [usize]> + '_ {
    let relations = arena.stores[from].mapper.relations.iter();
    relations.filter_map(move |link| match link.kind {
        LinkKind::ToOne { columns, .. } if arena.known_neighbour(from, link.target) == Some(to) => {
            Some(columns)
        }
        _ => None,
    })
}

/// Whether the database deletes the rows of an association table with their owner.
fn is_cascaded(registry: &Registry, association: &Association) -> bool {
    registry.metadata().table(&association.table).is_some_and(|table| {
        let mut keys = table.foreign_keys.iter();
        keys.any(|fk| fk.columns == association.owner_columns && fk.on_delete == "CASCADE")
    })
}

/// Sets the optional references to `NULL` by which rows that go refer to each other across a circle of tables.
fn clears(arena: &Arena, deleted: &[At]) -> Vec<Step> {
    let mut found: BTreeMap<(usize, &'static [usize]), Vec<u32>> = BTreeMap::new();
    for at in deleted {
        let mapper = arena.stores[at.store].mapper;
        for (relation, link) in mapper.relations.iter().enumerate() {
            let LinkKind::ToOne { columns, nullable: true, .. } = link.kind else { continue };
            let circle = arena.stores[at.store].registry.mappers()[link.target].circle;
            if link.target == mapper.index || circle != mapper.circle {
                continue;
            }
            let goes = |target: At| arena.slot(target).state == ObjectState::Deleting;
            if to_one_target(arena, *at, relation).is_some_and(goes) {
                found.entry((at.store, columns)).or_default().push(at.slot);
            }
        }
    }
    let clear = |((store, columns), slots): ((usize, &[usize]), _)| Step::Clear {
        rows: Rows { store, slots },
        columns: columns.to_vec(),
    };
    found.into_iter().map(clear).collect()
}
