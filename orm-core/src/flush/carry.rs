//! Keys that change, carried to what refers to them.
//!
//! The database changes the referring rows itself (`ON UPDATE CASCADE`). The session writes nothing for them; their objects
//! get the new key when the change of the owner is sent.

use super::plan::Step;
use super::switch::in_database;
use crate::error::Result;
use crate::load::{foreign_key_columns, key_of};
use crate::mapper::{LinkKind, Object, Reference, ReferentialAction, RelationKind};
use crate::state::{Arena, At, ObjectState, Undo};
use crate::types::KeyBytes;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Keys that change in a flush: store and old key to new key.
#[derive(Debug, Default)]
pub(super) struct Moved(HashMap<(usize, KeyBytes), KeyBytes>);

impl Moved {
    pub(super) fn find(arena: &Arena, updated: &[At]) -> Self {
        let mut moved = HashMap::new();
        for at in updated {
            let key = &arena.stores[at.store].mapper.primary_key;
            let (old, new) = (in_database(arena, *at), arena.object(*at));
            if key.iter().all(|column| old.column(*column).same_as(&new.column(*column))) {
                continue;
            }
            if let (Some(old), Some(new)) = (key_of(old, key), key_of(new, key)) {
                moved.insert((at.store, old), new);
            }
        }
        Self(moved)
    }

    /// The columns of an object that the database changes because they follow the key of another row.
    pub(super) fn columns(&self, arena: &Arena, at: At) -> Vec<usize> {
        let mapper = arena.stores[at.store].mapper;
        let mut found = Vec::new();
        if self.0.is_empty() {
            return found;
        }
        for (relation, link) in mapper.relations.iter().enumerate() {
            let (LinkKind::ToOne { columns, .. }, Some(store)) =
                (&link.kind, arena.known_neighbour(at.store, link.target))
            else {
                continue;
            };
            let old = key_of(in_database(arena, at), columns);
            let new = old.and_then(|old| self.0.get(&(store, old)));
            if new.is_some()
                && new == key_of(arena.object(at), columns).as_ref()
                && follows(arena, at, relation)
            {
                found.extend_from_slice(columns);
            }
        }
        found
    }
}

/// What the database does with a referring row when the key changes.
fn on_update(arena: &Arena, at: At, relation: usize) -> ReferentialAction {
    match arena.stores[at.store].mapper.def.relations[relation].kind {
        RelationKind::BelongsTo { on_update, .. } => on_update,
        _ => ReferentialAction::NoAction,
    }
}

/// Whether the row follows the key: where the model declares no action the database refuses, or knows better.
fn follows(arena: &Arena, at: At, relation: usize) -> bool {
    !matches!(on_update(arena, at, relation), ReferentialAction::SetNull | ReferentialAction::SetDefault)
}

/// Objects whose key changes.
struct Owners<'a> {
    slots: HashSet<At>,
    /// By the key that the database has.
    by_key: &'a HashMap<(usize, KeyBytes), At>,
}

/// Gives the objects that refer to changed keys the new ones, because the flight that is about to leave makes the database do
/// so with their rows.
///
/// # Errors
/// [`Encode`](crate::ErrorKind::Encode) for a key that has no binary form.
pub(crate) fn carry(arena: &mut Arena, flight: &[Step]) -> Result<()> {
    let (mut owners, mut going) = (HashMap::new(), HashSet::new());
    for step in flight {
        match step {
            Step::Update { rows, columns, .. } => {
                let key = &arena.stores[rows.store].mapper.primary_key;
                if !columns.iter().any(|column| key.contains(column)) {
                    continue;
                }
                for slot in &rows.slots {
                    let at = At { store: rows.store, slot: *slot };
                    let Some(old) = key_of(in_database(arena, at), key) else { continue };
                    owners.insert((at.store, old), at);
                }
            }
            // Deleted after the key has changed.
            Step::Delete { rows, .. } if !owners.is_empty() => {
                going.extend(rows.slots.iter().map(|s| (rows.store, *s)));
            }
            _ => {}
        }
    }
    while !owners.is_empty() {
        let found =
            referring(arena, &Owners { slots: owners.values().copied().collect(), by_key: &owners }, &going);
        owners.clear();
        // An object whose own key follows is an owner once it has.
        let following: HashSet<At> = found
            .iter()
            .filter(|(at, changes)| has_in_key(arena, **at, changes))
            .map(|(at, _)| *at)
            .collect();
        for (at, mut changes) in found {
            changes.retain(|change| !following.contains(&change.owner));
            if let Some(before) = follow(arena, at, &changes)? {
                owners.insert((at.store, before), at);
            }
        }
    }
    Ok(())
}

