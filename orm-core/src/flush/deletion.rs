//! What a deletion reaches.

use super::inheritance::half_of;
use super::order::changed_columns;
use super::switch::Successors;
use crate::load::{foreign_key_columns, to_one_target};
use crate::mapper::{Link, LinkKind, Mapper, PassiveDeletes, Reference, ReferentialAction, RelationKind};
use crate::state::{Arena, At, ObjectState};
use crate::types::{ColumnValue, KeyBytes};
use std::collections::{HashMap, HashSet};

/// Has the next flush delete an object; one that is not in the database is forgotten, with the new members that would
/// be deleted with it.
pub(crate) fn mark_deleted(arena: &mut Arena, at: At) {
    let mut work = vec![at];
    while let Some(at) = work.pop() {
        let store = &mut arena.stores[at.store];
        match store.slot(at.slot).state {
            ObjectState::Persistent => {
                store.enter(at.slot, ObjectState::Deleting);
                store.touch(at.slot);
            }
            ObjectState::Pending => {
                store.enter(at.slot, ObjectState::Detached);
                work.extend(new_members(arena, at));
            }
            _ => {}
        }
    }
}

/// Takes a deletion back that was not flushed, with what it spread to.
pub(crate) fn unmark_deleted(arena: &mut Arena, at: At) {
    let mut work = vec![at];
    while let Some(at) = work.pop() {
        if arena.slot(at).state != ObjectState::Deleting {
            continue;
        }
        arena.stores[at.store].enter(at.slot, ObjectState::Persistent);
        work.extend(half_of(arena, at));
        for (from, pointer, effect) in referrers(arena, at.store) {
            if matches!(effect, Effect::Delete) {
                let mut members = members_of(arena, from, at.store, pointer);
                work.extend(members.remove(&at.slot).unwrap_or_default());
            }
        }
    }
}

/// The new members of a new object that go where it goes.
fn new_members(arena: &Arena, owner: At) -> Vec<At> {
    let (mapper, registry) = (arena.stores[owner.store].mapper, arena.stores[owner.store].registry);
    let mut found = Vec::new();
    for (relation, link) in mapper.def.relations.iter().zip(&mapper.relations) {
        let LinkKind::ToMany { foreign_key } = link.kind else { continue };
        let far = &registry.mappers()[link.target].relations[foreign_key].kind;
        let by_database = matches!(far, LinkKind::ToOne { on_delete: ReferentialAction::Cascade, .. });
        let links = relation.access.links(arena.object(owner).as_any());
        let store = arena.known_neighbour(owner.store, link.target);
        if let Some(store) = store
            && links.session == arena.session()
            && (relation.cascade.delete || by_database)
        {
            let members = links.changes.added.as_slice().iter().map(|slot| At { store, slot: *slot });
            found.extend(members.filter(|at| arena.slot(*at).state == ObjectState::Pending));
        }
    }
    found
}

/// What a deletion does to the objects that refer to the deleted ones.
#[derive(Clone, Copy)]
enum Effect {
    Delete,
    Clear,
}

/// Whether the database deletes the members of a foreign key with their owner.
pub(super) fn deletes_members(foreign_key: &Link) -> bool {
    matches!(foreign_key.kind, LinkKind::ToOne { on_delete: ReferentialAction::Cascade, .. })
}

/// How objects of a store refer to others.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Pointer {
    /// By the foreign key of a relation.
    Relation(usize),
    /// By a plain column that references the key of a table.
    Column(usize),
}

