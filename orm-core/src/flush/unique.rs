//! Unique values that go from row to row inside one flush.
//!
//! PostgreSQL checks a unique constraint row by row. So a row gives its value up before another one takes it: a deletion before
//! an insertion, and an update before the update or the insertion that takes what it frees.

use super::levels::{Edge, levels};
use super::order::references;
use super::plan::{Cleared, Plan};
use super::switch::in_database;
use crate::error::{Error, ErrorKind, Result};
use crate::load::key_of;
use crate::mapper::{ConstraintDef, Mapper};
use crate::state::{Arena, At, ObjectState};
use crate::types::KeyBytes;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A row that is updated, and the columns that change.
pub(super) type Changed = (At, Vec<usize>);

/// In which order updates go, as far as unique values say.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// Rows with a higher number take what rows with a lower one give up.
    pub(super) depth: HashMap<At, usize>,
    /// Rows that are updated before others are inserted: their key changes, or a new row takes what they give up.
    pub(super) early: HashSet<At>,
    /// Optional columns that are set to `NULL` first, because their values go round in a circle.
    pub(super) clears: Cleared,
    /// Rows that exchange values which cannot be `NULL`.
    pub(super) exchanged: Vec<At>,
}

impl Turns {
    /// Looks at the updates of a flush, beside its insertions. `moved` says whose key changes.
    ///
    /// # Errors
    /// [`ValueTaken`](ErrorKind::ValueTaken) for a key that another object of the session has and keeps.
    pub(super) fn new(
        arena: &Arena,
        plan: &Plan,
        updated: &[Changed],
        inserted: &[At],
        moved: &HashSet<At>,
    ) -> Result<Self> {
        let mut turns = Self { early: moved.clone(), ..Self::default() };
        let (mut rows, mut edges) = (Vec::new(), Vec::new());
        for (store, changed) in by_store(updated) {
            for set in unique_sets(arena.stores[store].mapper) {
                let taking: Vec<At> = changed
                    .iter()
                    .filter(|(_, c)| set.iter().any(|i| c.contains(i)))
                    .map(|(at, _)| *at)
                    .collect();
                if taking.is_empty() {
                    continue;
                }
                let given = given_up(arena, plan, &taking, &set);
                let nullable = set.iter().any(|i| arena.stores[store].mapper.def.columns[*i].nullable);
                for from in taking {
                    if let Some(to) = taken(arena, from, &set, &given) {
                        edges.push((Edge { from, to, relation: 0, nullable }, set.clone()));
                        rows.extend([from, to]);
                    }
                }
                let new = inserted.iter().filter(|at| at.store == store);
                turns.early.extend(new.filter_map(|at| taken(arena, *at, &set, &given)));
            }
        }
        for at in moved {
            key_is_free(arena, *at, moved)?;
        }
        turns.sort(arena, rows, &edges)?;
        Ok(turns)
    }

    fn sort(&mut self, arena: &Arena, mut rows: Vec<At>, edges: &[(Edge, Vec<usize>)]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        rows.sort_unstable();
        rows.dedup();
        let plain: Vec<Edge> = edges.iter().map(|(edge, _)| *edge).collect();
        let found = levels(&rows, &plain);
        let is_stuck: HashSet<At> = found.stuck.iter().copied().collect();
        for (edge, set) in edges {
            if is_stuck.contains(&edge.from) && is_stuck.contains(&edge.to) && is_key(arena, edge.from, set) {
                return Err(key_taken(arena, edge.from, edge.to, "exchange keys"));
            }
        }
        self.clears = clears(arena, edges, &found.late);
        self.exchanged = found.stuck;
        self.depth = found.level;
        // What frees a value for a row that goes early goes early itself.
        let mut work: Vec<At> = self.early.iter().copied().collect();
        while let Some(at) = work.pop() {
            let before = plain.iter().filter(|edge| edge.from == at).map(|edge| edge.to);
            work.extend(before.filter(|to| self.early.insert(*to)).collect::<Vec<At>>());
        }
        Ok(())
    }
}

