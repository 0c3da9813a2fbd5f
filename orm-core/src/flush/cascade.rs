//! Spreading changes along relations.

use super::association_rows::take_rows_out;
use super::claims::Claims;
use super::deletion::{mark_deleted, spread_deletions};
use super::inheritance::set_kind;
use super::linking::take_last_word;
use super::positions::{close_gaps, number_members};
use super::replaced::take_old_members_out;
use super::switch::Successors;
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{LinkKind, Links, PassiveDeletes, Reference, RelationKind, SlotSet};
use crate::state::{Arena, At, ObjectState};
use crate::types::ColumnValue;

/// Makes the collections of an object that is added its own: one that was copied from an object of a session shows the
/// members of that object. Its association rows are copied, where they are of this session; members that belong to
/// one owner stay with theirs.
pub(crate) fn own_collections(arena: &mut Arena, at: At) {
    let session = arena.session();
    let mapper = arena.stores[at.store].mapper;
    let object = arena.slot_mut(at).get_mut();
    for (relation, link) in mapper.def.relations.iter().zip(&mapper.relations) {
        if matches!(link.kind, LinkKind::ToOne { .. }) {
            continue;
        }
        let links = relation.access.links_mut(object.as_any_mut());
        if matches!(link.kind, LinkKind::View(_)) {
            *links = Links::default();
            continue;
        }
        let copied = links.loaded.take().unwrap_or_default();
        if matches!(link.kind, LinkKind::ManyToMany(_)) && links.session == session {
            copied.as_slice().iter().for_each(|slot| links.add(*slot));
        } else if links.changes.added.is_empty() {
            links.session = 0;
        }
        links.changes.removed = SlotSet::default();
        links.part = None;
        links.forget_agreements();
        links.loaded = Some(links.changes.added.clone());
    }
}

/// Gives the new values inside an object their own slots, theirs too, and so on; along relations that cascade
/// save-update.
///
/// # Errors
/// [`Mapping`](ErrorKind::Mapping) when the models contradict each other.
pub(crate) fn adopt(arena: &mut Arena, at: At) -> Result<()> {
    let session = arena.session();
    let mut work = vec![at];
    while let Some(owner) = work.pop() {
        let mapper = arena.stores[owner.store].mapper;
        for (relation, link) in mapper.def.relations.iter().zip(&mapper.relations) {
            let access = relation.access;
            if !relation.cascade.save_update || !access.has_new(arena.object(owner).as_any()) {
                continue;
            }
            let target = arena.neighbour(owner.store, link.target)?;
            let mut new = Vec::new();
            for value in access.take_new(arena.slot_mut(owner).get_mut().as_any_mut()) {
                let slot = arena.stores[target].add(value);
                own_collections(arena, At { store: target, slot });
                access.put_slot(arena.slot_mut(owner).get_mut().as_any_mut(), session, slot);
                new.push(slot);
                work.push(At { store: target, slot });
            }
            if !matches!(link.kind, LinkKind::ToOne { .. }) {
                access.links_mut(arena.slot_mut(owner).get_mut().as_any_mut()).take_places(&new);
            }
        }
    }
    Ok(())
}

/// Spreads all changes: new objects are added, collections set the foreign keys of their members, deletions
/// reach what they delete. Doing it twice changes nothing more.
///
/// # Errors
/// [`ForeignHandle`](ErrorKind::ForeignHandle), [`Gone`](ErrorKind::Gone) for a member that was deleted,
/// [`Unset`](ErrorKind::Unset) for a member that was removed and cannot be without an owner,
/// [`NotAdded`](ErrorKind::NotAdded) for a new object at the end of a relation that does not cascade save-update.
pub(crate) fn spread(arena: &mut Arena) -> Result<()> {
    let (mut seen, mut lost, mut claims) = (Vec::new(), Vec::new(), Claims::default());
    take_last_word(arena);
    loop {
        let (mut new, mut waiting) = (arena.touched_since(&mut seen), Vec::new());
        if new.is_empty() {
            break;
        }
        while !new.is_empty() {
            for at in new {
                if arena.slot(at).is_written() {
                    take_old_members_out(arena, at);
                    adopt(arena, at)?;
                    set_kind(arena, at)?;
                    if !spread_one(arena, at, false, &mut lost, &mut claims)? {
                        waiting.push(at);
                    }
                }
            }
            new = arena.touched_since(&mut seen);
            if new.is_empty() {
                // What another relation did not add by now, nobody adds.
                for at in std::mem::take(&mut waiting) {
                    spread_one(arena, at, true, &mut lost, &mut claims)?;
                }
                new = arena.touched_since(&mut seen);
            }
        }
        // Only now: a member that left one collection may have been added to another one, and is no orphan then.
        for at in arena.touched() {
            if arena.slot(at).is_written() {
                release_members(arena, at)?;
            }
        }
    }
    number_members(arena)?;
    take_rows_out(arena);
    let successors = Successors::find(arena);
    refuse_references_to_deleted(arena, &lost, &successors)?;
    spread_deletions(arena, &successors);
    close_gaps(arena)?;
    refuse_references_to_deleted(arena, &arena.touched(), &successors)
}