/// Who refers to the objects of a store, and what their deletion does to them.
fn referrers(arena: &Arena, store: usize) -> Vec<(usize, Pointer, Effect)> {
    let (registry, mapper) = (arena.stores[store].registry, arena.stores[store].mapper);
    let mut found = Vec::new();
    for other in registry.mappers().iter().filter(|other| other.def.view.is_none()) {
        let Some(from) = arena.known_neighbour(store, other.index) else { continue };
        for (index, link) in other.relations.iter().enumerate() {
            let LinkKind::ToOne { nullable, on_delete, .. } = link.kind else { continue };
            if link.target != mapper.index {
                continue;
            }
            let owned = link.inverse.map(|i| &mapper.def.relations[i]);
            if owned.is_some_and(|relation| relation.passive_deletes == PassiveDeletes::All) {
                continue;
            }
            let cascades = owned.is_some_and(|relation| relation.cascade.delete);
            let effect = match on_delete {
                ReferentialAction::Cascade => Effect::Delete,
                _ if cascades => Effect::Delete,
                ReferentialAction::SetDefault => continue,
                _ if nullable => Effect::Clear,
                _ => continue,
            };
            found.push((from, Pointer::Relation(index), effect));
        }
        for (index, column) in other.def.columns.iter().enumerate() {
            let by_database = column.references.is_some_and(|to| {
                let cascades = to.on_delete == ReferentialAction::Cascade;
                cascades && other.refers_to(index, mapper.def) && is_key(mapper, to.column)
            });
            if by_database {
                found.push((from, Pointer::Column(index), Effect::Delete));
            }
        }
    }
    found
}

/// Whether a column is the whole key of a model.
fn is_key(mapper: &Mapper, column: &str) -> bool {
    matches!(mapper.primary_key[..], [key] if mapper.def.columns[key].name == column)
}

/// Who points to whom, found by one look at a store and kept for the whole of a flush.
type Members = HashMap<u32, Vec<At>>;

/// Spreads deletions to what refers to the deleted objects.
///
/// What refers to the key of a deleted object that a new one takes over, and was made to in this flush, means the new one.
pub(super) fn spread_deletions(arena: &mut Arena, successors: &Successors) {
    let mut done = HashSet::new();
    let mut members: HashMap<(usize, usize, Pointer), Members> = HashMap::new();
    let mut work: Vec<At> = arena.touched();
    while let Some(at) = work.pop() {
        if arena.slot(at).state != ObjectState::Deleting || !done.insert(at) {
            continue;
        }
        let is_replaced = successors.of(arena, at).is_some();
        if !is_replaced && let Some(half) = half_of(arena, at) {
            mark_deleted(arena, half);
            work.push(half);
        }
        for (from, pointer, effect) in referrers(arena, at.store) {
            let found = members
                .entry((from, at.store, pointer))
                .or_insert_with(|| members_of(arena, from, at.store, pointer));
            for member in found.get(&at.slot).cloned().unwrap_or_default() {
                if !arena.slot(member).is_written() {
                    continue;
                }
                if is_replaced && is_new_pointer(arena, member, pointer) {
                    continue;
                }
                match (effect, pointer) {
                    (Effect::Delete, _) => {
                        mark_deleted(arena, member);
                        work.push(member);
                    }
                    (Effect::Clear, Pointer::Relation(relation)) => {
                        let access = arena.stores[from].mapper.def.relations[relation].access;
                        access.clear(arena.stores[from].write(member.slot).as_any_mut());
                    }
                    (Effect::Clear, Pointer::Column(_)) => {}
                }
            }
        }
    }
}

/// Whether an object came to refer to a key in this flush.
fn is_new_pointer(arena: &Arena, member: At, pointer: Pointer) -> bool {
    let mapper = arena.stores[member.store].mapper;
    let columns = match pointer {
        Pointer::Column(column) => vec![column],
        Pointer::Relation(relation) => {
            let access = mapper.def.relations[relation].access;
            if access.reference(arena.object(member).as_any()) != Reference::Key {
                return false;
            }
            foreign_key_columns(mapper, relation).to_vec()
        }
    };
    let changed = changed_columns(arena, member);
    arena.slot(member).state == ObjectState::Pending || columns.iter().any(|column| changed.contains(column))
}

