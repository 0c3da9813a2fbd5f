//! How code that does not know a model reaches relations inside of embedded values.

use super::super::{ForeignKeyField, Handle, Member, Object, Reference, RelationAccess};
use super::{Embedded, EmbeddedField};
use std::any::Any;
use std::fmt;

/// Access to relation `relation` of the embedded value in a field of model `M`.
pub(super) struct EmbeddedAccess<M, F> {
    pub(super) get: fn(&M) -> &F,
    pub(super) get_mut: fn(&mut M) -> &mut F,
    pub(super) relation: usize,
    /// Whether the relation is all that there is of the value.
    pub(super) is_whole: bool,
    /// Access inside of the value.
    pub(super) inner: &'static dyn RelationAccess,
}

impl<M: 'static, F: EmbeddedField> EmbeddedAccess<M, F> {
    fn field<'a>(&self, object: &'a dyn Any) -> &'a F {
        (self.get)(object.downcast_ref().expect("the relation belongs to the model of the object"))
    }

    fn field_mut<'a>(&self, object: &'a mut dyn Any) -> &'a mut F {
        (self.get_mut)(object.downcast_mut().expect("the relation belongs to the model of the object"))
    }

    fn with<R>(&self, object: &mut dyn Any, then: impl FnOnce(&mut dyn Any) -> R) -> Option<R> {
        self.field_mut(object).get_mut().map(|value| then(value))
    }
}

impl<M: 'static, F: EmbeddedField> RelationAccess for EmbeddedAccess<M, F> {
    fn has_new(&self, object: &dyn Any) -> bool {
        self.field(object).get().is_some_and(|value| self.inner.has_new(value))
    }

    fn take_new(&self, object: &mut dyn Any) -> Vec<Box<dyn Object>> {
        self.with(object, |value| self.inner.take_new(value)).unwrap_or_default()
    }

    fn put_slot(&self, object: &mut dyn Any, session: u64, index: u32) {
        let field = self.field_mut(object);
        match field.get_mut() {
            Some(value) => self.inner.put_slot(value, session, index),
            None => {
                if let Some(value) = F::Value::of_slot(self.relation, session, index) {
                    *field = F::of(value);
                }
            }
        }
    }

    fn put_new(&self, object: &mut dyn Any, values: Vec<Box<dyn Object>>) {
        self.with(object, |value| self.inner.put_new(value, values));
    }

    fn detach(&self, object: &mut dyn Any) {
        self.with(object, |value| self.inner.detach(value));
    }

    fn reference(&self, object: &dyn Any) -> Reference {
        self.field(object).get().map_or(Reference::Null, |value| self.inner.reference(value))
    }

    fn clear(&self, object: &mut dyn Any) {
        if self.is_whole && F::NULLABLE {
            if self.reference(object) != Reference::Null {
                self.field_mut(object).clear();
            }
            return;
        }
        self.with(object, |value| self.inner.clear(value));
    }

    fn resolve(&self, object: &mut dyn Any, target: &dyn Any) {
        self.with(object, |value| self.inner.resolve(value, target));
    }

    fn unresolve(&self, object: &mut dyn Any) {
        self.with(object, |value| self.inner.unresolve(value));
    }
}

/// Access to the foreign key that is all of a variant of enum `E`.
pub struct VariantAccess<E, F> {
    /// Borrows it, when the value is this variant.
    pub get: fn(&E) -> Option<&F>,
    /// Borrows it for writing.
    pub get_mut: fn(&mut E) -> Option<&mut F>,
    /// Makes the variant.
    pub make: fn(F) -> E,
}

impl<E: Embedded, F: ForeignKeyField> VariantAccess<E, F> {
    fn field<'a>(&self, value: &'a dyn Any) -> Option<&'a F> {
        (self.get)(value.downcast_ref().expect("the relation belongs to the type of the value"))
    }

    fn field_mut<'a>(&self, value: &'a mut dyn Any) -> Option<&'a mut F> {
        (self.get_mut)(value.downcast_mut().expect("the relation belongs to the type of the value"))
    }

    fn put(&self, value: &mut dyn Any, field: F) {
        *value.downcast_mut().expect("the relation belongs to the type of the value") = (self.make)(field);
    }
}

impl<E: Embedded, F: ForeignKeyField> RelationAccess for VariantAccess<E, F> {
    fn has_new(&self, value: &dyn Any) -> bool {
        self.reference(value) == Reference::New
    }

    fn take_new(&self, value: &mut dyn Any) -> Vec<Box<dyn Object>> {
        let new = self.field_mut(value).and_then(F::take_new);
        new.into_iter().map(|value| Box::new(value) as Box<dyn Object>).collect()
    }

    fn put_slot(&self, value: &mut dyn Any, session: u64, index: u32) {
        self.put(value, F::to(Member::Handle(Handle::new(session, index))));
    }

    fn put_new(&self, value: &mut dyn Any, values: Vec<Box<dyn Object>>) {
        for new in values {
            let new = new.into_any().downcast().expect("the value is of the model at the other end");
            self.put(value, F::to(Member::New(new)));
        }
    }

    fn detach(&self, value: &mut dyn Any) {
        if let Some(field) = self.field_mut(value) {
            field.detach();
        }
    }

    fn reference(&self, value: &dyn Any) -> Reference {
        self.field(value).map_or(Reference::Null, F::reference)
    }

    fn clear(&self, value: &mut dyn Any) {
        if let Some(field) = self.field_mut(value) {
            field.clear();
        }
    }

    fn resolve(&self, value: &mut dyn Any, target: &dyn Any) {
        let target = target.downcast_ref().expect("the target is of the model at the other end");
        if let Some(field) = self.field_mut(value) {
            field.resolve(target);
        }
    }

    fn unresolve(&self, value: &mut dyn Any) {
        if let Some(field) = self.field_mut(value) {
            field.unresolve();
        }
    }
}

impl<E, F> fmt::Debug for VariantAccess<E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VariantAccess")
    }
}
