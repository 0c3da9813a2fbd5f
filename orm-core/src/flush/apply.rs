//! Taking the answers of a flush over.

use super::associates::{associated, show_associates};
use super::association_rows::forget_new_rows;
use super::emit::{Expect, MatchedBy, Outgoing};
use super::order::{changed_columns, resolve_known, sorted, unresolve_unknown};
use super::plan::{Plan, Rows};
use super::stamps::{Stamps, take_stamps};
use super::switch::settle_switches;
use super::views::forget_views;
use crate::engine::Reply;
use crate::error::{Error, ErrorKind, Result};
use crate::load::{raw_column, raw_key, to_one_target};
use crate::mapper::{Link, LinkKind, Links, Mapper, Object};
use crate::sql::{Param, raw_elements};
use crate::state::{Arena, At, ObjectState, Undo};
use crate::types::{ColumnValue, KeyBytes};
use std::collections::HashMap;
use tokio_postgres::Row;

/// Gives reserved keys to their objects, and to the foreign keys that refer to them.
///
/// # Errors
/// [`Decode`](ErrorKind::Decode) when the server gave fewer keys than it was asked for.
pub(crate) fn take_keys(arena: &mut Arena, plan: &Plan, replies: &[Reply]) -> Result<()> {
    for (rows, reply) in plan.reserved.iter().zip(replies) {
        let mapper = arena.stores[rows.store].mapper;
        let Some(key) = &mapper.generated_key else { continue };
        let place = || format!("the keys reserved for `{}`", mapper.def.name);
        let row = reply.rows.first().ok_or_else(|| Error::decode(place(), "no row".into()))?;
        let raw = raw_column(row, 0)?.unwrap_or_default();
        let keys = raw_elements(raw).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let keys = keys.map_err(|why| Error::decode(place(), why.into()))?;
        if keys.len() != rows.slots.len() {
            return Err(Error::decode(place(), format!("{} keys", keys.len()).into()));
        }
        let ty = mapper.def.columns[key.column].sql_type.element();
        for (slot, raw) in rows.slots.iter().zip(keys) {
            remember_insert(arena, At { store: rows.store, slot: *slot });
            let slot = arena.stores[rows.store].slot_mut(*slot);
            slot.get_mut().set_generated(key.column, &ty, raw)?;
        }
    }
    resolve(arena);
    Ok(())
}

/// Takes reserved keys back, for a plan that has to be made again without them.
pub(crate) fn return_keys(arena: &mut Arena, plan: &Plan) {
    for rows in &plan.reserved {
        let Some(key) = &arena.stores[rows.store].mapper.generated_key else { continue };
        for slot in &rows.slots {
            arena.stores[rows.store].slot_mut(*slot).get_mut().unset_generated(key.column);
        }
    }
    let touched = sorted(arena);
    unresolve_unknown(arena, &touched);
}

/// Copies the keys that are known by now into the foreign keys that refer to them.
pub(crate) fn resolve(arena: &mut Arena) {
    let touched = sorted(arena);
    resolve_known(arena, &touched);
}

/// Remembers which columns of a new object the database fills.
pub(super) fn remember_insert(arena: &mut Arena, at: At) {
    let columns = arena.stores[at.store].mapper.def.columns;
    arena.stores[at.store].remember(at.slot, |slot| {
        let object = slot.get();
        let unset = |i: &usize| matches!(object.column(*i), ColumnValue::Unset | ColumnValue::NotLoaded);
        Undo::Inserted((0..columns.len()).filter(|i| columns[*i].auto).filter(unset).collect())
    });
}

/// Takes over what the database answered to one flight.
///
/// # Errors
/// [`StaleData`](ErrorKind::StaleData) when an update missed rows, [`Decode`](ErrorKind::Decode) for an answer
/// that does not fit.
pub(crate) fn take_answers(arena: &mut Arena, outgoing: &[Outgoing], replies: &[Reply]) -> Result<()> {
    for (sent, reply) in outgoing.iter().zip(replies) {
        match &sent.expect {
            Expect::Nothing => {}
            Expect::Changed { rows, columns, by, counted } => {
                if *counted && reply.affected == 0 {
                    return Err(stale(arena, rows));
                }
                // A new object that takes a row over is changed by an update.
                for slot in &rows.slots {
                    let at = At { store: rows.store, slot: *slot };
                    if arena.slot(at).state == ObjectState::Pending {
                        remember_insert(arena, at);
                    }
                }
                returned(arena, rows, columns, *by, &reply.rows)?;
            }
            Expect::Returned { rows, columns, by } => {
                for slot in &rows.slots {
                    remember_insert(arena, At { store: rows.store, slot: *slot });
                }
                returned(arena, rows, columns, *by, &reply.rows)?;
            }
        }
    }
    Ok(())
}