fn by_store(updated: &[Changed]) -> BTreeMap<usize, Vec<&Changed>> {
    let mut found: BTreeMap<usize, Vec<&Changed>> = BTreeMap::new();
    for changed in updated {
        found.entry(changed.0.store).or_default().push(changed);
    }
    found
}

/// The columns whose values together are unique: the key, unique columns, and constraints over several.
fn unique_sets(mapper: &Mapper) -> Vec<Vec<usize>> {
    let position = |name: &&str| mapper.def.columns.iter().position(|c| c.name == *name);
    let single = mapper.def.columns.iter().enumerate().filter(|(_, c)| c.unique).map(|(i, _)| vec![i]);
    let several = mapper.def.constraints.iter().filter_map(|constraint| match constraint {
        ConstraintDef::Unique(names) => names.iter().map(position).collect(),
        ConstraintDef::IndexWith(index) => index.unique_columns()?.iter().map(position).collect(),
        ConstraintDef::Index(_) | ConstraintDef::Exclude(_) | ConstraintDef::Check { .. } => None,
    });
    [mapper.primary_key.clone()].into_iter().chain(single).chain(several).collect()
}

/// The rows by the values that they have and give up; `NULL` is nobody's.
fn given_up(arena: &Arena, plan: &Plan, rows: &[At], set: &[usize]) -> HashMap<KeyBytes, At> {
    let old = |at: &At| Some((key_of(plan.row(arena, *at), set)?, *at));
    rows.iter().filter_map(old).collect()
}

/// The other row whose value this one takes.
fn taken(arena: &Arena, at: At, set: &[usize], given: &HashMap<KeyBytes, At>) -> Option<At> {
    let new = key_of(arena.object(at), set)?;
    given.get(&new).copied().filter(|other| *other != at)
}

fn is_key(arena: &Arena, at: At, set: &[usize]) -> bool {
    arena.stores[at.store].mapper.primary_key == set
}

/// A key can be taken from a row that goes, or changes its own.
fn key_is_free(arena: &Arena, at: At, moved: &HashSet<At>) -> Result<()> {
    let store = &arena.stores[at.store];
    let Some(key) = store.key_bytes(arena.object(at))? else { return Ok(()) };
    let other = store.find(&key).map(|slot| At { store: at.store, slot });
    match other.filter(|other| *other != at && !moved.contains(other)) {
        Some(other) if arena.slot(other).state == ObjectState::Persistent => {
            Err(key_taken(arena, at, other, "would have one key"))
        }
        _ => Ok(()),
    }
}

fn key_taken(arena: &Arena, at: At, other: At, what: &str) -> Error {
    let mapper = arena.stores[at.store].mapper;
    let show = |at: At| {
        let values =
            mapper.primary_key.iter().map(|i| in_database(arena, at).column(*i).to_json().to_string());
        values.collect::<Vec<_>>().join(", ")
    };
    let why = format!(
        "the `{}` objects with the keys {} and {} {what}: flush with another key in between",
        mapper.def.name,
        show(at),
        show(other)
    );
    let columns = mapper.primary_key.iter().map(|i| mapper.def.columns[*i].name.to_owned()).collect();
    Error::new(ErrorKind::ValueTaken, why).with_model(mapper.def.name).with_columns(columns)
}

/// Where values go round in a circle, the rows whose values are taken before their turn give them up first.
fn clears(arena: &Arena, edges: &[(Edge, Vec<usize>)], cut: &[Edge]) -> Cleared {
    let mut found = Cleared::new();
    for (edge, set) in edges.iter().filter(|(edge, _)| cut.contains(edge)) {
        let columns = arena.stores[edge.to.store].mapper.def.columns;
        if let Some(column) = set.iter().find(|i| columns[**i].nullable) {
            found.entry(edge.to).or_default().insert(*column);
        }
    }
    found
}

/// Whether an update needs no row that the same flush inserts.
pub(super) fn is_independent(arena: &Arena, (at, columns): &Changed, new: &HashSet<At>) -> bool {
    references(arena, *at).all(|(relation, target)| {
        let own = crate::load::foreign_key_columns(arena.stores[at.store].mapper, relation);
        !new.contains(&target) || !own.iter().any(|column| columns.contains(column))
    })
}
