//! Loading a relation of many objects at once: `… WHERE key IN (SELECT unnest($1))`.

use super::{Known, load_rows, raw_key};
use crate::engine::Reply;
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{Association, LinkKind, Mapper, ModelDef, Object, Reference, RelationDef, SlotSet};
use crate::sql::{ArrayParam, Expr, Order, Param, Select, Statement, quote};
use crate::state::{Arena, At, ObjectState};
use crate::types::{ColumnValue, KeyBytes, SqlType};
use std::collections::HashMap;

/// What is being loaded: a relation of some objects of one store.
#[derive(Debug)]
pub(crate) struct Fetch {
    store: usize,
    relation: usize,
    target: usize,
    owners: Vec<u32>,
    /// Sent in one flight, in this order.
    pub(crate) statements: Vec<Statement>,
}

/// The statements that load a relation of the owners; none when nothing is missing.
///
/// # Errors
/// [`Mapping`](ErrorKind::Mapping) when the models contradict each other.
pub(crate) fn fetch(arena: &mut Arena, store: usize, relation: usize, owners: &[u32]) -> Result<Fetch> {
    let mapper = arena.stores[store].mapper;
    let link = &mapper.relations[relation];
    let target = arena.neighbour(store, link.target)?;
    let owners: Vec<u32> =
        owners.iter().copied().filter(|slot| arena.stores[store].slot(*slot).in_database()).collect();
    let mut fetch = Fetch { store, relation, target, owners, statements: Vec::new() };
    if fetch.owners.is_empty() {
        return Ok(fetch);
    }
    let far = arena.stores[target].mapper;
    let def = &mapper.def.relations[relation];
    let selects = match &link.kind {
        LinkKind::ToOne { columns, .. } => to_one(arena, &fetch, columns, far),
        LinkKind::ToMany { foreign_key } => {
            let columns = foreign_key_columns(far, *foreign_key);
            let filter =
                in_rows(names(far.def, columns.iter().copied()), keys(arena, &fetch, &mapper.primary_key));
            vec![targets(far, def, filter)]
        }
        LinkKind::ManyToMany(association) => {
            many_to_many(far, def, association, keys(arena, &fetch, &mapper.primary_key))
        }
    };
    for select in selects {
        let statement = select.render().map_err(|why| Error::new(ErrorKind::Mapping, why))?;
        fetch.statements.push(statement);
    }
    Ok(fetch)
}

/// The statement that reads the rows of some objects by their primary keys.
///
/// # Errors
/// [`Mapping`](ErrorKind::Mapping) when the models contradict each other.
pub(crate) fn by_keys(mapper: &'static Mapper, objects: &[&dyn Object]) -> Result<Statement> {
    let arrays = mapper.primary_key.iter().map(|column| {
        let mut array = ArrayParam::with_capacity(mapper.def.columns[*column].sql_type, objects.len());
        objects.iter().for_each(|object| array.push(object.column(*column)));
        array.finish()
    });
    let mut select = Select::new(mapper.def.table, mapper.select_list.clone());
    select.filter.push(in_rows(names(mapper.def, mapper.primary_key.iter().copied()), arrays.collect()));
    select.render().map_err(|why| Error::new(ErrorKind::Mapping, why))
}

/// Takes the rows into the arena and shows them in the relations of the owners; gives the objects at the
/// other end.
///
/// # Errors
/// [`Decode`](ErrorKind::Decode) for a row that does not fit.
pub(crate) fn attach(arena: &mut Arena, fetch: &Fetch, replies: &[Reply]) -> Result<Vec<At>> {
    let mapper = arena.stores[fetch.store].mapper;
    let loaded = match (&mapper.relations[fetch.relation].kind, replies) {
        (LinkKind::ToOne { .. }, []) => {
            return Ok(to_one_targets(arena, fetch));
        }
        (LinkKind::ToOne { .. }, replies) => {
            for reply in replies {
                load_rows(arena, fetch.target, &reply.rows, Known::Keep)?;
            }
            return Ok(to_one_targets(arena, fetch));
        }
        (LinkKind::ToMany { foreign_key }, [children]) => {
            let slots = load_rows(arena, fetch.target, &children.rows, Known::Keep)?;
            let far = arena.stores[fetch.target].mapper;
            let columns = far.layout.positions(foreign_key_columns(far, *foreign_key));
            let keyed = children.rows.iter().map(|row| raw_key(row, columns.iter().copied()));
            group(arena, fetch, keyed.zip(slots.iter().copied().map(Some)))?
        }
        (LinkKind::ManyToMany(association), [links, targets]) => {
            let slots = load_rows(arena, fetch.target, &targets.rows, Known::Keep)?;
            let ranks: HashMap<u32, usize> =
                slots.iter().enumerate().map(|(rank, slot)| (*slot, rank)).collect();
            let (near, all) = (association.owner_columns.len(), association.target_columns.len());
            let far = &arena.stores[fetch.target];
            let keyed = links.rows.iter().map(|row| {
                let target = raw_key(row, near..near + all);
                (raw_key(row, 0..near), target.ok().flatten().and_then(|key| far.find(&key)))
            });
            let mut grouped = group(arena, fetch, keyed)?;
            for members in grouped.values_mut() {
                members.sort_by_key(|slot| ranks.get(slot).copied().unwrap_or(usize::MAX));
            }
            grouped
        }
        (_, replies) => {
            debug_assert!(replies.is_empty(), "the statements of a fetch have one reply each");
            HashMap::new()
        }
    };
    Ok(show(arena, fetch, loaded))
}

