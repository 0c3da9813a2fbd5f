//! Deleting a row and adding an object with its key: the row stays and is updated.

use super::order::{resolve_known, sorted};
use crate::error::Result;
use crate::mapper::{LinkKind, Object, Reference, VersionDef};
use crate::state::{Arena, At, ObjectState, Undo};
use crate::types::{ColumnValue, KeyBytes};
use bytes::BytesMut;
use std::collections::HashMap;

/// New objects that have the key of a deleted one.
#[derive(Debug, Default)]
pub(super) struct Successors {
    by_key: HashMap<(usize, KeyBytes), At>,
}

impl Successors {
    /// Looks for them; none of it is done in a flush that does not delete.
    pub(super) fn find(arena: &mut Arena) -> Self {
        let touched = sorted(arena);
        let mut found = Self::default();
        if !touched.iter().any(|at| arena.slot(*at).state == ObjectState::Deleting) {
            return found;
        }
        resolve_known(arena, &touched);
        for at in touched {
            let slot = arena.slot(at);
            if slot.state == ObjectState::Pending
                && let Ok(Some(key)) = arena.stores[at.store].key_bytes(slot.get())
            {
                found.by_key.entry((at.store, key)).or_insert(at);
            }
        }
        found
    }

    /// The new object that takes the row of a deleted one.
    pub(super) fn of(&self, arena: &Arena, deleted: At) -> Option<At> {
        if self.by_key.is_empty() || arena.slot(deleted).state != ObjectState::Deleting {
            return None;
        }
        let key = arena.stores[deleted.store].key_bytes(in_database(arena, deleted)).ok()??;
        let new = self.by_key.get(&(deleted.store, key)).copied()?;
        (arena.slot(new).state == ObjectState::Pending).then_some(new)
    }
}

/// An object as the database has it.
pub(super) fn in_database(arena: &Arena, at: At) -> &dyn Object {
    arena.slot(at).stored()
}

/// The new objects that take rows over, with the deleted objects of those rows.
pub(super) fn switches(arena: &mut Arena) -> HashMap<At, At> {
    let successors = Successors::find(arena);
    let deleted = arena.touched().into_iter();
    deleted.filter_map(|old| Some((successors.of(arena, old)?, old))).collect()
}

/// The columns in which a new object differs from the row that it takes over. What it leaves to the database stays
/// as it is, and what the database or the flush makes is made again.
///
/// A row with a version is written in any case: that compares the version, as the deletion would have done.
pub(super) fn switched_columns(arena: &Arena, new: At, old: At) -> Vec<usize> {
    let (object, row) = (arena.object(new), in_database(arena, old));
    let columns = arena.stores[new.store].mapper.def.columns;
    let is_given = |column: &usize| {
        let def = &columns[*column];
        let is_left = def.auto && matches!(object.column(*column), ColumnValue::Unset);
        def.is_given() && def.version.is_none() && !is_left
    };
    let given: Vec<usize> = (0..columns.len()).filter(is_given).collect();
    let differs = |column: &usize| !row.column(*column).same_as(&object.column(*column));
    let differing: Vec<usize> = given.iter().copied().filter(differs).collect();
    let mapper = arena.stores[new.store].mapper;
    if differing.is_empty() && mapper.version.is_some() {
        return given.into_iter().find(|column| !mapper.primary_key.contains(column)).into_iter().collect();
    }
    differing
}

/// Ends the switches of a flush: the new objects take what they left to the database, and what still refers to the rows refers
/// to them.
///
/// # Errors
/// [`Decode`](crate::ErrorKind::Decode) for a value that does not fit.
pub(super) fn settle_switches(arena: &mut Arena) -> Result<()> {
    let switches = switches(arena);
    if switches.is_empty() {
        return Ok(());
    }
    for (new, old) in &switches {
        take_over(arena, *new, *old)?;
        forget_collections(arena, *new);
        arena.stores[new.store].identify(new.slot)?;
    }
    repoint(arena, &switches.into_iter().map(|(new, old)| (old, new)).collect());
    Ok(())
}

fn take_over(arena: &mut Arena, new: At, old: At) -> Result<()> {
    super::apply::remember_insert(arena, new);
    let columns = arena.stores[new.store].mapper.def.columns;
    for (index, column) in columns.iter().enumerate() {
        let is_left = column.auto && matches!(arena.object(new).column(index), ColumnValue::Unset);
        // The version of the row; where the flush has made the next one, that comes after it.
        if !is_left && column.version != Some(VersionDef::Written) {
            continue;
        }
        let mut raw = BytesMut::new();
        if let ColumnValue::Value(value) = in_database(arena, old).column(index)
            && value.encode(&mut raw).is_ok()
        {
            let ty = column.sql_type.element();
            arena.slot_mut(new).get_mut().set_generated(index, &ty, Some(&raw))?;
        }
    }
    Ok(())
}

/// Rows that stay with the key of the one that was taken over are members of the new object, and nobody knows them.
fn forget_collections(arena: &mut Arena, new: At) {
    let (mapper, registry) = (arena.stores[new.store].mapper, arena.stores[new.store].registry);
    for (relation, link) in mapper.def.relations.iter().zip(&mapper.relations) {
        let LinkKind::ToMany { foreign_key } = link.kind else { continue };
        let far = &registry.mappers()[link.target].relations[foreign_key];
        let cleared = matches!(far.kind, LinkKind::ToOne { nullable: true, .. });
        let is_known = cleared || relation.cascade.delete || super::deletion::deletes_members(far);
        if !is_known || relation.passive_deletes != crate::mapper::PassiveDeletes::Off {
            relation.access.links_mut(arena.slot_mut(new).get_mut().as_any_mut()).forget();
        }
    }
}

/// Points what refers to the deleted objects by handle to the new ones.
fn repoint(arena: &mut Arena, by_old: &HashMap<At, At>) {
    let session = arena.session();
    for store in 0..arena.stores.len() {
        let mapper = arena.stores[store].mapper;
        for (relation, link) in mapper.relations.iter().enumerate() {
            let (LinkKind::ToOne { .. }, Some(target)) =
                (&link.kind, arena.known_neighbour(store, link.target))
            else {
                continue;
            };
            if !by_old.keys().any(|old| old.store == target) {
                continue;
            }
            let access = mapper.def.relations[relation].access;
            for slot in 0..u32::try_from(arena.stores[store].slots.len()).unwrap_or(u32::MAX) {
                let at = At { store, slot };
                if !arena.slot(at).is_written() {
                    continue;
                }
                let Reference::Slot { session: of, index } = access.reference(arena.object(at).as_any())
                else {
                    continue;
                };
                let Some(new) = by_old.get(&At { store: target, slot: index }).filter(|_| of == session)
                else {
                    continue;
                };
                if arena.slot(at).original.is_none() && arena.slot(at).in_database() {
                    arena.stores[store].remember(slot, |slot| Undo::Was(slot.get().snapshot()));
                }
                access.put_slot(arena.slot_mut(at).get_mut().as_any_mut(), session, new.slot);
                super::order::resolve(arena, at, relation, *new);
            }
        }
    }
}
