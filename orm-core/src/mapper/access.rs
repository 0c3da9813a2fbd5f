//! How code that does not know a model reaches the fields of its relations.

use super::{CollectionField, ForeignKeyField, Links, Member, Model, Object, Reference};
use crate::types::ColumnValue;
use std::any::Any;
use std::fmt;

/// The field of one relation, in an object of any model.
///
/// # Panics
/// Every method panics when the object is of another model, or the field of another kind: that would
/// be a mistake of this crate, never of its user.
pub trait RelationAccess: Send + Sync {
    /// The members of a collection.
    fn links<'a>(&self, object: &'a dyn Any) -> &'a Links {
        let _ = object;
        unreachable!("a foreign key has no links")
    }
    /// The members of a collection.
    fn links_mut<'a>(&self, object: &'a mut dyn Any) -> &'a mut Links {
        let _ = object;
        unreachable!("a foreign key has no links")
    }
    /// Whether there are new values without a slot.
    fn has_new(&self, object: &dyn Any) -> bool;
    /// Takes the new values out.
    fn take_new(&self, object: &mut dyn Any) -> Vec<Box<dyn Object>>;
    /// Puts the slot of a new value in.
    fn put_slot(&self, object: &mut dyn Any, session: u64, index: u32);
    /// Puts values without a slot in.
    fn put_new(&self, object: &mut dyn Any, values: Vec<Box<dyn Object>>);
    /// Forgets every slot, for an object that leaves its session: a foreign key keeps the key, a collection is not
    /// loaded any more.
    fn detach(&self, object: &mut dyn Any);
    /// Takes a member out of a collection.
    fn remove_slot(&self, object: &mut dyn Any, session: u64, index: u32) {
        let _ = (object, session, index);
        unreachable!("a foreign key has no members")
    }
    /// Where a foreign key points.
    fn reference(&self, object: &dyn Any) -> Reference {
        let _ = object;
        unreachable!("a collection is no foreign key")
    }
    /// A part of the key that a foreign key points to.
    fn component<'a>(&self, object: &'a dyn Any, part: usize) -> ColumnValue<'a> {
        let _ = (object, part);
        unreachable!("a collection is no foreign key")
    }
    /// Points a foreign key nowhere.
    fn clear(&self, object: &mut dyn Any) {
        let _ = object;
        unreachable!("a collection is no foreign key")
    }
    /// Copies the key of the target into a foreign key.
    fn resolve(&self, object: &mut dyn Any, target: &dyn Any) {
        let _ = (object, target);
        unreachable!("a collection is no foreign key")
    }
    /// Forgets a key that came from a target.
    fn unresolve(&self, object: &mut dyn Any) {
        let _ = object;
        unreachable!("a collection is no foreign key")
    }
}

fn owner<M: 'static>(object: &dyn Any) -> &M {
    object.downcast_ref().expect("the relation belongs to the model of the object")
}

fn owner_mut<M: 'static>(object: &mut dyn Any) -> &mut M {
    object.downcast_mut().expect("the relation belongs to the model of the object")
}

fn typed<T: Model>(value: Box<dyn Object>) -> Box<T> {
    value.into_any().downcast().expect("the value is of the model at the other end")
}

/// Access to a [`ForeignKeyField`] `F` of model `M`.
pub struct ForeignKeyAccess<M, F> {
    /// Borrows the field.
    pub get: fn(&M) -> &F,
    /// Borrows the field for writing.
    pub get_mut: fn(&mut M) -> &mut F,
}

impl<M: 'static, F: ForeignKeyField> RelationAccess for ForeignKeyAccess<M, F> {
    fn has_new(&self, object: &dyn Any) -> bool {
        self.reference(object) == Reference::New
    }

    fn take_new(&self, object: &mut dyn Any) -> Vec<Box<dyn Object>> {
        let new = (self.get_mut)(owner_mut(object)).take_new();
        new.into_iter().map(|value| Box::new(value) as Box<dyn Object>).collect()
    }

    fn put_slot(&self, object: &mut dyn Any, session: u64, index: u32) {
        (self.get_mut)(owner_mut(object)).point_to(session, index);
    }

    fn put_new(&self, object: &mut dyn Any, values: Vec<Box<dyn Object>>) {
        for value in values {
            *(self.get_mut)(owner_mut(object)) = F::to(Member::New(typed(value)));
        }
    }

    fn detach(&self, object: &mut dyn Any) {
        (self.get_mut)(owner_mut(object)).detach();
    }

    fn reference(&self, object: &dyn Any) -> Reference {
        (self.get)(owner(object)).reference()
    }

    fn component<'a>(&self, object: &'a dyn Any, part: usize) -> ColumnValue<'a> {
        (self.get)(owner(object)).component(part)
    }

    fn clear(&self, object: &mut dyn Any) {
        (self.get_mut)(owner_mut(object)).clear();
    }

    fn resolve(&self, object: &mut dyn Any, target: &dyn Any) {
        (self.get_mut)(owner_mut(object)).resolve(owner(target));
    }

    fn unresolve(&self, object: &mut dyn Any) {
        (self.get_mut)(owner_mut(object)).unresolve();
    }
}

/// Access to a [`CollectionField`] `F` of model `M`.
pub struct CollectionAccess<M, F> {
    /// Borrows the field.
    pub get: fn(&M) -> &F,
    /// Borrows the field for writing.
    pub get_mut: fn(&mut M) -> &mut F,
}

impl<M: Model, F: CollectionField> RelationAccess for CollectionAccess<M, F> {
    fn links<'a>(&self, object: &'a dyn Any) -> &'a Links {
        (self.get)(owner(object)).links()
    }

    fn links_mut<'a>(&self, object: &'a mut dyn Any) -> &'a mut Links {
        (self.get_mut)(owner_mut(object)).links_mut()
    }

    fn has_new(&self, object: &dyn Any) -> bool {
        (self.get)(owner(object)).has_new()
    }

    fn take_new(&self, object: &mut dyn Any) -> Vec<Box<dyn Object>> {
        let new = (self.get_mut)(owner_mut(object)).take_new();
        new.into_iter().map(|value| Box::new(value) as Box<dyn Object>).collect()
    }

    fn put_slot(&self, object: &mut dyn Any, session: u64, index: u32) {
        let handle = super::Handle::new(session, index);
        (self.get_mut)(owner_mut(object)).insert(Member::Handle(handle));
    }

    fn put_new(&self, object: &mut dyn Any, values: Vec<Box<dyn Object>>) {
        let field = (self.get_mut)(owner_mut(object));
        values.into_iter().for_each(|value| field.insert(Member::New(typed(value))));
    }

    fn detach(&self, object: &mut dyn Any) {
        *(self.get_mut)(owner_mut(object)) = F::not_loaded();
    }

    fn remove_slot(&self, object: &mut dyn Any, session: u64, index: u32) {
        (self.get_mut)(owner_mut(object)).take_out(super::Handle::new(session, index));
    }
}

impl<M, F> fmt::Debug for ForeignKeyAccess<M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ForeignKeyAccess")
    }
}

impl<M, F> fmt::Debug for CollectionAccess<M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CollectionAccess")
    }
}
