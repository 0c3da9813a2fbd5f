//! All objects of one model.

use super::{ObjectState, Slot, Undo};
use crate::error::{Error, Result};
use crate::mapper::{LinkKind, Mapper, Object, Registry, RelationAccess};
use crate::types::{ColumnValue, KeyBytes};
use std::collections::HashMap;

/// The objects of one model, and its identity map.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) registry: &'static Registry,
    pub(crate) mapper: &'static Mapper,
    pub(crate) slots: Vec<Slot>,
    by_key: HashMap<KeyBytes, u32>,
    touched: Vec<u32>,
    undone: Vec<u32>,
}

impl Store {
    pub(crate) fn new(registry: &'static Registry, mapper: &'static Mapper) -> Self {
        Self {
            registry,
            mapper,
            slots: Vec::new(),
            by_key: HashMap::new(),
            touched: Vec::new(),
            undone: Vec::new(),
        }
    }

    pub(crate) fn reserve(&mut self, more: usize) {
        self.slots.reserve(more);
        self.by_key.reserve(more);
    }

    fn push(&mut self, slot: Slot) -> u32 {
        let index = u32::try_from(self.slots.len()).expect("a session has fewer than 4 billion objects");
        self.slots.push(slot);
        index
    }

    /// A new object, to be inserted.
    pub(crate) fn add(&mut self, object: Box<dyn Object>) -> u32 {
        let index = self.push(Slot::new(object, ObjectState::Pending));
        self.touch(index);
        index
    }

    /// The slot of a row that the session has.
    pub(crate) fn find(&self, key: &KeyBytes) -> Option<u32> {
        self.by_key.get(key).copied()
    }

    /// A row that the session does not have yet.
    pub(crate) fn load(&mut self, key: KeyBytes, object: Box<dyn Object>) -> u32 {
        let index = self.push(Slot::new(object, ObjectState::Persistent));
        self.by_key.insert(key, index);
        index
    }

    pub(crate) fn identify(&mut self, index: u32) -> Result<()> {
        if let Some(key) = self.key_bytes(self.slot(index).get())? {
            self.by_key.insert(key, index);
        }
        Ok(())
    }

    pub(crate) fn forget(&mut self, index: u32) -> Result<()> {
        let key = match self.slot(index).object.as_deref() {
            Some(object) => self.key_bytes(object)?,
            None => None,
        };
        self.forget_key(index, key);
        Ok(())
    }

    /// [`forget`](Self::forget) under the key that the object had before.
    pub(crate) fn forget_as(&mut self, index: u32, object: &dyn Object) -> Result<()> {
        let key = self.key_bytes(object)?;
        self.forget_key(index, key);
        Ok(())
    }

    fn forget_key(&mut self, index: u32, key: Option<KeyBytes>) {
        if let Some(key) = key
            && self.by_key.get(&key) == Some(&index)
        {
            self.by_key.remove(&key);
        }
    }

    /// The primary key of an object, when it is complete.
    pub(crate) fn key_bytes(&self, object: &dyn Object) -> Result<Option<KeyBytes>> {
        let mut parts = Vec::with_capacity(self.mapper.primary_key.len());
        for column in &self.mapper.primary_key {
            match object.column(*column) {
                ColumnValue::Value(value) => parts.push(value),
                _ => return Ok(None),
            }
        }
        let key = KeyBytes::of(parts);
        key.map(Some).map_err(|why| Error::encode(format_args!("the key of `{}`", self.mapper.def.name), why))
    }

    pub(crate) fn slot(&self, index: u32) -> &Slot {
        &self.slots[index as usize]
    }

    pub(crate) fn slot_mut(&mut self, index: u32) -> &mut Slot {
        &mut self.slots[index as usize]
    }

    /// The object for writing: keeps a snapshot of a persistent one, and has the next flush look at it.
    pub(crate) fn write(&mut self, index: u32) -> &mut dyn Object {
        self.touch(index);
        let slot = self.slot_mut(index);
        match slot.state {
            ObjectState::Transient => slot.state = ObjectState::Pending,
            ObjectState::Persistent | ObjectState::Deleting if slot.original.is_none() => {
                slot.original = Some(slot.get().snapshot());
            }
            _ => {}
        }
        slot.get_mut()
    }