/// No row may go on referring to one that is about to be deleted.
fn refuse_references_to_deleted(arena: &mut Arena, owners: &[At], successors: &Successors) -> Result<()> {
    for owner in owners.iter().copied() {
        if !arena.slot(owner).is_written() {
            continue;
        }
        let mapper = arena.stores[owner.store].mapper;
        for (relation, link) in mapper.def.relations.iter().zip(&mapper.relations) {
            let LinkKind::ToOne { .. } = link.kind else { continue };
            let Reference::Slot { index, .. } = relation.access.reference(arena.object(owner).as_any())
            else {
                continue;
            };
            let target = At { store: arena.neighbour(owner.store, link.target)?, slot: index };
            let left_alone = link.inverse.is_some_and(|inverse| {
                let owners = arena.stores[target.store].mapper.def.relations;
                arena.slot(owner).in_database() && owners[inverse].passive_deletes == PassiveDeletes::All
            });
            let goes = arena.slot(target).state == ObjectState::Deleting;
            if goes && !left_alone && successors.of(arena, target).is_none() {
                reach(arena, target, &|| format!("`{}::{}`", mapper.def.name, relation.name))?;
            }
        }
    }
    Ok(())
}

/// Spreads the changes of one object; `false` when a relation that does not cascade save-update leads to an object that
/// is not added yet. `strict` makes that an error.
///
/// A new object that refers to a deleted one is `lost`, unless somebody takes the place of that.
fn spread_one(
    arena: &mut Arena,
    owner: At,
    strict: bool,
    lost: &mut Vec<At>,
    claims: &mut Claims,
) -> Result<bool> {
    let mapper = arena.stores[owner.store].mapper;
    let mut complete = true;
    for (index, link) in mapper.relations.iter().enumerate() {
        let access = mapper.def.relations[index].access;
        let place = || format!("`{}::{}`", mapper.def.name, mapper.def.relations[index].name);
        if !mapper.def.relations[index].cascade.save_update {
            if access.has_new(arena.object(owner).as_any()) {
                return Err(not_added(arena, owner, index));
            }
            if leads_to_transient(arena, owner, index)? {
                if strict {
                    return Err(not_added(arena, owner, index));
                }
                complete = false;
                continue;
            }
        }
        match &link.kind {
            LinkKind::ToOne { .. } => {
                if let Reference::Slot { session, index } = access.reference(arena.object(owner).as_any()) {
                    same_session(arena, session, &place)?;
                    let target = At { store: arena.neighbour(owner.store, link.target)?, slot: index };
                    // Of a target that left the session the key is enough.
                    let left = arena.slot(target).object.is_none() && knows_key(arena, owner, &link.kind);
                    // What becomes of a row whose target is deleted, the deletion says.
                    match arena.slot(target).state {
                        _ if left => {}
                        ObjectState::Deleting if arena.slot(owner).in_database() => {}
                        ObjectState::Deleting => lost.push(owner),
                        _ => reach(arena, target, &place)?,
                    }
                }
            }
            LinkKind::View(_) => {}
            LinkKind::ToMany { .. } | LinkKind::ManyToMany(_) => {
                let links = access.links(arena.object(owner).as_any());
                if !links.is_changed() {
                    continue;
                }
                same_session(arena, links.session, &place)?;
                let store = arena.neighbour(owner.store, link.target)?;
                if matches!(mapper.def.relations[index].kind, RelationKind::HasOne) {
                    keep_one(arena, owner, index);
                }
                let added = remaining(arena, owner, index, store);
                for slot in added.as_slice() {
                    reach(arena, At { store, slot: *slot }, &place)?;
                }
                if let LinkKind::ToMany { foreign_key } = link.kind {
                    for slot in added.as_slice() {
                        claims.claim(arena, At { store, slot: *slot }, foreign_key, (owner, index))?;
                        point_to(arena, At { store, slot: *slot }, foreign_key, owner);
                    }
                }
            }
        }
    }
    Ok(complete)
}