/// A foreign key that has to follow: its relation, its owner, and whether it is in the object, in its snapshot, or in both.
struct Change {
    relation: usize,
    owner: At,
    object: bool,
    original: bool,
}

fn has_in_key(arena: &Arena, at: At, changes: &[Change]) -> bool {
    let mapper = arena.stores[at.store].mapper;
    let mut columns = changes.iter().flat_map(|change| foreign_key_columns(mapper, change.relation));
    columns.any(|column| mapper.primary_key.contains(column))
}

fn referring(arena: &Arena, owners: &Owners<'_>, going: &HashSet<(usize, u32)>) -> BTreeMap<At, Vec<Change>> {
    let mut found: BTreeMap<At, Vec<Change>> = BTreeMap::new();
    let stores: HashSet<usize> = owners.slots.iter().map(|at| at.store).collect();
    let of_tables = (0..arena.stores.len()).filter(|store| arena.stores[*store].mapper.def.view.is_none());
    for store in of_tables {
        for (relation, link) in arena.stores[store].mapper.relations.iter().enumerate() {
            let LinkKind::ToOne { .. } = link.kind else { continue };
            let Some(target) = arena.known_neighbour(store, link.target).filter(|s| stores.contains(s))
            else {
                continue;
            };
            for slot in 0..u32::try_from(arena.stores[store].slots.len()).unwrap_or(u32::MAX) {
                let at = At { store, slot };
                let in_reach = match arena.slot(at).state {
                    ObjectState::Persistent => true,
                    ObjectState::Deleting => going.contains(&(store, slot)),
                    _ => false,
                };
                if in_reach && let Some(change) = change(arena, at, relation, target, owners) {
                    found.entry(at).or_default().push(change);
                }
            }
        }
    }
    found
}

fn change(arena: &Arena, at: At, relation: usize, target: usize, owners: &Owners<'_>) -> Option<Change> {
    let mapper = arena.stores[at.store].mapper;
    let columns = foreign_key_columns(mapper, relation);
    let owner_of = |object: &dyn Object| owners.by_key.get(&(target, key_of(object, columns)?)).copied();
    let slot = arena.slot(at);
    let in_row = owner_of(in_database(arena, at));
    let reference = mapper.def.relations[relation].access.reference(slot.get().as_any());
    let in_object = match reference {
        Reference::Slot { index, .. } => owners.slots.get(&At { store: target, slot: index }).copied(),
        // A key that was given in this flush means what it says.
        Reference::Key if owner_of(slot.get()) == in_row => in_row,
        _ => None,
    };
    let owner = in_object.or(in_row)?;
    let original = slot.original.is_some() && in_row.is_some();
    // An object that was moved from one owner to another has one in its row and the other in itself.
    if let (Some(row), Some(object)) = (in_row, in_object)
        && row != object
    {
        return Some(Change { relation, owner: row, object: false, original });
    }
    Some(Change { relation, owner, object: in_object.is_some(), original })
}

/// Changes the foreign keys of one object; gives its old key when that changed with them.
fn follow(arena: &mut Arena, at: At, changes: &[Change]) -> Result<Option<KeyBytes>> {
    let mapper = arena.stores[at.store].mapper;
    let key = mapper.primary_key.clone();
    let before = key_of(in_database(arena, at), &key);
    if arena.slot(at).in_database() {
        let row = in_database(arena, at).snapshot();
        arena.stores[at.store].remember(at.slot, |_| Undo::Was(row));
    }
    for change in changes {
        let access = mapper.def.relations[change.relation].access;
        let owner = arena.object(change.owner).snapshot();
        let apply = |object: &mut dyn Object, follows: bool| -> Result<()> {
            if !follows {
                access.clear(object.as_any_mut());
                return Ok(());
            }
            access.resolve(object.as_any_mut(), owner.as_any());
            mapper.follow_shared(change.relation, object)
        };
        let action = on_update(arena, at, change.relation);
        let follows = follows(arena, at, change.relation);
        let columns = foreign_key_columns(mapper, change.relation);
        // Where the row is cleared, an object that was pointed to the new key is written after that.
        let is_unchanged = key_of(in_database(arena, at), columns) == key_of(arena.object(at), columns);
        let slot = arena.slot_mut(at);
        if follows || action == ReferentialAction::SetNull {
            if change.object && (follows || is_unchanged) {
                apply(slot.get_mut(), follows)?;
            }
            if change.original
                && let Some(original) = slot.original.as_deref_mut()
            {
                apply(original, follows)?;
            }
        }
    }
    let after = key_of(in_database(arena, at), &key);
    if before == after {
        return Ok(None);
    }
    arena.stores[at.store].rekey(at.slot, before.as_ref(), after);
    Ok(before)
}