    pub(crate) fn touch(&mut self, index: u32) {
        let slot = self.slot_mut(index);
        if !slot.touched {
            slot.touched = true;
            self.touched.push(index);
        }
    }

    /// The slots that the next flush looks at.
    pub(crate) fn touched(&self) -> &[u32] {
        &self.touched
    }

    /// Ends a flush: nothing is touched any more.
    pub(crate) fn settle(&mut self) {
        for index in std::mem::take(&mut self.touched) {
            let slot = self.slot_mut(index);
            slot.touched = false;
            slot.original = None;
        }
    }

    /// Remembers how to take a change back, unless an earlier change of the transaction is remembered.
    pub(crate) fn remember(&mut self, index: u32, undo: impl FnOnce(&mut Slot) -> Undo) {
        let slot = self.slot_mut(index);
        if slot.undo.is_none() {
            let undo = undo(slot);
            slot.undo = Some(undo);
            self.undone.push(index);
        }
    }

    /// Whether a rollback has something to take back.
    pub(crate) fn has_undo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Changes the members that a collection shows, without counting as a change.
    pub(crate) fn show(
        &mut self,
        index: u32,
        access: &dyn RelationAccess,
        change: impl FnOnce(&mut crate::mapper::Links),
    ) {
        let slot = self.slot(index);
        if slot.object.is_none() || access.links(slot.get().as_any()).loaded.is_none() {
            return;
        }
        // An object that is written anyway has, or will have, its own snapshot.
        if slot.original.is_none() && slot.in_database() {
            self.remember(index, |slot| Undo::Was(slot.get().snapshot()));
        }
        change(access.links_mut(self.slot_mut(index).get_mut().as_any_mut()));
    }

    /// The transaction was committed: nothing can be taken back any more.
    pub(crate) fn commit(&mut self) {
        for index in std::mem::take(&mut self.undone) {
            let slot = self.slot_mut(index);
            slot.undo = None;
            if slot.state == ObjectState::Deleted {
                slot.object = None;
            }
        }
    }

    /// The transaction was rolled back: objects return to what they were when it began.
    pub(crate) fn rollback(&mut self) -> Result<()> {
        for index in std::mem::take(&mut self.undone) {
            match self.slot_mut(index).undo.take() {
                Some(Undo::Inserted(generated)) => self.take_back(index, &generated)?,
                Some(Undo::Was(object)) => {
                    self.forget(index)?;
                    let slot = self.slot_mut(index);
                    (slot.object, slot.original) = (Some(object), None);
                    slot.state = ObjectState::Persistent;
                    self.identify(index)?;
                }
                Some(Undo::Unchanged) => {
                    self.slot_mut(index).state = ObjectState::Persistent;
                    self.identify(index)?;
                }
                None => {}
            }
        }
        for index in std::mem::take(&mut self.touched) {
            let slot = self.slot_mut(index);
            slot.touched = false;
            if let Some(original) = slot.original.take() {
                slot.object = Some(original);
            }
            match slot.state {
                ObjectState::Pending => slot.state = ObjectState::Transient,
                ObjectState::Deleting => slot.state = ObjectState::Persistent,
                _ => {}
            }
        }
        Ok(())
    }

    /// An inserted object that is not in the database any more.
    fn take_back(&mut self, index: u32, generated: &[usize]) -> Result<()> {
        self.forget(index)?;
        let mapper = self.mapper;
        let slot = self.slot_mut(index);
        slot.state = ObjectState::Transient;
        slot.original = None;
        let Some(object) = slot.object.as_deref_mut() else { return Ok(()) };
        for column in generated {
            object.unset_generated(*column);
        }
        for (relation, link) in mapper.def.relations.iter().zip(&mapper.relations) {
            match link.kind {
                LinkKind::ToOne { .. } => relation.access.unresolve(object.as_any_mut()),
                LinkKind::ToMany { .. } | LinkKind::ManyToMany(_) => {
                    let links = relation.access.links_mut(object.as_any_mut());
                    links.added = links.loaded.clone().unwrap_or_default();
                }
            }
        }
        Ok(())
    }
}
