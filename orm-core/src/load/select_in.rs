//! Statements that ask for members by the keys of their owners: `… WHERE key IN (SELECT unnest($1))`.

use super::fetch::Fetch;
use super::references::key_of;
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{Link, LinkKind, Mapper, Object, Pairing, Registry};
use crate::query::{Members, Step};
use crate::sql::{ArrayParam, MembersBy, Order, Owners, Param, SelectMembers, Statement};
use crate::state::Arena;
use std::collections::HashSet;
use std::sync::Arc;

/// The statement for the owners of a fetch; `None` when nothing is missing.
///
/// # Errors
/// [`Mapping`](ErrorKind::Mapping) for a condition that is invalid.
pub(super) fn statement(arena: &Arena, fetch: &Fetch, step: &Step) -> Result<Option<Statement>> {
    let store = &arena.stores[fetch.store];
    let pairing = Pairing::of(store.registry, store.mapper, fetch.relation);
    let columns = pairing.owner_columns();
    let slots = match store.mapper.relations[fetch.relation].kind {
        LinkKind::ToOne { .. } => pointing(arena, fetch, &columns),
        LinkKind::ToMany { .. } | LinkKind::ManyToMany(_) | LinkKind::View(_) => fetch.owners.clone(),
    };
    if slots.is_empty() {
        return Ok(None);
    }
    // A reference leads where the object says by now; what refers to the object knows the key that is in the database.
    let object = |slot: &u32| match store.mapper.relations[fetch.relation].kind {
        LinkKind::ToOne { .. } => store.slot(*slot).get(),
        LinkKind::ToMany { .. } | LinkKind::ManyToMany(_) | LinkKind::View(_) => store.slot(*slot).stored(),
    };
    let objects: Vec<&dyn Object> = slots.iter().map(object).collect();
    let keys = arrays(store.mapper, &columns, &objects);
    let link = &store.mapper.relations[fetch.relation];
    let is_constant =
        step.layout.is_none() && step.members.fingerprint().is_none() && link.filter().is_none();
    if let (true, Some(text)) = (is_constant, link.text.get()) {
        return Ok(Some(Statement { text: Arc::clone(text), params: keys }));
    }
    let statement = render(&select_members(store.registry, store.mapper, step, Owners::Keys(keys)))?;
    if is_constant {
        link.text.get_or_init(|| Arc::clone(&statement.text));
    }
    Ok(Some(statement))
}

/// One owner for each key that the owners point to.
fn pointing(arena: &Arena, fetch: &Fetch, columns: &[usize]) -> Vec<u32> {
    let store = &arena.stores[fetch.store];
    let mut seen = HashSet::new();
    let is_new = |slot: &u32| key_of(store.slot(*slot).get(), columns).is_some_and(|key| seen.insert(key));
    fetch.owners.iter().copied().filter(is_new).collect()
}

/// The members of a relation of any owners.
pub(super) fn select_members(
    registry: &'static Registry,
    mapper: &'static Mapper,
    step: &Step,
    owners: Owners,
) -> SelectMembers {
    let (relation, members) = (step.relation, &step.members);
    let link = &mapper.relations[relation];
    let far = &registry.mappers()[link.target];
    let by = match Pairing::of(registry, mapper, relation) {
        Pairing::Direct(pairs) => {
            MembersBy::Columns(pairs.into_iter().map(|(member, _)| member.name).collect())
        }
        Pairing::Through { association, owner, member } => MembersBy::Through {
            table: association.table,
            owner: owner.into_iter().map(|(column, _)| column).collect(),
            target: member.iter().map(|(_, column)| *column).collect(),
            key: member.iter().map(|(member, _)| member.name).collect(),
            filter: members.conditions_of_links(),
        },
    };
    let (limit, offset) = limits(link, members);
    SelectMembers {
        table: far.def.table,
        list: names(far, &step.layout(far).columns().collect::<Vec<_>>()),
        owners,
        by,
        filter: members.conditions(link),
        order: order_of(link, far, members),
        limit,
        offset,
    }
}

/// The most members of one owner, and how many are left out: a reference has one.
pub(super) fn limits(link: &Link, members: &Members) -> (Option<i64>, Option<i64>) {
    match link.kind {
        LinkKind::ToOne { .. } => (None, None),
        _ => (members.limit, members.offset),
    }
}

/// The order of the members: what the path says, else the relation, else that of the key, so that it is always the same.
pub(super) fn order_of(relation: &Link, far: &'static Mapper, members: &Members) -> Vec<Order> {
    match (&members.order[..], relation.order_by) {
        ([], []) => names(far, &far.primary_key).into_iter().map(|column| Order::of(column, false)).collect(),
        ([], order) => order.iter().map(|(column, descending)| Order::of(column, *descending)).collect(),
        (order, _) => order.to_vec(),
    }
}

pub(super) fn render(members: &SelectMembers) -> Result<Statement> {
    members.render().map_err(|why| Error::new(ErrorKind::Mapping, why))
}

pub(super) fn names(mapper: &'static Mapper, columns: &[usize]) -> Vec<&'static str> {
    columns.iter().map(|column| mapper.def.columns[*column].name).collect()
}

/// An array a column, of the values that the objects have there.
pub(super) fn arrays(mapper: &'static Mapper, columns: &[usize], objects: &[&dyn Object]) -> Vec<Param> {
    let array = |column: &usize| {
        let mut array = ArrayParam::with_capacity(mapper.def.columns[*column].sql_type, objects.len());
        objects.iter().for_each(|object| array.push(object.column(*column)));
        array.finish()
    };
    columns.iter().map(array).collect()
}
