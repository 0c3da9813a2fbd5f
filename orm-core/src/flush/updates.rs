//! The updates of changed rows, by the time at which they go.

use super::carry::Moved;
use super::order::{changed_columns, unset};
use super::plan::{Plan, Rows, Step, clear_steps};
use super::switch::switched_columns;
use super::unique::{Changed, Turns, is_independent};
use crate::error::Result;
use crate::load::to_one_target;
use crate::mapper::{LinkKind, Mapper};
use crate::state::{Arena, At, ObjectState};
use crate::types::ColumnValue;
use std::collections::{BTreeMap, HashMap, HashSet};

/// When an update goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Time {
    /// First: it only clears columns, which needs no new row and takes no unique value. A new row may take the place that
    /// it frees.
    Clear,
    /// Before the row goes that it moves away from.
    Leaving,
    /// Before new rows come: they refer to its new key, or take a unique value that it gives up.
    Early,
    /// After new rows have come.
    Late,
}

/// The updates of a flush.
#[derive(Debug, Default)]
pub(super) struct Updates {
    pub(super) clears: Vec<Step>,
    pub(super) leaving: Vec<Step>,
    pub(super) early: Vec<Step>,
    pub(super) changes: Vec<Step>,
}

/// Rows are grouped by time and turn, and by what is written; groups keep the order of their first rows.
type Groups = BTreeMap<(Time, usize), Vec<(UpdateKey, Vec<u32>)>>;

/// Rows are updated together that set the same columns to values, and the same ones to expressions of one shape.
#[derive(Clone, PartialEq, Eq, Hash)]
struct UpdateKey {
    store: usize,
    columns: Vec<usize>,
    computed: Vec<(usize, String)>,
    checked: bool,
}

impl UpdateKey {
    /// What is written where these columns change; `checked` says that the version is compared.
    fn new(arena: &Arena, (at, mut columns): Changed, checked: bool) -> Self {
        let computed = computed_columns(arena, at);
        columns.retain(|column| !computed.iter().any(|(other, _)| other == column));
        add_stamped(arena.stores[at.store].mapper, &mut columns, &computed);
        Self { store: at.store, columns, computed, checked }
    }

    fn into_step(self, slots: Vec<u32>) -> Step {
        Step::Update {
            rows: Rows { store: self.store, slots },
            columns: self.columns,
            computed: self.computed.into_iter().map(|(column, _)| column).collect(),
            checked: self.checked,
        }
    }
}

impl Updates {
    /// Plans the updates beside the insertions of the same flush.
    ///
    /// # Errors
    /// [`Unset`](crate::ErrorKind::Unset) for a required value that is missing,
    /// [`ValueTaken`](crate::ErrorKind::ValueTaken) for a key that another object has.
    pub(super) fn new(arena: &Arena, updated: &[At], inserted: &[At], plan: &mut Plan) -> Result<Self> {
        let keys = Moved::find(arena, updated);
        let mut changed: Vec<Changed> = Vec::with_capacity(updated.len());
        for at in updated {
            let columns = columns_of(arena, *at, &plan.switches, &keys)?;
            if !columns.is_empty() {
                changed.push((*at, columns));
            }
        }
        let key_of = |at: &At| &arena.stores[at.store].mapper.primary_key;
        let moves = |(at, columns): &&Changed| columns.iter().any(|c| key_of(at).contains(c));
        let moved: HashSet<At> = changed.iter().filter(moves).map(|(at, _)| *at).collect();
        let turns = Turns::new(arena, plan, &changed, inserted, &moved)?;
        let new: HashSet<At> = inserted.iter().copied().collect();
        let (mut groups, mut index) = (Groups::new(), HashMap::new());
        for change in changed {
            let turn =
                (time(arena, &change, &turns, &new, &keys), turns.depth.get(&change.0).copied().unwrap_or(0));
            // A row that is cleared first has had its version compared there, and it is locked since.
            let (slot, checked) = (change.0.slot, !turns.clears.contains_key(&change.0));
            let key = UpdateKey::new(arena, change, checked);
            let of_turn = groups.entry(turn).or_default();
            let group = *index.entry((turn, key.clone())).or_insert_with(|| {
                of_turn.push((key, Vec::new()));
                of_turn.len() - 1
            });
            of_turn[group].1.push(slot);
        }
        plan.exchanged = turns.exchanged;
        let mut updates = Self::default();
        for ((time, _), groups) in groups {
            let steps = groups.into_iter().map(|(key, slots)| key.into_step(slots));
            match time {
                Time::Clear => updates.clears.extend(steps),
                Time::Leaving => updates.leaving.extend(steps),
                Time::Early => updates.early.extend(steps),
                Time::Late => updates.changes.extend(steps),
            }
        }
        updates.clears.extend(clear_steps(&turns.clears));
        Ok(updates)
    }
}

