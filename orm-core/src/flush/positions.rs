//! Collections whose order a column of their members holds.

use crate::error::{Error, ErrorKind, Result};
use crate::load::key_of;
use crate::mapper::{Link, LinkKind};
use crate::state::{Arena, At, ObjectState};
use crate::types::SqlType;
use std::collections::HashSet;

/// Has the lists numbered anew from which members are deleted. Of lists that are not loaded the gap stays, which changes no order,
/// until they change themselves.
///
/// # Errors
/// As [`number_members`].
pub(super) fn close_gaps(arena: &mut Arena) -> Result<()> {
    let members = arena.touched();
    let is_deleted = |member: &At| arena.slot(*member).state == ObjectState::Deleting;
    let lists: HashSet<(At, usize)> =
        members.into_iter().filter(is_deleted).flat_map(|member| lists_of(arena, member)).collect();
    if lists.is_empty() {
        return Ok(());
    }
    for (owner, relation) in lists {
        let access = arena.stores[owner.store].mapper.def.relations[relation].access;
        let object = arena.stores[owner.store].write(owner.slot);
        access.links_mut(object.as_any_mut()).is_reordered = true;
    }
    number_members(arena)
}

/// The loaded lists with numbered members in which the row of an object stands.
fn lists_of(arena: &Arena, member: At) -> Vec<(At, usize)> {
    let (mapper, row) = (arena.stores[member.store].mapper, arena.slot(member).stored());
    let list = |link: &Link| {
        let (LinkKind::ToOne { columns, .. }, Some(relation)) = (&link.kind, link.inverse) else {
            return None;
        };
        let store = arena.known_neighbour(member.store, link.target)?;
        let owners = &arena.stores[store];
        owners.mapper.relations[relation].position?;
        let owner = At { store, slot: owners.find(&key_of(row, columns)?)? };
        let access = owners.mapper.def.relations[relation].access;
        let slot = arena.slot(owner);
        let is_loaded = slot.is_written() && access.links(slot.get().as_any()).loaded.is_some();
        is_loaded.then_some((owner, relation))
    };
    mapper.relations.iter().filter_map(list).collect()
}

/// Writes the places of the members, from 0, into their objects, where a collection with such a column changed and all of its
/// members are known. Members that have their number already are left alone.
///
/// # Errors
/// [`Encode`](ErrorKind::Encode) for a number that the column cannot hold.
pub(super) fn number_members(arena: &mut Arena) -> Result<()> {
    for owner in arena.touched() {
        if !arena.slot(owner).is_written() {
            continue;
        }
        let mapper = arena.stores[owner.store].mapper;
        for (relation, link) in mapper.relations.iter().enumerate() {
            let Some(column) = link.position else { continue };
            let access = mapper.def.relations[relation].access;
            let links = access.links(arena.object(owner).as_any());
            if !links.is_changed() && !links.is_reordered {
                continue;
            }
            let links = access.links_mut(arena.slot_mut(owner).get_mut().as_any_mut());
            links.take_places(&[]);
            let Some(members) = links.loaded.clone() else { continue };
            let store = arena.neighbour(owner.store, link.target)?;
            number(arena, store, members.as_slice(), column)?;
        }
    }
    Ok(())
}

fn number(arena: &mut Arena, store: usize, members: &[u32], column: usize) -> Result<()> {
    let sql_type = arena.stores[store].mapper.def.columns[column].sql_type;
    let stays = |slot: &&u32| {
        let state = arena.slot(At { store, slot: **slot }).state;
        matches!(state, ObjectState::Pending | ObjectState::Persistent | ObjectState::Transient)
    };
    let members: Vec<u32> = members.iter().filter(stays).copied().collect();
    for (place, slot) in (0_i64..).zip(members) {
        let object = arena.slot(At { store, slot }).get();
        let raw = binary(place, sql_type).ok_or_else(|| too_many(arena, store, column))?;
        let is_there = object.column(column).to_json().as_i64() == Some(place);
        if !is_there {
            let object = arena.stores[store].write(slot);
            object.set_generated(column, &sql_type.element(), Some(&raw))?;
        }
    }
    Ok(())
}

/// A number as PostgreSQL sends one of this type; `None` when it is too large for that.
fn binary(number: i64, sql_type: SqlType) -> Option<Vec<u8>> {
    Some(match sql_type {
        SqlType::SmallInt => i16::try_from(number).ok()?.to_be_bytes().to_vec(),
        SqlType::Integer => i32::try_from(number).ok()?.to_be_bytes().to_vec(),
        _ => number.to_be_bytes().to_vec(),
    })
}

fn too_many(arena: &Arena, store: usize, column: usize) -> Error {
    let def = arena.stores[store].mapper.def;
    let why = format!("`{}::{}` is too small for the number of members", def.name, def.columns[column].field);
    Error::new(ErrorKind::Encode, why).with_model(def.name)
}