/// Whether a relation holds an object of this session that is not to be written.
fn leads_to_transient(arena: &mut Arena, owner: At, relation: usize) -> Result<bool> {
    let mapper = arena.stores[owner.store].mapper;
    let link = &mapper.relations[relation];
    let (access, store) = (mapper.def.relations[relation].access, arena.neighbour(owner.store, link.target)?);
    let object = arena.object(owner).as_any();
    let (session, slots) = match link.kind {
        LinkKind::ToOne { .. } => match access.reference(object) {
            Reference::Slot { session, index } => (session, vec![index]),
            _ => return Ok(false),
        },
        LinkKind::View(_) => return Ok(false),
        LinkKind::ToMany { .. } | LinkKind::ManyToMany(_) => {
            let links = access.links(object);
            (links.session, links.changes.added.as_slice().to_vec())
        }
    };
    let is_transient = |slot: u32| arena.slot(At { store, slot }).state == ObjectState::Transient;
    Ok(session == arena.session() && slots.into_iter().any(is_transient))
}

fn not_added(arena: &Arena, owner: At, relation: usize) -> Error {
    let mapper = arena.stores[owner.store].mapper;
    let (def, target) = (&mapper.def.relations[relation], (mapper.def.relations[relation].target)().name);
    let why = format!(
        "`{}::{}` leads to a new `{target}` that was not added, and does not cascade save-update: add it with \
         `session.add(…)` and put its handle there, or declare the cascade",
        mapper.def.name, def.name
    );
    Error::new(ErrorKind::NotAdded, why).with_model(mapper.def.name)
}

/// Whether a foreign key has its values already.
fn knows_key(arena: &Arena, owner: At, kind: &LinkKind) -> bool {
    let LinkKind::ToOne { columns, .. } = kind else { return false };
    columns.iter().all(|column| matches!(arena.object(owner).column(*column), ColumnValue::Value(_)))
}

/// The object that was set takes the place of any other.
fn keep_one(arena: &mut Arena, owner: At, relation: usize) {
    let access = arena.stores[owner.store].mapper.def.relations[relation].access;
    let links = access.links_mut(arena.slot_mut(owner).get_mut().as_any_mut());
    let Some(set) = links.changes.added.as_slice().last().copied() else { return };
    let others = links.loaded.clone().unwrap_or_default();
    others.as_slice().iter().filter(|slot| **slot != set).for_each(|slot| links.release(*slot));
}

/// The members that were added and not deleted since.
fn remaining(arena: &mut Arena, owner: At, relation: usize, store: usize) -> SlotSet {
    let access = arena.stores[owner.store].mapper.def.relations[relation].access;
    let added = access.links(arena.object(owner).as_any()).changes.added.clone();
    let is_gone = |slot: &u32| {
        matches!(arena.stores[store].slot(*slot).state, ObjectState::Detached | ObjectState::Deleting)
    };
    let (gone, left): (Vec<u32>, Vec<u32>) = added.as_slice().iter().copied().partition(is_gone);
    if gone.is_empty() {
        return added;
    }
    let links = access.links_mut(arena.slot_mut(owner).get_mut().as_any_mut());
    for slot in gone {
        links.changes.take_added(slot);
        links.hide(slot);
    }
    left.into_iter().collect()
}

