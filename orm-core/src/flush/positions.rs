//! Collections whose order a column of their members holds.

use crate::error::{Error, ErrorKind, Result};
use crate::state::{Arena, At, ObjectState};
use crate::types::SqlType;

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
