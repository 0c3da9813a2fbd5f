//! Which rows go when.
//!
//! Deletions go before insertions, so that a new row may take the unique value of one that goes. Rows that an update moves
//! others away from wait for it, and for the insertions only where the others move to a new row.

use super::levels::{Edge, levels_before_commit};
use super::plan::{Cleared, Rows, Step, clear_steps};
use crate::load::to_one_target;
use crate::mapper::{Association, LinkKind, Registry};
use crate::schema::TableName;
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
    /// Rows that go once updates have moved others away from them.
    pub(super) left: Vec<Step>,
    /// Rows that go at the end.
    pub(super) late: Vec<Step>,
}

impl Removal {
    /// Plans the deletions beside the updates of the same flush that wait for new rows; `replaced` are rows that new objects take over.
    pub(super) fn new(
        arena: &Arena,
        deleted: &[At],
        replaced: &[At],
        leaving: &[Step],
        updates: &[Step],
    ) -> Self {
        let cleared = clears(arena, deleted);
        let mut removal = Self::default();
        let (mut left, mut waiting): (HashSet<usize>, HashSet<usize>) = Default::default();
        for rows in groups(arena, replaced) {
            for link in &arena.stores[rows.store].mapper.relations {
                if let LinkKind::ManyToMany(association) = &link.kind {
                    let rows = Rows { store: rows.store, slots: rows.slots.clone() };
                    removal.unlinks.push(Step::UnlinkAll { association: association.clone(), rows });
                }
            }
        }
        for rows in groups(arena, deleted) {
            let store = rows.store;
            for link in &arena.stores[store].mapper.relations {
                if let LinkKind::ManyToMany(association) = &link.kind
                    && !is_cascaded(arena.stores[store].registry, association)
                {
                    let rows = Rows { store, slots: rows.slots.clone() };
                    removal.unlinks.push(Step::UnlinkAll { association: association.clone(), rows });
                }
            }
            let is_left = leaving.iter().any(|step| moves_away(arena, step, store))
                || left.iter().any(|other| refers(arena, *other, store));
            let waits = updates.iter().any(|step| moves_away(arena, step, store))
                || waiting.iter().any(|other| refers(arena, *other, store));
            if waits {
                waiting.insert(store);
                removal.late.extend(deletes(arena, rows, &cleared));
            } else if is_left {
                left.insert(store);
                removal.left.extend(deletes(arena, rows, &cleared));
            } else {
                removal.early.extend(deletes(arena, rows, &cleared));
            }
        }
        removal.clears.extend(clear_steps(&cleared));
        removal
    }

    /// The tables of rows that go at the end.
    pub(super) fn late_tables(&self, arena: &Arena) -> Vec<TableName<'static>> {
        let table = |step: &Step| match step {
            Step::Delete { rows, .. } => Some(arena.stores[rows.store].mapper.def.table),
            _ => None,
        };
        self.late.iter().filter_map(table).collect()
    }
}

/// The rows that go, those that refer to others before those: by table, and by row where tables form a circle.
fn groups(arena: &Arena, deleted: &[At]) -> Vec<Rows> {
    let circle = |store: usize| {
        let store = &arena.stores[store];
        (std::ptr::from_ref(store.registry).addr(), store.mapper.circle)
    };
    let new: HashSet<At> = deleted.iter().copied().collect();
    let mut edges = Vec::new();
    for at in deleted {
        for (relation, link) in arena.stores[at.store].mapper.relations.iter().enumerate() {
            let LinkKind::ToOne { nullable, .. } = link.kind else { continue };
            // Optional references across tables are cleared first; inside a table one statement deletes all.
            let Some(to) = to_one_target(arena, *at, relation) else { continue };
            let across = to.store != at.store && circle(to.store) == circle(at.store);
            if across && !nullable && new.contains(&to) {
                edges.push(Edge { from: *at, to, relation, nullable });
            }
        }
    }
    let levels = levels_before_commit(arena, deleted, edges, |_| true).level;
    let mut groups: BTreeMap<_, Vec<u32>> = BTreeMap::new();
    for at in deleted {
        let level = levels.get(at).copied().unwrap_or(0);
        let key = (circle(at.store), level, arena.stores[at.store].mapper.index, at.store);
        groups.entry(key).or_default().push(at.slot);
    }
    groups.into_iter().rev().map(|((.., store), slots)| Rows { store, slots }).collect()
}

/// Whether an update changes a foreign key to a store.
fn moves_away(arena: &Arena, step: &Step, store: usize) -> bool {
    let Step::Update { rows, columns: changed, .. } = step else { return false };
    foreign_keys(arena, rows.store, store).iter().any(|column| changed.contains(column))
}

fn refers(arena: &Arena, from: usize, to: usize) -> bool {
    from != to && !foreign_keys(arena, from, to).is_empty()
}

/// The columns of one store by which it refers to another.
fn foreign_keys(arena: &Arena, from: usize, to: usize) -> Vec<usize> {
    let (mapper, target) = (arena.stores[from].mapper, arena.stores[to].mapper.def);
    let relations = mapper.relations.iter().filter_map(|link| match link.kind {
        LinkKind::ToOne { columns, .. } if arena.known_neighbour(from, link.target) == Some(to) => {
            Some(columns)
        }
        _ => None,
    });
    let plain = (0..mapper.def.columns.len()).filter(|column| mapper.refers_to(*column, target));
    relations.flatten().copied().chain(plain).collect()
}

/// Whether the database deletes the rows of an association table with their owner.
fn is_cascaded(registry: &Registry, association: &Association) -> bool {
    registry.table(association.table).is_some_and(|table| {
        let mut keys = table.foreign_keys.iter();
        keys.any(|fk| fk.columns == association.owner_columns && fk.on_delete == "CASCADE")
    })
}

/// The deletions of some rows: of versioned ones, those that are cleared first have their versions compared there.
fn deletes(arena: &Arena, rows: Rows, cleared: &Cleared) -> impl Iterator<Item = Step> {
    let store = rows.store;
    let versioned = arena.stores[store].mapper.version.is_some();
    let (unchecked, checked): (Vec<u32>, Vec<u32>) = rows
        .slots
        .into_iter()
        .partition(|slot| versioned && cleared.contains_key(&At { store, slot: *slot }));
    let step = move |(slots, checked)| Step::Delete { rows: Rows { store, slots }, checked };
    let all = [(checked, true), (unchecked, false)];
    all.into_iter().filter(|(slots, _)| !slots.is_empty()).map(step)
}

/// The optional references by which rows that go refer to each other across a circle of tables.
fn clears(arena: &Arena, deleted: &[At]) -> Cleared {
    let mut found = Cleared::new();
    for at in deleted {
        let mapper = arena.stores[at.store].mapper;
        for (relation, link) in mapper.relations.iter().enumerate() {
            let LinkKind::ToOne { own, nullable: true, .. } = &link.kind else { continue };
            let circle = arena.stores[at.store].registry.mappers()[link.target].circle;
            if link.target == mapper.index || circle != mapper.circle {
                continue;
            }
            let goes = |target: At| arena.slot(target).state == ObjectState::Deleting;
            if to_one_target(arena, *at, relation).is_some_and(goes) {
                found.entry(*at).or_default().extend(own);
            }
        }
    }
    found
}
