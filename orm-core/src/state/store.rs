//! All objects of one model.

use super::absent::Absent;
use super::reloaded::{Loaded, Reloaded};
use super::siblings::Siblings;
use super::undo::UndoLog;
use super::{Expressions, Note, ObjectState, Slot, Undo};
use crate::error::{Error, Result};
use crate::mapper::{LinkKind, Mapper, Object, Registry, RelationAccess};
use crate::sql::Expr;
use crate::types::{ColumnValue, KeyBytes};
use foldhash::fast::RandomState;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// The objects of one model, and its identity map.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) registry: &'static Registry,
    pub(crate) mapper: &'static Mapper,
    pub(crate) slots: Vec<Slot>,
    /// What the database computes with the next flush.
    pub(crate) expressions: Expressions,
    by_key: HashMap<KeyBytes, u32, RandomState>,
    pub(super) touched: Vec<u32>,
    undo: UndoLog,
    /// Which of them came together.
    siblings: Siblings,
    /// References that lead nowhere.
    absent: Absent,
    reloaded: Reloaded,
    /// Grows when everything becomes stale.
    epoch: u64,
    /// What happened to the objects, when somebody listens.
    pub(super) notes: Option<Vec<Note>>,
}

impl Store {
    /// An empty store, inside of so many savepoints.
    pub(crate) fn new(registry: &'static Registry, mapper: &'static Mapper, savepoints: usize) -> Self {
        Self {
            registry,
            mapper,
            slots: Vec::new(),
            expressions: Expressions::default(),
            by_key: HashMap::default(),
            touched: Vec::new(),
            undo: UndoLog::inside(savepoints),
            siblings: Siblings::default(),
            absent: Absent::default(),
            reloaded: Reloaded::default(),
            epoch: 1,
            notes: None,
        }
    }

    /// The target of a reference was asked for, and there is none among those that were looked at.
    pub(crate) fn note_absent(&mut self, slot: u32, relation: usize, key: KeyBytes, part: Option<u64>) {
        self.absent.note(slot, relation, key, part);
    }

    /// Among which targets there was none for a reference with this key, the last time that somebody asked.
    pub(crate) fn absent(&self, slot: u32, relation: usize, key: &KeyBytes) -> Option<Option<u64>> {
        self.absent.of(slot, relation, key)
    }

    pub(crate) fn reserve(&mut self, more: usize) {
        self.slots.reserve(more);
        self.by_key.reserve(more);
    }

    fn push(&mut self, slot: Slot) -> u32 {
        let index = next_index(&self.slots);
        self.slots.push(slot);
        index
    }

    /// A new object, to be inserted.
    pub(crate) fn add(&mut self, object: Box<dyn Object>) -> u32 {
        let index = self.push(Slot::new(object, ObjectState::Transient, self.epoch));
        self.enter(index, ObjectState::Pending);
        self.touch(index);
        index
    }

    /// The slot of a row that the session has.
    pub(crate) fn find(&self, key: &KeyBytes) -> Option<u32> {
        self.by_key.get(key).copied()
    }

    /// Takes a row that the session does not have yet; gives the object back beside the slot that has the row otherwise.
    pub(crate) fn find_or_load(
        &mut self,
        key: KeyBytes,
        object: Box<dyn Object>,
    ) -> Result<u32, (u32, Box<dyn Object>)> {
        let index = next_index(&self.slots);
        match self.by_key.entry(key) {
            Entry::Occupied(mut known) => {
                let slot = *known.get();
                if self.slots[slot as usize].state != ObjectState::Deleted {
                    return Err((slot, object));
                }
                known.insert(index);
            }
            Entry::Vacant(place) => {
                place.insert(index);
            }
        }
        self.slots.push(Slot::new(object, ObjectState::Persistent, self.epoch));
        self.note(Note::Loaded { slot: index });
        Ok(index)
    }

    /// These objects came with one result: what is loaded of one of them is loaded of all.
    pub(crate) fn came_together(&mut self, slots: &[u32]) {
        if slots.iter().all(|slot| *slot == slots[0]) {
            return;
        }
        let result = self.siblings.next();
        let (mut unique, mut before) = (Vec::with_capacity(slots.len()), Vec::with_capacity(slots.len()));
        for slot in slots {
            let former = std::mem::replace(&mut self.slot_mut(*slot).result, result);
            if former != result {
                unique.push(*slot);
                before.push(former);
            }
        }
        self.siblings.came(unique.into(), before.into_iter());
    }