/// What the members become that left the collections of an object.
fn release_members(arena: &mut Arena, owner: At) -> Result<()> {
    let mapper = arena.stores[owner.store].mapper;
    for (index, link) in mapper.relations.iter().enumerate() {
        let LinkKind::ToMany { .. } = link.kind else { continue };
        let relation = &mapper.def.relations[index];
        let links = relation.access.links(arena.object(owner).as_any());
        // The session of the members was checked when the owner was spread; an owner that was not waits for that.
        if links.changes.removed.is_empty() || links.session != arena.session() {
            continue;
        }
        let removed = links.changes.removed.clone();
        let store = arena.neighbour(owner.store, link.target)?;
        for slot in removed.as_slice() {
            let place = || format!("`{}::{}`", mapper.def.name, relation.name);
            release(arena, At { store, slot: *slot }, owner, index, &place)?;
        }
    }
    Ok(())
}

fn same_session(arena: &Arena, session: u64, place: &dyn Fn() -> String) -> Result<()> {
    if session == arena.session() {
        return Ok(());
    }
    let whose = match session {
        Links::MIXED => "another session".to_owned(),
        session => format!("session {session}"),
    };
    let why = format!("{} holds an object of {whose}, this is session {}", place(), arena.session());
    Err(Error::new(ErrorKind::ForeignHandle, why))
}

/// An object that something refers to has to be in the database, or to get there.
fn reach(arena: &mut Arena, at: At, place: &dyn Fn() -> String) -> Result<()> {
    match arena.slot(at).state {
        ObjectState::Pending | ObjectState::Persistent => Ok(()),
        ObjectState::Transient => {
            arena.stores[at.store].write(at.slot);
            Ok(())
        }
        ObjectState::Deleting | ObjectState::Deleted | ObjectState::Detached => {
            let name = arena.stores[at.store].mapper.def.name;
            let why = format!("{} refers to a `{name}` that is deleted or not in the session", place());
            Err(Error::new(ErrorKind::Gone, why).with_model(name))
        }
    }
}

/// Sets the foreign key of a member to its owner.
fn point_to(arena: &mut Arena, member: At, foreign_key: usize, owner: At) {
    let session = arena.session();
    let access = arena.stores[member.store].mapper.def.relations[foreign_key].access;
    let wanted = Reference::Slot { session, index: owner.slot };
    if access.reference(arena.object(member).as_any()) != wanted {
        let object = arena.stores[member.store].write(member.slot);
        access.put_slot(object.as_any_mut(), session, owner.slot);
    }
}

/// A member that left its collection: without an owner where that is allowed, else deleted.
fn release(
    arena: &mut Arena,
    member: At,
    owner: At,
    relation: usize,
    place: &dyn Fn() -> String,
) -> Result<()> {
    let mapper = arena.stores[owner.store].mapper;
    let LinkKind::ToMany { foreign_key } = mapper.relations[relation].kind else { return Ok(()) };
    if !points_to(arena, member, foreign_key, owner) {
        if mapper.def.relations[relation].cascade.delete_orphan && is_new_orphan(arena, member, foreign_key) {
            mark_deleted(arena, member);
        }
        return Ok(());
    }
    let far = arena.stores[member.store].mapper;
    let nullable = matches!(far.relations[foreign_key].kind, LinkKind::ToOne { nullable: true, .. });
    if mapper.def.relations[relation].cascade.delete_orphan {
        mark_deleted(arena, member);
        return Ok(());
    }
    if nullable {
        let object = arena.stores[member.store].write(member.slot);
        far.def.relations[foreign_key].access.clear(object.as_any_mut());
        return Ok(());
    }
    let why = format!(
        "a `{}` was removed from {} and needs an owner: give it another one, delete it, or declare \
         cascade = \"all, delete-orphan\"",
        far.def.name,
        place()
    );
    Err(Error::new(ErrorKind::Unset, why)
        .with_model(far.def.name)
        .with_columns(vec![far.def.relations[foreign_key].name.to_owned()]))
}

/// Whether a new object has no owner, and none took it up.
fn is_new_orphan(arena: &Arena, member: At, foreign_key: usize) -> bool {
    let access = arena.stores[member.store].mapper.def.relations[foreign_key].access;
    arena.slot(member).state == ObjectState::Pending
        && matches!(access.reference(arena.object(member).as_any()), Reference::Unset | Reference::Null)
}

fn points_to(arena: &Arena, member: At, foreign_key: usize, owner: At) -> bool {
    if arena.slot(member).object.is_none() {
        return false;
    }
    crate::load::to_one_target(arena, member, foreign_key) == Some(owner)
}