/// The members of each owner.
fn group(
    arena: &Arena,
    fetch: &Fetch,
    keyed: impl Iterator<Item = (Result<Option<KeyBytes>>, Option<u32>)>,
) -> Result<HashMap<u32, Vec<u32>>> {
    let owners = &arena.stores[fetch.store];
    let mut grouped: HashMap<u32, Vec<u32>> = HashMap::with_capacity(fetch.owners.len());
    for (key, member) in keyed {
        if let (Some(owner), Some(member)) = (key?.and_then(|key| owners.find(&key)), member) {
            grouped.entry(owner).or_default().push(member);
        }
    }
    Ok(grouped)
}

/// Shows the members, with the unsaved changes of each collection on top.
fn show(arena: &mut Arena, fetch: &Fetch, mut grouped: HashMap<u32, Vec<u32>>) -> Vec<At> {
    let session = arena.session();
    let (store, target) = (fetch.store, fetch.target);
    let access = arena.stores[store].mapper.def.relations[fetch.relation].access;
    let mut all = SlotSet::default();
    for owner in &fetch.owners {
        let mut members: SlotSet = grouped
            .remove(owner)
            .unwrap_or_default()
            .into_iter()
            .filter(|slot| arena.stores[target].slot(*slot).state != ObjectState::Deleted)
            .collect();
        let slot = arena.stores[store].slot_mut(*owner);
        // The snapshot has to know the members too: they are what the database has.
        if let Some(original) = slot.original.as_deref_mut() {
            let links = access.links_mut(original.as_any_mut());
            (links.session, links.loaded) = (session, Some(members.clone()));
        }
        let links = access.links_mut(slot.get_mut().as_any_mut());
        for removed in links.removed.as_slice() {
            members.remove(*removed);
        }
        for added in links.added.as_slice() {
            members.insert(*added);
        }
        for member in members.as_slice() {
            all.insert(*member);
        }
        (links.session, links.loaded) = (session, Some(members));
        arena.was_loaded(At { store, slot: *owner }, fetch.relation);
    }
    all.as_slice().iter().map(|slot| At { store: target, slot: *slot }).collect()
}

fn to_one(arena: &Arena, fetch: &Fetch, columns: &[usize], far: &'static Mapper) -> Vec<Select> {
    let store = &arena.stores[fetch.store];
    let mut missing: Vec<u32> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for owner in &fetch.owners {
        let object = store.slot(*owner).get();
        let at = At { store: fetch.store, slot: *owner };
        if to_one_target(arena, at, fetch.relation).is_none()
            && let Some(key) = key_of(object, columns)
            && seen.insert(key)
        {
            missing.push(*owner);
        }
    }
    if missing.is_empty() {
        return Vec::new();
    }
    let arrays = arrays(arena, fetch.store, &missing, columns);
    let filter = in_rows(names(far.def, far.primary_key.iter().copied()), arrays);
    vec![targets(far, &store.mapper.def.relations[fetch.relation], filter)]
}

/// Where the foreign keys of the owners point, as far as the session has it.
fn to_one_targets(arena: &Arena, fetch: &Fetch) -> Vec<At> {
    let found = fetch.owners.iter().filter_map(|owner| {
        let at = At { store: fetch.store, slot: *owner };
        to_one_target(arena, at, fetch.relation)
    });
    let unique: SlotSet = found.map(|at| at.slot).collect();
    unique.as_slice().iter().map(|slot| At { store: fetch.target, slot: *slot }).collect()
}

