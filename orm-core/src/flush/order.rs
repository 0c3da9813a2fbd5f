//! From changed objects to a plan: comparing, grouping and sorting.

use super::associations::{LinkChange, link_changes};
use super::keys::Keys;
use super::levels::{Edge, Levels, levels_before_commit};
use super::plan::{KeySource, Plan, Rows, Step};
use super::removal::Removal;
use super::shared::settle_shared;
use super::switch::switches;
use super::updates::Updates;
use crate::error::{Error, ErrorKind, Result};
use crate::load::own_columns;
use crate::mapper::{LinkKind, Mapper, Reference};
use crate::schema::TableName;
use crate::state::{Arena, At, ObjectState};
use crate::types::ColumnValue;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The plan of everything that the arena's touched objects need; `closed` are tables whose sequences may not be used.
///
/// # Errors
/// [`Unset`](ErrorKind::Unset) for a required value that is missing, [`Mapping`](ErrorKind::Mapping) for rows that
/// refer to each other in a circle which nothing can cut.
pub(crate) fn build(arena: &mut Arena, closed: &HashSet<TableName<'static>>) -> Result<Plan> {
    let touched = sorted(arena);
    resolve_known(arena, &touched);
    settle_shared(arena, &touched)?;
    let switches = switches(arena);
    let replaced: HashSet<At> = switches.values().copied().collect();
    let mut inserted: Vec<At> = in_state(arena, &touched, ObjectState::Pending);
    let mut updated: Vec<At> = in_state(arena, &touched, ObjectState::Persistent);
    let (replaced, deleted): (Vec<At>, Vec<At>) =
        in_state(arena, &touched, ObjectState::Deleting).into_iter().partition(|at| replaced.contains(at));
    updated.extend(inserted.extract_if(.., |at| switches.contains_key(at)));
    updated.sort_by_key(|at| (rank(arena, at.store), at.slot));

    let links = link_changes(arena, inserted.iter().chain(&updated))?;
    let keys = Keys::new(arena, inserted.iter().chain(&updated), &links, closed);
    let mut plan = Plan { switches, ..Plan::default() };
    for store in ordered(arena, &keys.reserved) {
        let slots: Vec<u32> = inserted
            .iter()
            .filter(|at| at.store == store && lacks_key(arena, **at))
            .map(|at| at.slot)
            .collect();
        if !slots.is_empty() {
            plan.reserved.push(Rows { store, slots });
        }
    }
    let updates = Updates::new(arena, &updated, &inserted, &mut plan)?;
    let removal = Removal::new(arena, &deleted, &replaced, &updates.leaving, &updates.changes);
    plan.kept_until_end = removal.late_tables(arena);
    plan.steps.extend(updates.clears);
    plan.steps.extend(removal.clears);
    let (unlinked, linked): (Vec<Step>, Vec<Step>) = links
        .into_iter()
        .flat_map(LinkChange::into_steps)
        .partition(|step| matches!(step, Step::Unlink { .. }));
    plan.steps.extend(unlinked);
    plan.steps.extend(removal.unlinks);
    plan.steps.extend(removal.early);
    plan.steps.extend(updates.leaving);
    plan.steps.extend(removal.left);
    plan.steps.extend(updates.early);
    inserts(arena, &inserted, &keys, &mut plan)?;
    plan.steps.extend(updates.changes);
    late_updates(arena, &mut plan);
    plan.steps.extend(linked);
    plan.steps.extend(removal.late);
    Ok(plan)
}

/// The touched objects in the order of their tables, and of their slots.
pub(crate) fn sorted(arena: &Arena) -> Vec<At> {
    let mut touched = arena.touched();
    touched.sort_by_key(|at| (rank(arena, at.store), at.slot));
    touched
}

/// The place of a store in the order of dependency; stores of different bases never depend on each other.
fn rank(arena: &Arena, store: usize) -> (usize, usize) {
    let store = &arena.stores[store];
    (std::ptr::from_ref(store.registry).addr(), store.mapper.index)
}

pub(super) fn ordered(arena: &Arena, stores: &HashSet<usize>) -> Vec<usize> {
    by_dependency(arena, stores.iter().copied().collect())
}

/// Stores in the order of their tables.
pub(crate) fn by_dependency(arena: &Arena, mut stores: Vec<usize>) -> Vec<usize> {
    stores.sort_by_key(|store| rank(arena, *store));
    stores
}

fn in_state(arena: &Arena, touched: &[At], state: ObjectState) -> Vec<At> {
    touched.iter().copied().filter(|at| arena.slot(*at).state == state).collect()
}

/// The foreign keys of an object that point to slots: relation and target.
pub(super) fn references(arena: &Arena, at: At) -> impl Iterator<Item = (usize, At)> + '_ {
    let mapper = arena.stores[at.store].mapper;
    mapper.relations.iter().enumerate().filter_map(move |(relation, link)| {
        let LinkKind::ToOne { .. } = link.kind else { return None };
        let access = mapper.def.relations[relation].access;
        let Reference::Slot { index, .. } = access.reference(arena.object(at).as_any()) else { return None };
        let target = At { store: arena.known_neighbour(at.store, link.target)?, slot: index };
        // One that left the session has nothing to say.
        arena.slot(target).object.is_some().then_some((relation, target))
    })
}