/// The objects of a store by the object that they point to.
fn members_of(arena: &Arena, from: usize, to: usize, pointer: Pointer) -> Members {
    let mut members = Members::new();
    for slot in 0..u32::try_from(arena.stores[from].slots.len()).unwrap_or(u32::MAX) {
        let at = At { store: from, slot };
        if !matches!(
            arena.slot(at).state,
            ObjectState::Persistent | ObjectState::Pending | ObjectState::Deleting
        ) {
            continue;
        }
        let owner = match pointer {
            Pointer::Relation(relation) => to_one_target(arena, at, relation).map(|owner| owner.slot),
            Pointer::Column(column) => match arena.object(at).column(column) {
                ColumnValue::Value(value) => {
                    KeyBytes::of([value]).ok().and_then(|key| arena.stores[to].find(&key))
                }
                _ => None,
            },
        };
        if let Some(owner) = owner {
            members.entry(owner).or_default().push(at);
        }
    }
    members
}

/// A collection that has to be known before its owners can be written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    pub(crate) store: usize,
    pub(crate) relation: usize,
    pub(crate) owners: Vec<u32>,
}

/// The collections that are not loaded and that the flush has to know: of objects about to be deleted, where neither the
/// database nor the relation's cascade can do without; the one object of a relation that is about to be replaced; and
/// collections that were replaced as a whole.
///
/// A row that a new object takes over is not deleted, so that the database does nothing about its members.
pub(crate) fn missing(arena: &mut Arena) -> Vec<Missing> {
    let successors = Successors::find(arena);
    let mut found: Vec<Missing> = Vec::new();
    for at in arena.touched() {
        let slot = arena.slot(at);
        let is_deleted = match slot.state {
            ObjectState::Deleting => true,
            ObjectState::Persistent => false,
            _ => continue,
        };
        let is_replaced = is_deleted && successors.of(arena, at).is_some();
        let (mapper, registry) = (arena.stores[at.store].mapper, arena.stores[at.store].registry);
        for (relation, link) in mapper.relations.iter().enumerate() {
            let def = &mapper.def.relations[relation];
            let is_half = mapper.inherits.as_ref().is_some_and(|inherits| inherits.relation == relation);
            if is_deleted && is_half && half_of(arena, at).is_none() {
                add_owner(&mut found, at, relation);
            }
            if matches!(link.kind, LinkKind::ManyToMany(_)) {
                let links = def.access.links(slot.get().as_any());
                if !is_deleted && links.is_replaced && links.loaded.is_none() {
                    add_owner(&mut found, at, relation);
                }
                continue;
            }
            let LinkKind::ToMany { foreign_key } = link.kind else { continue };
            let far = &registry.mappers()[link.target].relations[foreign_key];
            let LinkKind::ToOne { nullable, on_delete, .. } = far.kind else { continue };
            let by_database = matches!(
                on_delete,
                ReferentialAction::Cascade | ReferentialAction::SetNull | ReferentialAction::SetDefault
            );
            let known = def.access.links(slot.get().as_any()).loaded.is_some();
            let needed = match is_deleted {
                true if def.passive_deletes != PassiveDeletes::Off => false,
                true if is_replaced => {
                    def.cascade.delete || nullable || on_delete == ReferentialAction::Cascade
                }
                true => !by_database && (def.cascade.delete || nullable),
                // The one that is replaced has to go, and who stands where among the others has to be known.
                false => {
                    let links = def.access.links(slot.get().as_any());
                    let is_ordered = link.position.is_some() && (links.is_changed() || links.is_reordered);
                    links.is_replaced
                        || is_ordered
                        || matches!(def.kind, RelationKind::HasOne) && !links.changes.added.is_empty()
                }
            };
            if known || !needed {
                continue;
            }
            add_owner(&mut found, at, relation);
        }
    }
    found
}

fn add_owner(found: &mut Vec<Missing>, owner: At, relation: usize) {
    match found.iter_mut().find(|m| m.store == owner.store && m.relation == relation) {
        Some(missing) => missing.owners.push(owner.slot),
        None => found.push(Missing { store: owner.store, relation, owners: vec![owner.slot] }),
    }
}