    /// The objects that came with some objects, those included that came with others at all.
    pub(crate) fn siblings(&self, slots: &[u32]) -> Vec<u32> {
        let results: HashSet<u32> = slots.iter().map(|slot| self.slot(*slot).result).collect();
        let together = |result: u32| {
            let all = self.siblings.of(result).iter().copied();
            all.filter(move |slot| self.slot(*slot).result == result)
        };
        results.into_iter().flat_map(together).collect()
    }

    /// Has the key of an object mean that object; gives the one that it meant before.
    pub(crate) fn identify(&mut self, index: u32) -> Result<Option<u32>> {
        let key = self.key_bytes(self.slot(index).get())?;
        let before = key.and_then(|key| self.by_key.insert(key, index));
        Ok(before.filter(|before| *before != index))
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

    /// The database changed the key of a row.
    pub(crate) fn rekey(&mut self, index: u32, before: Option<&KeyBytes>, after: Option<KeyBytes>) {
        self.forget_key(index, before.cloned());
        self.by_key.extend(after.map(|key| (key, index)));
    }

    /// The primary key of an object, when it is complete.
    pub(crate) fn key_bytes(&self, object: &dyn Object) -> Result<Option<KeyBytes>> {
        let key = KeyBytes::of_values(self.mapper.primary_key.iter().map(|column| object.column(*column)));
        key.map_err(|why| Error::encode(format_args!("the key of `{}`", self.mapper.def.name), why))
    }

    /// `Customer(7)`, for messages.
    pub(crate) fn name_of(&self, object: &dyn Object) -> String {
        let key = self.mapper.primary_key.iter().map(|column| object.column(*column).to_json().to_string());
        format!("{}({})", self.mapper.def.name, key.collect::<Vec<_>>().join(", "))
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
            ObjectState::Transient => self.enter(index, ObjectState::Pending),
            ObjectState::Persistent | ObjectState::Deleting if slot.original.is_none() => {
                slot.original = Some(slot.get().snapshot());
            }
            _ => {}
        }
        self.slot_mut(index).get_mut()
    }

    /// Has the next flush set a column to an expression.
    pub(crate) fn compute(&mut self, index: u32, column: usize, expr: Expr) {
        let object = self.slots[index as usize].get();
        self.expressions.set(index, object, column, expr);
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
        self.expressions.clear();
        for index in std::mem::take(&mut self.touched) {
            let slot = self.slot_mut(index);
            slot.touched = false;
            slot.original = None;
        }
    }

    /// Remembers how to take a change back, unless an earlier change since the transaction or the savepoint began is
    /// remembered.
    pub(crate) fn remember(&mut self, index: u32, undo: impl FnOnce(&mut Slot) -> Undo) {
        let slot = &mut self.slots[index as usize];
        if !self.undo.has(slot.undo) {
            let undo = undo(slot);
            slot.undo = Some(self.undo.push(index, slot.undo, undo));
        }
    }

    /// Whether a rollback has something to take back.
    pub(crate) fn has_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// Whether the database may have another value by now.
    pub(crate) fn is_expired(&self, index: u32) -> bool {
        self.slot(index).fresh < self.epoch
    }

    /// A number that changes when everything becomes stale.
    pub(crate) const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Notes that a relation of an object, which may be stale, is what the database has.
    pub(crate) fn note_reloaded(&mut self, index: u32, loaded: Loaded) {
        self.reloaded.note(index, loaded);
    }

    /// Whether a relation of an object is not stale, even if the object is.
    pub(crate) fn is_reloaded(&self, index: u32, loaded: Loaded) -> bool {
        self.reloaded.has(index, loaded)
    }

    /// Makes everything stale.
    pub(crate) fn expire_all(&mut self) {
        self.epoch += 1;
        self.reloaded.clear();
    }

    /// Makes an object stale, and drops its unsaved changes.
    pub(crate) fn expire(&mut self, index: u32) {
        self.expressions.forget(index);
        let slot = self.slot_mut(index);
        if let Some(original) = slot.original.take() {
            slot.object = Some(original);
        }
        slot.fresh = 0;
        self.reloaded.forget(index);
    }

    /// [`expire`](Self::expire), for what the session keeps: its unsaved changes stay.
    pub(crate) fn doubt(&mut self, index: u32) {
        self.slot_mut(index).fresh = 0;
        self.reloaded.forget(index);
    }