/// The error of the one row that a statement missed.
fn stale(arena: &Arena, rows: &Rows) -> Error {
    let store = &arena.stores[rows.store];
    let key = |slot: &u32| shown_key(store.mapper, store.slot(*slot).stored());
    let keys: Vec<String> = rows.slots.iter().map(key).collect();
    stale_rows(store.mapper, &keys.join(" "))
}

/// The key of an object, for people.
pub(crate) fn shown_key(mapper: &Mapper, object: &dyn Object) -> String {
    let parts = mapper.primary_key.iter().map(|column| match object.column(*column) {
        ColumnValue::Value(value) => Param::of(value).to_string(),
        _ => "?".to_owned(),
    });
    parts.collect::<Vec<_>>().join(",")
}

/// The error of rows that are gone, or have another version than the one that was read.
pub(crate) fn stale_rows(mapper: &Mapper, keys: &str) -> Error {
    let name = mapper.def.name;
    let how = match mapper.version {
        Some(_) => "were changed or deleted by somebody else since they were read",
        None => "are not there any more",
    };
    let why =
        format!("rows of `{name}` that were to be written {how}, with the keys {keys}; read them again");
    Error::new(ErrorKind::StaleData, why).with_model(name)
}

fn returned(arena: &mut Arena, rows: &Rows, columns: &[usize], by: MatchedBy, answer: &[Row]) -> Result<()> {
    let mapper = arena.stores[rows.store].mapper;
    let first = match by {
        MatchedBy::Only => 0,
        MatchedBy::Ordinal => 1,
        MatchedBy::Key => mapper.primary_key.len(),
    };
    let by_key: HashMap<KeyBytes, u32> = match by {
        MatchedBy::Key => keyed(arena, rows)?,
        _ => HashMap::new(),
    };
    for row in answer {
        let slot = match by {
            MatchedBy::Only => rows.slots.first().copied(),
            MatchedBy::Ordinal => {
                let ordinal: i64 = row.try_get(0).map_err(|e| Error::decode("the ordinal", e.into()))?;
                usize::try_from(ordinal - 1).ok().and_then(|i| rows.slots.get(i)).copied()
            }
            MatchedBy::Key => raw_key(row, 0..first)?.and_then(|key| by_key.get(&key).copied()),
        };
        let Some(slot) = slot else { continue };
        let at = At { store: rows.store, slot };
        for (i, column) in columns.iter().enumerate() {
            let ty = mapper.def.columns[*column].sql_type.element();
            let raw = raw_column(row, first + i)?;
            arena.slot_mut(at).get_mut().set_generated(*column, &ty, raw)?;
        }
    }
    Ok(())
}

fn keyed(arena: &Arena, rows: &Rows) -> Result<HashMap<KeyBytes, u32>> {
    let store = &arena.stores[rows.store];
    let mut keyed = HashMap::with_capacity(rows.slots.len());
    for slot in &rows.slots {
        if let Some(key) = store.key_bytes(store.slot(*slot).get())? {
            keyed.insert(key, *slot);
        }
    }
    Ok(keyed)
}

/// Ends a flush: the objects are as the database has them now, and so are the other sides of their relations.
///
/// # Errors
/// [`Encode`](ErrorKind::Encode) for an object whose key has no binary form.
pub(crate) fn settle(arena: &mut Arena, stamps: &Stamps) -> Result<()> {
    let touched = sorted(arena);
    settle_switches(arena)?;
    for at in &touched {
        if arena.slot(*at).state == ObjectState::Pending {
            remember_insert(arena, *at);
        }
    }
    take_stamps(arena, stamps)?;
    let rows = associated(arena, &touched);
    for at in &touched {
        show_foreign_keys(arena, *at);
        show_links(arena, *at);
    }
    forget_views(arena, &touched);
    forget_new_rows(arena, &touched);
    for at in &touched {
        match arena.slot(*at).state {
            ObjectState::Pending => inserted(arena, *at)?,
            ObjectState::Persistent => updated(arena, *at)?,
            ObjectState::Deleting => deleted(arena, *at)?,
            _ => {}
        }
    }
    show_associates(arena, rows);
    arena.settle();
    Ok(())
}

fn inserted(arena: &mut Arena, at: At) -> Result<()> {
    settle_links(arena, at);
    arena.stores[at.store].enter(at.slot, ObjectState::Persistent);
    arena.stores[at.store].identify(at.slot).map(drop)
}