/// Copies the keys of targets that have one into the foreign keys.
pub(super) fn resolve_known(arena: &mut Arena, touched: &[At]) {
    for at in touched {
        if !arena.slot(*at).is_written() {
            continue;
        }
        let found: Vec<(usize, At)> = references(arena, *at).collect();
        for (relation, target) in found {
            if !lacks_key(arena, target) {
                resolve(arena, *at, relation, target);
            }
        }
    }
}

/// Forgets the keys of targets that have none any more.
pub(super) fn unresolve_unknown(arena: &mut Arena, touched: &[At]) {
    for at in touched {
        if !arena.slot(*at).is_written() {
            continue;
        }
        let found: Vec<(usize, At)> = references(arena, *at).collect();
        for (relation, target) in found {
            if lacks_key(arena, target) {
                let access = arena.stores[at.store].mapper.def.relations[relation].access;
                access.unresolve(arena.slot_mut(*at).get_mut().as_any_mut());
            }
        }
    }
}

/// Copies the key of the target into a foreign key.
pub(super) fn resolve(arena: &mut Arena, at: At, relation: usize, target: At) {
    let access = arena.stores[at.store].mapper.def.relations[relation].access;
    if at == target {
        let copy = arena.object(at).snapshot();
        access.resolve(arena.slot_mut(at).get_mut().as_any_mut(), copy.as_any());
    } else if let Some((object, target)) = arena.pair(at, target) {
        access.resolve(object.as_any_mut(), target.as_any());
    }
}

/// Whether the database has still to make the key of an object.
pub(super) fn lacks_key(arena: &Arena, at: At) -> bool {
    let mapper = arena.stores[at.store].mapper;
    let Some(key) = &mapper.generated_key else { return false };
    matches!(arena.object(at).column(key.column), ColumnValue::Unset)
}

/// Rows are grouped by level, table and given columns.
type InsertKey = (usize, usize, Vec<usize>, KeySource);

