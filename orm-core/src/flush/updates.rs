//! The updates of changed rows, by the time at which they go.

use super::carry::Moved;
use super::order::{changed_columns, unset};
use super::plan::{Plan, Rows, Step};
use super::switch::switched_columns;
use super::unique::{Changed, Turns, is_independent};
use crate::error::Result;
use crate::load::to_one_target;
use crate::mapper::LinkKind;
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

/// Rows are grouped by time, turn, table and changed columns; groups keep the order of their first rows.
type Groups = BTreeMap<(Time, usize), Vec<(usize, Vec<usize>, Vec<u32>)>>;

impl Updates {
    /// Plans the updates beside the insertions of the same flush.
    ///
    /// # Errors
    /// [`Unset`](crate::ErrorKind::Unset) for a required value that is missing,
    /// [`ValueTaken`](crate::ErrorKind::ValueTaken) for a key that another object has.
    pub(super) fn new(
        arena: &Arena,
        updated: &[At],
        inserted: &[At],
        switches: &HashMap<At, At>,
        plan: &mut Plan,
    ) -> Result<Self> {
        let keys = Moved::find(arena, updated);
        let mut changed: Vec<Changed> = Vec::with_capacity(updated.len());
        for at in updated {
            let columns = columns_of(arena, *at, switches, &keys)?;
            if !columns.is_empty() {
                changed.push((*at, columns));
            }
        }
        let key_of = |at: &At| &arena.stores[at.store].mapper.primary_key;
        let moves = |(at, columns): &&Changed| columns.iter().any(|c| key_of(at).contains(c));
        let moved: HashSet<At> = changed.iter().filter(moves).map(|(at, _)| *at).collect();
        let turns = Turns::new(arena, &changed, inserted, &moved)?;
        let new: HashSet<At> = inserted.iter().copied().collect();
        let (mut groups, mut index) = (Groups::new(), HashMap::new());
        for change in changed {
            let turn =
                (time(arena, &change, &turns, &new, &keys), turns.depth.get(&change.0).copied().unwrap_or(0));
            let (at, columns) = change;
            let of_turn = groups.entry(turn).or_default();
            let group = *index.entry((turn, at.store, columns.clone())).or_insert_with(|| {
                of_turn.push((at.store, columns, Vec::new()));
                of_turn.len() - 1
            });
            of_turn[group].2.push(at.slot);
        }
        plan.exchanged = turns.exchanged;
        let mut updates = Self::default();
        for ((time, _), groups) in groups {
            let steps = groups
                .into_iter()
                .map(|(store, columns, slots)| Step::Update { rows: Rows { store, slots }, columns });
            match time {
                Time::Clear => updates.clears.extend(steps),
                Time::Leaving => updates.leaving.extend(steps),
                Time::Early => updates.early.extend(steps),
                Time::Late => updates.changes.extend(steps),
            }
        }
        updates.clears.extend(turns.clears);
        Ok(updates)
    }
}

/// The columns that an update sends.
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
    match columns.iter().find(|column| matches!(object.column(**column), ColumnValue::Unset)) {
        Some(column) => Err(unset(arena.stores[at.store].mapper, *column, "changed")),
        None => Ok(columns),
    }
}

fn time(arena: &Arena, change: &Changed, turns: &Turns, new: &HashSet<At>, keys: &Moved) -> Time {
    let (at, columns) = change;
    let object = arena.object(*at);
    let key = &arena.stores[at.store].mapper.primary_key;
    // A row whose key follows another one is found by its new key, after that was changed.
    let follows = keys.columns(arena, *at).iter().any(|column| key.contains(column));
    match () {
        () if !follows
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