    /// Takes over what the database has of an object by now; with `keep` unsaved changes stay on top.
    ///
    /// Collections are not loaded any more, as nobody knows what they hold by now.
    pub(crate) fn renew(&mut self, index: u32, row: Box<dyn Object>, keep: bool) {
        let (mapper, epoch) = (self.mapper, self.epoch);
        self.note(Note::Refreshed { slot: index });
        self.absent.forget(index);
        self.reloaded.forget(index);
        let slot = &mut self.slots[index as usize];
        slot.fresh = epoch;
        let changed = slot.original.take().filter(|_| keep).zip(slot.object.take());
        let Some((original, mut object)) = changed else {
            slot.object = Some(row);
            self.expressions.forget(index);
            return;
        };
        let mut renewed = row.snapshot();
        for column in 0..mapper.def.columns.len() {
            if !original.column(column).same_as(&object.column(column)) {
                renewed.copy_column(column, object.as_ref());
            }
        }
        for (relation, link) in mapper.def.relations.iter().zip(&mapper.relations) {
            if !matches!(link.kind, LinkKind::ToOne { .. }) {
                let new = relation.access.take_new(object.as_any_mut());
                let changes = relation.access.links(object.as_any()).clone();
                *relation.access.links_mut(renewed.as_any_mut()) =
                    crate::mapper::Links { loaded: None, part: None, ..changes };
                relation.access.put_new(renewed.as_any_mut(), new);
            }
        }
        self.expressions.keep(index, object.as_ref(), renewed.as_ref());
        (slot.original, slot.object) = (Some(row), Some(renewed));
    }

    /// Takes over what a row says of columns that were not loaded.
    pub(crate) fn complete(&mut self, index: u32, row: &dyn Object) {
        for object in self.slot_mut(index).images_mut() {
            for column in 0..row.def().columns.len() {
                if matches!(object.column(column), ColumnValue::NotLoaded) {
                    object.copy_column(column, row);
                }
            }
        }
    }

    /// Takes over the columns that the open transaction wrote into a row, but for references; unsaved changes stay on top.
    pub(crate) fn take_values(&mut self, index: u32, row: &dyn Object) {
        let mapper = self.mapper;
        self.remember(index, |slot| Undo::Was(slot.stored().snapshot()));
        let slot = self.slot_mut(index);
        let is_reference =
            |column: &usize| mapper.relations.iter().any(|link| link.kind.own_columns().contains(column));
        let is_read = |column: &usize| !matches!(row.column(*column), ColumnValue::NotLoaded);
        let taken = |column: &usize| is_read(column) && !is_reference(column);
        for column in (0..mapper.def.columns.len()).filter(taken) {
            let original = slot.original.as_deref_mut();
            let is_unsaved = original.as_ref().is_some_and(|o| {
                !slot.object.as_deref().is_some_and(|n| o.column(column).same_as(&n.column(column)))
            });
            if let Some(original) = original {
                original.copy_column(column, row);
            }
            if !is_unsaved {
                slot.get_mut().copy_column(column, row);
            }
        }
        slot.images_mut().for_each(|object| mapper.renew_shared(object, row));
    }

    /// Takes an object out of the session.
    ///
    /// # Errors
    /// [`Encode`](crate::ErrorKind::Encode) for an object whose key has no binary form.
    pub(crate) fn take_out(&mut self, index: u32) -> Result<Option<Box<dyn Object>>> {
        match self.slot(index).original.as_deref().map(|original| self.key_bytes(original)) {
            Some(key) => self.forget_key(index, key?),
            None => self.forget(index)?,
        }
        self.expressions.forget(index);
        self.enter(index, ObjectState::Detached);
        let slot = self.slot_mut(index);
        slot.original = None;
        Ok(slot.object.take())
    }

    /// The row of an object is not there any more; `undone` says that a rollback may bring it back.
    ///
    /// # Errors
    /// As [`take_out`](Self::take_out).
    pub(crate) fn lose(&mut self, index: u32, undone: bool) -> Result<()> {
        self.forget(index)?;
        let original = self.slot_mut(index).original.take();
        if undone {
            self.remember(index, |_| original.map_or(Undo::Unchanged, Undo::Was));
        }
        self.enter(index, ObjectState::Deleted);
        Ok(())
    }

    /// Changes the members that a collection shows, without counting as a change.
    pub(crate) fn show(
        &mut self,
        index: u32,
        access: &dyn RelationAccess,
        change: impl FnOnce(&mut crate::mapper::Links),
    ) {
        let slot = self.slot(index);
        if slot.object.is_none() || access.links(slot.get().as_any()).shown().is_none() {
            return;
        }
        // An object that is written anyway has, or will have, its own snapshot.
        if slot.original.is_none() && slot.in_database() {
            self.remember(index, |slot| Undo::Was(slot.get().snapshot()));
        }
        change(access.links_mut(self.slot_mut(index).get_mut().as_any_mut()));
    }