fn updated(arena: &mut Arena, at: At) -> Result<()> {
    let key = arena.stores[at.store].mapper.primary_key.clone();
    let moved = changed_columns(arena, at).iter().any(|column| key.contains(column));
    settle_links(arena, at);
    let store = &mut arena.stores[at.store];
    let Some(original) = store.slot_mut(at.slot).original.take() else { return Ok(()) };
    if moved {
        store.forget_as(at.slot, original.as_ref())?;
        store.identify(at.slot)?;
    }
    store.remember(at.slot, |_| Undo::Was(original));
    Ok(())
}

fn deleted(arena: &mut Arena, at: At) -> Result<()> {
    let store = &mut arena.stores[at.store];
    store.forget(at.slot)?;
    let original = store.slot_mut(at.slot).original.take();
    store.remember(at.slot, |_| original.map_or(Undo::Unchanged, Undo::Was));
    store.enter(at.slot, ObjectState::Deleted);
    Ok(())
}

fn settle_links(arena: &mut Arena, at: At) {
    let mapper = arena.stores[at.store].mapper;
    let session = arena.session();
    let object = arena.slot_mut(at).get_mut();
    for (relation, link) in mapper.def.relations.iter().zip(&mapper.relations) {
        if !matches!(link.kind, LinkKind::ToOne { .. }) {
            let links = relation.access.links_mut(object.as_any_mut());
            links.session = session;
            links.settle();
        }
    }
}

/// The collection at the other end of a foreign key gains the object, or loses it.
fn show_foreign_keys(arena: &mut Arena, at: At) {
    let mapper = arena.stores[at.store].mapper;
    for (relation, link) in mapper.relations.iter().enumerate() {
        let (LinkKind::ToOne { .. }, Some(inverse)) = (&link.kind, link.inverse) else { continue };
        let before = match arena.slot(at).original {
            Some(_) => original_target(arena, at, relation),
            None => None,
        };
        let after = match arena.slot(at).state {
            ObjectState::Pending | ObjectState::Persistent => to_one_target(arena, at, relation),
            ObjectState::Deleting => {
                if let Some(owner) = before.or_else(|| to_one_target(arena, at, relation)) {
                    show(arena, owner, inverse, |links| links.hide(at.slot));
                }
                continue;
            }
            _ => continue,
        };
        if let Some(owner) = before
            && before != after
        {
            show(arena, owner, inverse, |links| links.hide(at.slot));
        }
        if let Some(owner) = after {
            show(arena, owner, inverse, |links| links.show(at.slot));
        }
    }
}

/// Where a foreign key pointed before it was changed.
fn original_target(arena: &mut Arena, at: At, relation: usize) -> Option<At> {
    // Read the snapshot in the object's place.
    swap_original(arena, at);
    let target = to_one_target(arena, at, relation);
    swap_original(arena, at);
    target
}

fn swap_original(arena: &mut Arena, at: At) {
    let slot = arena.slot_mut(at);
    std::mem::swap(&mut slot.object, &mut slot.original);
}

/// The other side of a many-to-many relation gains the object, or loses it.
fn show_links(arena: &mut Arena, at: At) {
    let mapper = arena.stores[at.store].mapper;
    for (relation, link) in mapper.relations.iter().enumerate() {
        let Link { kind: LinkKind::ManyToMany(_), inverse: Some(inverse), target, .. } = link else {
            continue;
        };
        let Some(store) = arena.known_neighbour(at.store, *target) else { continue };
        let slot = arena.slot(at);
        let links = mapper.def.relations[relation].access.links(slot.get().as_any());
        let gone = slot.state == ObjectState::Deleting;
        let removed =
            if gone { links.loaded.clone().unwrap_or_default() } else { links.changes.removed.clone() };
        let added = if gone { crate::mapper::SlotSet::default() } else { links.changes.added.clone() };
        for member in removed.as_slice() {
            show(arena, At { store, slot: *member }, *inverse, |links| links.hide(at.slot));
        }
        for member in added.as_slice() {
            show(arena, At { store, slot: *member }, *inverse, |links| links.show(at.slot));
        }
    }
}

pub(super) fn show(arena: &mut Arena, owner: At, relation: usize, change: impl FnOnce(&mut Links)) {
    let session = arena.session();
    let access = arena.stores[owner.store].mapper.def.relations[relation].access;
    arena.stores[owner.store].show(owner.slot, access, |links| {
        links.session = session;
        change(links);
    });
}