/// The columns that change.
fn columns_of(arena: &Arena, at: At, switches: &HashMap<At, At>, keys: &Moved) -> Result<Vec<usize>> {
    let mut columns = match switches.get(&at) {
        Some(old) => switched_columns(arena, at, *old),
        None => changed_columns(arena, at),
    };
    if !columns.is_empty() {
        let followed = keys.columns(arena, at);
        columns.retain(|column| !followed.contains(column));
    }
    let object = arena.object(at);
    if let Some(column) = columns.iter().find(|column| matches!(object.column(**column), ColumnValue::Unset))
    {
        return Err(unset(arena.stores[at.store].mapper, *column, "changed"));
    }
    columns.extend(computed_columns(arena, at).into_iter().map(|(column, _)| column));
    columns.sort_unstable();
    columns.dedup();
    Ok(columns)
}

/// The columns that are set to expressions, with their shapes.
fn computed_columns(arena: &Arena, at: At) -> Vec<(usize, String)> {
    let all = arena.stores[at.store].expressions.of(at.slot, arena.object(at));
    all.map(|(column, computed)| (column, computed.shape.clone())).collect()
}

/// Adds the columns that the flush itself sets.
fn add_stamped(mapper: &Mapper, columns: &mut Vec<usize>, computed: &[(usize, String)]) {
    let on_update =
        mapper.on_update.iter().filter(|column| !computed.iter().any(|(other, _)| other == *column));
    columns.extend(on_update.copied().chain(mapper.written_version()));
    columns.sort_unstable();
    columns.dedup();
}

fn time(arena: &Arena, change: &Changed, turns: &Turns, new: &HashSet<At>, keys: &Moved) -> Time {
    let (at, columns) = change;
    let object = arena.object(*at);
    let key = &arena.stores[at.store].mapper.primary_key;
    // A row whose key follows another one is found by its new key, after that was changed.
    let follows = keys.columns(arena, *at).iter().any(|column| key.contains(column));
    match () {
        () if !follows
            && !arena.stores[at.store].expressions.has(at.slot, object)
            && columns.iter().all(|column| matches!(object.column(*column), ColumnValue::Null)) =>
        {
            Time::Clear
        }
        () if !is_independent(arena, change, new) => Time::Late,
        () if !follows && leaves_deleted(arena, change) => Time::Leaving,
        () if turns.early.contains(at) => Time::Early,
        () => Time::Late,
    }
}

/// Whether a foreign key moves away from a row that goes.
fn leaves_deleted(arena: &Arena, (at, columns): &Changed) -> bool {
    let mapper = arena.stores[at.store].mapper;
    let Some(original) = arena.slot(*at).original.as_deref() else { return false };
    mapper.relations.iter().enumerate().any(|(relation, link)| match link.kind {
        LinkKind::ToOne { columns: own, .. } if own.iter().any(|column| columns.contains(column)) => {
            let before = crate::load::target_of(arena, original, *at, relation);
            before.is_some_and(|target| arena.slot(target).state == ObjectState::Deleting)
                && to_one_target(arena, *at, relation) != before
        }
        _ => false,
    })
}