fn inserts(arena: &Arena, inserted: &[At], sources: &Keys, plan: &mut Plan) -> Result<()> {
    let sorted = row_levels(arena, inserted, sources)?;
    let mut groups: Vec<(InsertKey, Vec<At>)> = Vec::new();
    let mut index: HashMap<InsertKey, usize> = HashMap::new();
    for at in inserted {
        let (columns, keys) = given_columns(arena, *at, sources)?;
        let level = sorted.level.get(at).copied().unwrap_or(0);
        let key = (level, at.store, columns, keys);
        let group = *index.entry(key.clone()).or_insert_with(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        groups[group].1.push(*at);
    }
    let mut groups = merge_self_references(arena, groups, &sorted);
    groups.sort_by_key(|((level, store, ..), _)| (circle(arena, *store), *level, rank(arena, *store)));
    for ((_, store, columns, keys), rows) in groups {
        let slots = rows.into_iter().map(|at| at.slot).collect();
        plan.steps.push(Step::Insert { rows: Rows { store, slots }, columns, keys });
    }
    plan.late = sorted.late.iter().map(|edge| (edge.from, edge.relation)).collect();
    Ok(())
}

/// Tables in a circle share their place in the order; inside it the levels of rows decide.
fn circle(arena: &Arena, store: usize) -> (usize, usize) {
    let store = &arena.stores[store];
    (std::ptr::from_ref(store.registry).addr(), store.mapper.circle)
}

/// Rows that only refer to rows of their own table can be inserted by one statement, parents first, whatever columns
/// they give: PostgreSQL checks foreign keys at its end.
fn merge_self_references(
    arena: &Arena,
    groups: Vec<(InsertKey, Vec<At>)>,
    sorted: &Levels,
) -> Vec<(InsertKey, Vec<At>)> {
    let mut sources: HashMap<usize, HashSet<KeySource>> = HashMap::new();
    for ((_, store, _, keys), _) in &groups {
        sources.entry(*store).or_default().insert(*keys);
    }
    let alone = |store: usize| {
        let mapper = arena.stores[store].mapper;
        let same_circle = |other: &Mapper| other.circle == mapper.circle;
        mapper.self_referential
            && arena.stores[store].registry.mappers().iter().filter(|m| same_circle(m)).count() == 1
    };
    let mut merged: Vec<(InsertKey, Vec<At>)> = Vec::new();
    let mut of_store: HashMap<usize, usize> = HashMap::new();
    for (key, rows) in groups {
        let store = key.1;
        let given = sources[&store] == HashSet::from([KeySource::Given]);
        let can = given && alone(store);
        match of_store.get(&store).filter(|_| can) {
            Some(known) => {
                let ((_, _, columns, _), all) = &mut merged[*known];
                columns.extend(key.2);
                columns.sort_unstable();
                columns.dedup();
                all.extend(rows);
            }
            None => {
                if can {
                    of_store.insert(store, merged.len());
                }
                merged.push((key, rows));
            }
        }
    }
    for (_, rows) in &mut merged {
        rows.sort_by_key(|at| (sorted.level.get(at).copied().unwrap_or(0), at.slot));
    }
    merged
}

/// The levels of new rows inside circles of tables.
fn row_levels(arena: &Arena, inserted: &[At], sources: &Keys) -> Result<Levels> {
    let new: HashSet<At> = inserted.iter().copied().collect();
    let (mut edges, mut own) = (Vec::new(), Vec::new());
    for at in inserted {
        for (relation, target) in references(arena, *at) {
            let same = circle(arena, at.store) == circle(arena, target.store);
            let kind = &arena.stores[at.store].mapper.relations[relation].kind;
            let nullable = matches!(kind, LinkKind::ToOne { nullable: true, .. });
            let edge = Edge { from: *at, to: target, relation, nullable };
            if target == *at {
                // A row can hold its own key, unless that is only known once the row is there.
                let unknown = matches!(sources.source(at.store), KeySource::Returned { .. });
                own.extend((unknown && lacks_key(arena, *at)).then_some(edge));
            } else if same && new.contains(&target) {
                edges.push(edge);
            }
        }
    }
    let has_key = |edge: &Edge| !matches!(sources.source(edge.to.store), KeySource::Returned { .. });
    let mut found = levels_before_commit(arena, inserted, edges, has_key);
    let (cut, stuck): (Vec<Edge>, Vec<Edge>) = own.into_iter().partition(|edge| edge.nullable);
    found.late.extend(cut);
    found.stuck.extend(stuck.into_iter().map(|edge| edge.from));
    let Some(at) = found.stuck.first() else { return Ok(found) };
    let name = arena.stores[at.store].mapper.def.name;
    let why = format!(
        "new objects refer to each other in a circle that no optional foreign key cuts, a `{name}` among them"
    );
    Err(Error::new(ErrorKind::Mapping, why).with_model(name))
}

/// The columns that an INSERT of this object gives, and where its key comes from.
fn given_columns(arena: &Arena, at: At, sources: &Keys) -> Result<(Vec<usize>, KeySource)> {
    let mapper = arena.stores[at.store].mapper;
    let object = arena.object(at);
    let generated = mapper.generated_key.as_ref().map(|key| key.column);
    let (mut given, mut keys) = (Vec::with_capacity(mapper.def.columns.len()), KeySource::Given);
    for (column, def) in mapper.def.columns.iter().enumerate() {
        match def.inserted(object.column(column)) {
            ColumnValue::Unset if generated == Some(column) => {
                keys = sources.source(at.store);
                if keys == KeySource::Given {
                    given.push(column);
                }
            }
            _ if !def.is_given() => {}
            ColumnValue::Unset if def.auto && def.version.is_none() => {}
            _ if def.version.is_some() => given.push(column),
            ColumnValue::Unset => return Err(unset(mapper, column, "new")),
            _ => given.push(column),
        }
    }
    Ok((given, keys))
}

pub(super) fn unset(mapper: &Mapper, column: usize, which: &str) -> Error {
    let def = &mapper.def.columns[column];
    let why = format!(
        "`{}` of a {which} `{}` is not set: `{}` needs a value",
        def.field, mapper.def.name, def.name
    );
    Error::new(ErrorKind::Unset, why).with_model(mapper.def.name).with_columns(vec![def.name.to_owned()])
}

/// Whether the next flush updates the row of an object.
pub(crate) fn is_updated(arena: &Arena, at: At) -> bool {
    let slot = arena.slot(at);
    slot.original.is_some()
        && (arena.stores[at.store].expressions.has(at.slot, slot.get())
            || !changed_columns(arena, at).is_empty())
}

/// The columns in which an object differs from its snapshot.
pub(crate) fn changed_columns(arena: &Arena, at: At) -> Vec<usize> {
    let slot = arena.slot(at);
    let Some(original) = slot.original.as_deref() else { return Vec::new() };
    let object = slot.get();
    let count = arena.stores[at.store].mapper.def.columns.len();
    (0..count).filter(|column| !original.column(*column).same_as(&object.column(*column))).collect()
}

/// The updates that set the foreign keys which were `NULL` first.
fn late_updates(arena: &Arena, plan: &mut Plan) {
    let mut groups: BTreeMap<(usize, usize), Vec<u32>> = BTreeMap::new();
    for (at, relation) in &plan.late {
        groups.entry((at.store, *relation)).or_default().push(at.slot);
    }
    for ((store, relation), slots) in groups {
        let columns = own_columns(arena.stores[store].mapper, relation).to_vec();
        let rows = Rows { store, slots };
        plan.steps.push(Step::Update { rows, columns, computed: Vec::new(), checked: false });
    }
}