    /// A member of a collection left the session: what the collection holds is not known any more.
    pub(crate) fn forget_member(&mut self, index: u32, access: &dyn RelationAccess, member: u32) {
        let slot = self.slot_mut(index);
        let in_database = slot.in_database();
        for object in slot.object.as_deref_mut().into_iter().chain(slot.original.as_deref_mut()) {
            let links = access.links_mut(object.as_any_mut());
            links.changes.take_added(member);
            links.changes.take_removed(member);
            if in_database {
                if links.shown().is_some_and(|shown| shown.contains(member)) {
                    links.forget();
                }
            } else {
                links.hide(member);
            }
        }
    }

    /// The transaction was committed: nothing can be taken back any more.
    pub(crate) fn commit(&mut self) {
        for entry in self.undo.clear() {
            let slot = self.slot_mut(entry.slot);
            slot.undo = None;
            if slot.state == ObjectState::Deleted {
                slot.object = None;
            }
        }
    }

    /// A savepoint begins.
    pub(crate) fn savepoint(&mut self) {
        self.undo.mark();
    }

    /// The savepoints from `level` on end, and keep their changes.
    pub(crate) fn release(&mut self, level: usize) {
        let slots = &mut self.slots;
        self.undo.release(level, |slot, last| slots[slot as usize].undo = last);
    }

    /// The savepoints from `level` on were rolled back, or the whole transaction: objects return to what they were when
    /// that began.
    pub(crate) fn rollback(&mut self, level: Option<usize>) -> Result<()> {
        self.reloaded.clear();
        self.expressions.clear();
        let mut replaced = Vec::new();
        for entry in self.undo.since(level) {
            let index = entry.slot;
            self.slot_mut(index).undo = entry.before;
            if self.slot(index).state != ObjectState::Detached {
                replaced.extend(self.take_change_back(index, entry.undo)?);
            }
        }
        for index in std::mem::take(&mut self.touched) {
            let slot = self.slot_mut(index);
            slot.touched = false;
            if let Some(original) = slot.original.take() {
                slot.object = Some(original);
            }
            match slot.state {
                ObjectState::Pending => self.enter(index, ObjectState::Transient),
                ObjectState::Deleting => self.enter(index, ObjectState::Persistent),
                _ => {}
            }
        }
        replaced.into_iter().try_for_each(|index| self.give_way(index))
    }

    /// Ends an object that was read under the key of one that a rollback brought back: its row was written after the
    /// deletion of the other's, and is gone.
    fn give_way(&mut self, index: u32) -> Result<()> {
        if !self.slot(index).in_database() {
            return Ok(());
        }
        let key = self.key_bytes(self.slot(index).get())?;
        if key.and_then(|key| self.find(&key)) != Some(index) {
            self.enter(index, ObjectState::Deleted);
            self.slot_mut(index).object = None;
        }
        Ok(())
    }

    /// Gives the object whose key another one has again.
    fn take_change_back(&mut self, index: u32, undo: Undo) -> Result<Option<u32>> {
        match undo {
            Undo::Inserted(generated) => return self.take_back(index, &generated).map(|()| None),
            Undo::Was(object) => {
                self.forget(index)?;
                // Its key may have followed another one before its own change was sent.
                if let Some(row) = self.slot_mut(index).original.take() {
                    self.forget_as(index, row.as_ref())?;
                }
                let slot = self.slot_mut(index);
                slot.object = Some(object);
                self.enter(index, ObjectState::Persistent);
            }
            Undo::Unchanged => self.enter(index, ObjectState::Persistent),
        }
        self.identify(index)
    }

    /// An inserted object that is not in the database any more.
    fn take_back(&mut self, index: u32, generated: &[usize]) -> Result<()> {
        self.forget(index)?;
        let mapper = self.mapper;
        self.enter(index, ObjectState::Transient);
        let slot = self.slot_mut(index);
        slot.original = None;
        let Some(object) = slot.object.as_deref_mut() else { return Ok(()) };
        for column in generated {
            object.unset_generated(*column);
        }
        for (relation, link) in mapper.def.relations.iter().zip(&mapper.relations) {
            match link.kind {
                LinkKind::ToOne { .. } => relation.access.unresolve(object.as_any_mut()),
                LinkKind::View(_) => relation.access.links_mut(object.as_any_mut()).forget(),
                LinkKind::ToMany { .. } | LinkKind::ManyToMany(_) => {
                    let links = relation.access.links_mut(object.as_any_mut());
                    links.changes.added = links.loaded.clone().unwrap_or_default();
                }
            }
        }
        Ok(())
    }
}

fn next_index(slots: &[Slot]) -> u32 {
    u32::try_from(slots.len()).expect("a session has fewer than 4 billion objects")
}
