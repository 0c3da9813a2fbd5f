//! Who says where a member belongs.

use super::order::changed_columns;
use crate::error::{Error, ErrorKind, Result};
use crate::load::{foreign_key_columns, to_one_target};
use crate::state::{Arena, At, ObjectState};
use std::collections::HashMap;

/// An owner, and its relation that holds the member.
type Owner = (At, usize);

/// The collections that take members in one flush, by member and foreign key.
#[derive(Debug, Default)]
pub(super) struct Claims(HashMap<(At, usize), Owner>);

impl Claims {
    /// Notes that a collection takes a member.
    ///
    /// A member has one owner. Who moves it sets its foreign key, puts it into the other collection, or takes it out of the old
    /// collection and puts it into the other one.
    ///
    /// # Errors
    /// [`Contradiction`](ErrorKind::Contradiction) when the program said in the same flush that it belongs to another one.
    pub(super) fn claim(
        &mut self,
        arena: &Arena,
        member: At,
        foreign_key: usize,
        owner: Owner,
    ) -> Result<()> {
        let first = *self.0.entry((member, foreign_key)).or_insert(owner);
        let mapper = arena.stores[owner.0.store].mapper;
        let place = |(at, relation): Owner| {
            let name = arena.stores[at.store].name_of(arena.object(at));
            format!("`{}::{}` of {name}", mapper.def.name, mapper.def.relations[relation].name)
        };
        if first.0 != owner.0 {
            let why = format!("{} and {} both take", place(first), place(owner));
            return Err(contradiction(arena, member, &why));
        }
        match pointed_to(arena, member, foreign_key).filter(|other| *other != owner.0) {
            Some(other) if !was_released(arena, member, (other, owner.1)) => {
                let far = arena.stores[member.store].mapper;
                let name = arena.stores[other.store].name_of(arena.object(other));
                let field = format!("`{}::{}`", far.def.name, far.def.relations[foreign_key].name);
                let why = format!("{field} was set to {name}, and {} takes", place(owner));
                Err(contradiction(arena, member, &why))
            }
            _ => Ok(()),
        }
    }
}

/// The owner that the foreign key of a member was pointed to since the last flush.
fn pointed_to(arena: &Arena, member: At, foreign_key: usize) -> Option<At> {
    let columns = foreign_key_columns(arena.stores[member.store].mapper, foreign_key);
    let is_new = match arena.slot(member).state {
        ObjectState::Pending => true,
        _ => changed_columns(arena, member).iter().any(|column| columns.contains(column)),
    };
    let target = to_one_target(arena, member, foreign_key).filter(|_| is_new)?;
    arena.slot(target).is_written().then_some(target)
}

fn was_released(arena: &Arena, member: At, (owner, relation): Owner) -> bool {
    let access = arena.stores[owner.store].mapper.def.relations[relation].access;
    access.links(arena.object(owner).as_any()).changes.removed.as_slice().contains(&member.slot)
}

fn contradiction(arena: &Arena, member: At, why: &str) -> Error {
    let store = &arena.stores[member.store];
    let message = format!(
        "{why} {}, which can belong to one only: say it once, or take it out of the other collection",
        store.name_of(arena.object(member))
    );
    Error::new(ErrorKind::Contradiction, message).with_model(store.mapper.def.name)
}
