//! Both sides of a relation change at once.

use crate::error::{Error, ErrorKind, Result};
use crate::load::to_one_target;
use crate::mapper::{LinkKind, Links, RelationKind};
use crate::state::{Arena, At, ObjectState};

/// A foreign key of a member, and the object that it points to or shall point to.
struct Pointer {
    member: At,
    foreign_key: usize,
    owner: At,
}

/// Makes `other` the object at the other end of a relation, or one of them: the other side shows it at once, and what either was
/// connected with before lets it go where there can be one only.
///
/// # Errors
/// [`Gone`](ErrorKind::Gone) for objects that are going to be deleted; [`ReadOnly`](ErrorKind::ReadOnly) for a view.
pub(crate) fn link(arena: &mut Arena, from: At, relation: usize, other: At) -> Result<()> {
    can_link(arena, from, relation)?;
    refuse_deleted(arena, other)?;
    let Some(pointer) = pointer(arena, from, relation, other) else {
        agree(arena, from, relation, other, true);
        return Ok(());
    };
    if let Some(before) = to_one_target(arena, pointer.member, pointer.foreign_key)
        && before != pointer.owner
    {
        let_go(arena, pointer.member, pointer.foreign_key, before);
    }
    make_room(arena, &pointer);
    let session = arena.session();
    let access = arena.stores[pointer.member.store].mapper.def.relations[pointer.foreign_key].access;
    if to_one_target(arena, pointer.member, pointer.foreign_key) != Some(pointer.owner) {
        let object = arena.stores[pointer.member.store].write(pointer.member.slot);
        access.put_slot(object.as_any_mut(), session, pointer.owner.slot);
    }
    if let Some(inverse) = inverse(arena, pointer.member, pointer.foreign_key) {
        change(arena, pointer.owner, inverse, |links| links.attract(pointer.member.slot));
    }
    Ok(())
}

/// Whether something can be put into a relation of an object.
///
/// # Errors
/// As [`link`].
pub(crate) fn can_link(arena: &Arena, from: At, relation: usize) -> Result<()> {
    refuse_view(arena, from, relation)?;
    refuse_deleted(arena, from)
}

/// Takes `other` out of a relation, and the object out of the other side of it.
///
/// # Errors
/// [`Contradiction`](ErrorKind::Contradiction) when the session knows that they are not connected;
/// [`ReadOnly`](ErrorKind::ReadOnly) for a view.
pub(crate) fn unlink(arena: &mut Arena, from: At, relation: usize, other: At) -> Result<()> {
    refuse_view(arena, from, relation)?;
    let Some(pointer) = pointer(arena, from, relation, other) else {
        let access = arena.stores[from.store].mapper.def.relations[relation].access;
        if access.links(arena.object(from).as_any()).says(other.slot) == Some(false) {
            return Err(not_connected(arena, from, relation, other));
        }
        agree(arena, from, relation, other, false);
        return Ok(());
    };
    let points = to_one_target(arena, pointer.member, pointer.foreign_key) == Some(pointer.owner);
    if !points && !is_added(arena, &pointer) {
        return Err(not_connected(arena, from, relation, other));
    }
    let_go(arena, pointer.member, pointer.foreign_key, pointer.owner);
    let mapper = arena.stores[pointer.member.store].mapper;
    let nullable =
        matches!(mapper.relations[pointer.foreign_key].kind, LinkKind::ToOne { nullable: true, .. });
    let inverse = inverse(arena, pointer.member, pointer.foreign_key);
    let owners = arena.stores[pointer.owner.store].mapper.def.relations;
    // What becomes of an orphan, and of a member that cannot be alone, the flush says: it may get another owner before.
    let clears = |inverse: usize| nullable && !owners[inverse].cascade.delete_orphan;
    if points && inverse.is_none_or(clears) {
        let object = arena.stores[pointer.member.store].write(pointer.member.slot);
        mapper.def.relations[pointer.foreign_key].access.clear(object.as_any_mut());
    }
    Ok(())
}

/// Where both sides of an association were told the same and one of them was told otherwise later, that is the last word.
pub(super) fn take_last_word(arena: &mut Arena) {
    for owner in arena.touched() {
        let mapper = arena.stores[owner.store].mapper;
        for (relation, link) in mapper.relations.iter().enumerate() {
            let (LinkKind::ManyToMany(_), Some(inverse)) = (&link.kind, link.inverse) else { continue };
            let Some(store) = arena.known_neighbour(owner.store, link.target) else { continue };
            let links = mapper.def.relations[relation].access.links(arena.object(owner).as_any());
            for (slot, is_member) in links.said_otherwise() {
                let other = At { store, slot };
                if arena.slot(other).is_written() {
                    change(arena, other, inverse, |links| links.agree(owner.slot, is_member));
                    change(arena, owner, relation, |links| links.agree(slot, is_member));
                }
            }
        }
    }
}