/// The object that a foreign key points to, when the session has it.
pub(crate) fn to_one_target(arena: &Arena, owner: At, relation: usize) -> Option<At> {
    target_of(arena, arena.object(owner), owner, relation)
}

/// [`to_one_target`] of another state of the owner.
pub(crate) fn target_of(arena: &Arena, object: &dyn Object, owner: At, relation: usize) -> Option<At> {
    let mapper = arena.stores[owner.store].mapper;
    let link = &mapper.relations[relation];
    let store = arena.known_neighbour(owner.store, link.target)?;
    let LinkKind::ToOne { columns, .. } = link.kind else { return None };
    let by_key = || arena.stores[store].find(&key_of(object, columns)?);
    let slot = match mapper.def.relations[relation].access.reference(object.as_any()) {
        Reference::Slot { session, index } if session == arena.session() => {
            // An object that left the session may have been loaded again since.
            if arena.stores[store].slot(index).object.is_some() { Some(index) } else { by_key() }
        }
        Reference::Key => by_key(),
        _ => None,
    }?;
    Some(At { store, slot })
}

/// The values of some columns of an object, when all of them are set.
pub(crate) fn key_of(object: &dyn Object, columns: &[usize]) -> Option<KeyBytes> {
    let mut parts = Vec::with_capacity(columns.len());
    for column in columns {
        match object.column(*column) {
            ColumnValue::Value(value) => parts.push(value),
            _ => return None,
        }
    }
    KeyBytes::of(parts).ok()
}

fn many_to_many(
    far: &'static Mapper,
    def: &RelationDef,
    association: &'static Association,
    keys: Vec<Param>,
) -> Vec<Select> {
    let owner: Vec<&'static str> = association.owner_columns.iter().map(String::as_str).collect();
    let target: Vec<&'static str> = association.target_columns.iter().map(String::as_str).collect();
    let list = |columns: &[&str]| columns.iter().map(|c| quote(c)).collect::<Vec<_>>().join(", ");
    let rows = in_rows(owner.clone(), keys);
    let mut links = Select::new(&association.table, list(&[owner, target.clone()].concat()));
    links.filter.push(rows.clone());
    let mut keys_of_targets = Select::new(&association.table, list(&target));
    keys_of_targets.filter.push(rows);
    let filter = Expr::InSelect {
        columns: names(far.def, far.primary_key.iter().copied()),
        select: Box::new(keys_of_targets),
    };
    vec![links, targets(far, def, filter)]
}

/// Rows of the target in the order of the relation; without one in that of the key, so that it is always
/// the same.
fn targets(far: &'static Mapper, relation: &RelationDef, filter: Expr) -> Select {
    let mut select = Select::new(far.def.table, far.select_list.clone());
    select.filter.push(filter);
    select.order = match relation.order_by {
        [] => far
            .primary_key
            .iter()
            .map(|i| Order { column: far.def.columns[*i].name, descending: false })
            .collect(),
        order => order.iter().map(|(column, descending)| Order { column, descending: *descending }).collect(),
    };
    select
}

pub(crate) fn foreign_key_columns(mapper: &Mapper, relation: usize) -> &'static [usize] {
    match mapper.relations[relation].kind {
        LinkKind::ToOne { columns, .. } => columns,
        _ => unreachable!("the resolver found a foreign key"),
    }
}

fn names(def: &'static ModelDef, columns: impl Iterator<Item = usize>) -> Vec<&'static str> {
    columns.map(|i| def.columns[i].name).collect()
}

fn keys(arena: &Arena, fetch: &Fetch, columns: &[usize]) -> Vec<Param> {
    arrays(arena, fetch.store, &fetch.owners, columns)
}

/// An array a column, of the values that the objects have there.
fn arrays(arena: &Arena, store: usize, slots: &[u32], columns: &[usize]) -> Vec<Param> {
    let store = &arena.stores[store];
    let array = |column: &usize| {
        let ty: SqlType = store.mapper.def.columns[*column].sql_type;
        let mut array = ArrayParam::with_capacity(ty, slots.len());
        for slot in slots {
            array.push(store.slot(*slot).get().column(*column));
        }
        array.finish()
    };
    columns.iter().map(array).collect()
}

fn in_rows(columns: Vec<&'static str>, arrays: Vec<Param>) -> Expr {
    Expr::InRows { columns, arrays }
}