fn agree(arena: &mut Arena, from: At, relation: usize, other: At, is_member: bool) {
    let inverse = arena.stores[from.store].mapper.relations[relation].inverse;
    change(arena, from, relation, |links| links.agree(other.slot, is_member));
    if let Some(inverse) = inverse {
        change(arena, other, inverse, |links| links.agree(from.slot, is_member));
    }
}

/// The foreign key behind a relation; none behind an association table.
fn pointer(arena: &Arena, from: At, relation: usize, other: At) -> Option<Pointer> {
    match arena.stores[from.store].mapper.relations[relation].kind {
        LinkKind::ToOne { .. } => Some(Pointer { member: from, foreign_key: relation, owner: other }),
        LinkKind::ToMany { foreign_key } => Some(Pointer { member: other, foreign_key, owner: from }),
        LinkKind::ManyToMany(_) | LinkKind::View(_) => None,
    }
}

fn inverse(arena: &Arena, member: At, foreign_key: usize) -> Option<usize> {
    arena.stores[member.store].mapper.relations[foreign_key].inverse
}

/// Changes a collection, as the program would.
fn change(arena: &mut Arena, owner: At, relation: usize, change: impl FnOnce(&mut Links)) {
    let session = arena.session();
    let access = arena.stores[owner.store].mapper.def.relations[relation].access;
    let links = access.links_mut(arena.stores[owner.store].write(owner.slot).as_any_mut());
    links.meet(session);
    change(links);
}

/// An owner's collection loses a member.
fn let_go(arena: &mut Arena, member: At, foreign_key: usize, owner: At) {
    if let Some(inverse) = inverse(arena, member, foreign_key)
        && arena.slot(owner).is_written()
    {
        change(arena, owner, inverse, |links| links.release(member.slot));
    }
}

/// Whether the owner's collection was given the member by itself, so that the foreign key does not know yet.
fn is_added(arena: &Arena, pointer: &Pointer) -> bool {
    inverse(arena, pointer.member, pointer.foreign_key).is_some_and(|inverse| {
        let access = arena.stores[pointer.owner.store].mapper.def.relations[inverse].access;
        access.links(arena.object(pointer.owner).as_any()).says(pointer.member.slot) == Some(true)
    })
}

/// The one object of a relation gives way to another one.
fn make_room(arena: &mut Arena, pointer: &Pointer) {
    let Some(inverse) = inverse(arena, pointer.member, pointer.foreign_key) else { return };
    let mapper = arena.stores[pointer.owner.store].mapper;
    if !matches!(mapper.def.relations[inverse].kind, RelationKind::HasOne) {
        return;
    }
    let links = mapper.def.relations[inverse].access.links(arena.object(pointer.owner).as_any());
    // Where the session does not know the present one, the flush looks for it.
    for slot in links.present().into_iter().filter(|slot| *slot != pointer.member.slot) {
        let _ = unlink(arena, pointer.owner, inverse, At { slot, ..pointer.member });
    }
}

fn refuse_view(arena: &Arena, from: At, relation: usize) -> Result<()> {
    let mapper = arena.stores[from.store].mapper;
    if !matches!(mapper.relations[relation].kind, LinkKind::View(_)) {
        return Ok(());
    }
    let name = mapper.def.relations[relation].name;
    let why = format!(
        "`{}::{name}` is a view, which shows members of other relations and has none of its own",
        mapper.def.name
    );
    Err(Error::new(ErrorKind::ReadOnly, why).with_model(mapper.def.name))
}

fn refuse_deleted(arena: &Arena, at: At) -> Result<()> {
    if arena.slot(at).state != ObjectState::Deleting {
        return Ok(());
    }
    let store = &arena.stores[at.store];
    let why = format!(
        "{} is going to be deleted, so that nothing can be linked to it",
        store.name_of(arena.object(at))
    );
    Err(Error::new(ErrorKind::Gone, why).with_model(store.mapper.def.name))
}

fn not_connected(arena: &Arena, from: At, relation: usize, other: At) -> Error {
    let (store, far) = (&arena.stores[from.store], &arena.stores[other.store]);
    let why = format!(
        "{} is not in `{}::{}` of {}",
        far.name_of(arena.object(other)),
        store.mapper.def.name,
        store.mapper.def.relations[relation].name,
        store.name_of(arena.object(from))
    );
    Error::new(ErrorKind::Contradiction, why).with_model(store.mapper.def.name)
}
