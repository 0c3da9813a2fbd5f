//! All objects of a session.

use super::undo::Log;
use super::{ObjectState, Slot, Store};
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{Criteria, DeclarativeBase, Handle, LinkKind, Model, ModelDef, Object, Registry};
use std::any::TypeId;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};

/// The place of an object: its store and its slot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct At {
    pub(crate) store: usize,
    pub(crate) slot: u32,
}

/// The stores of a session.
#[derive(Debug)]
pub(crate) struct Arena {
    session: u64,
    /// The numbers that it had before it was emptied.
    former: Vec<u64>,
    pub(crate) stores: Vec<Store>,
    by_type: HashMap<TypeId, usize>,
    /// The open savepoints, each with a number of its own.
    savepoints: Vec<u64>,
    /// Whether the open transaction wrote something that no object tells of.
    wrote: bool,
    /// Collections that were loaded after the open transaction wrote something: what they show includes its writes.
    unsure: Log<(At, usize)>,
    /// Objects that were read after it wrote something.
    doubtful: Log<At>,
    /// Objects that left the session after it wrote something.
    left: HashSet<At>,
    /// The models that somebody listens to.
    watched: HashSet<TypeId>,
    /// What rows have to meet to be seen.
    criteria: Criteria,
}

impl Arena {
    pub(crate) fn new() -> Self {
        Self {
            session: next_number(),
            former: Vec::new(),
            stores: Vec::new(),
            by_type: HashMap::new(),
            savepoints: Vec::new(),
            wrote: false,
            unsure: Log::default(),
            doubtful: Log::default(),
            left: HashSet::new(),
            watched: HashSet::new(),
            criteria: Criteria::default(),
        }
    }

    /// Drops every object. Handles are of a former number from now on, so that none of them can meet a new object.
    pub(crate) fn clear(&mut self) {
        let (mut former, watched) = (std::mem::take(&mut self.former), std::mem::take(&mut self.watched));
        let criteria = std::mem::take(&mut self.criteria);
        former.push(self.session);
        if former.len() == FORMER {
            former.drain(..FORMER / 2);
        }
        let (wrote, savepoints) = (self.is_writing(), std::mem::take(&mut self.savepoints));
        let (unsure, doubtful) = (Log::inside(savepoints.len()), Log::inside(savepoints.len()));
        *self = Self { former, savepoints, wrote, watched, criteria, unsure, doubtful, ..Self::new() };
    }

    pub(crate) const fn session(&self) -> u64 {
        self.session
    }

    /// What rows have to meet to be seen.
    pub(crate) const fn criteria(&self) -> &Criteria {
        &self.criteria
    }

    pub(crate) const fn criteria_mut(&mut self) -> &mut Criteria {
        &mut self.criteria
    }

    /// The store of a model, made when it is first asked for.
    pub(crate) fn store_of(&mut self, registry: &'static Registry, def: &ModelDef) -> Result<usize> {
        let type_id = (def.type_id)();
        if let Some(store) = self.by_type.get(&type_id) {
            return Ok(*store);
        }
        let mapper = registry.mapper(def)?;
        let mut store = Store::new(registry, mapper, self.savepoints.len());
        if self.watched.contains(&type_id) {
            store.watch();
        }
        self.stores.push(store);
        self.by_type.insert(type_id, self.stores.len() - 1);
        Ok(self.stores.len() - 1)
    }

    /// From now on what happens to objects of a model is written down.
    pub(crate) fn watch(&mut self, model: TypeId) {
        self.watched.insert(model);
        if let Some(store) = self.by_type.get(&model) {
            self.stores[*store].watch();
        }
    }

    /// The store of a model.
    pub(crate) fn store_for<T: Model>(&mut self) -> Result<usize> {
        self.store_of(T::Base::registry()?, T::def())
    }

    /// The store of the model at position `mapper` of the registry of another store.
    pub(crate) fn neighbour(&mut self, store: usize, mapper: usize) -> Result<usize> {
        let registry = self.stores[store].registry;
        self.store_of(registry, registry.mappers()[mapper].def)
    }

    /// [`neighbour`](Self::neighbour), when it has a store already.
    pub(crate) fn known_neighbour(&self, store: usize, mapper: usize) -> Option<usize> {
        let registry = self.stores[store].registry;
        self.by_type.get(&(registry.mappers()[mapper].def.type_id)()).copied()
    }

    pub(crate) fn slot(&self, at: At) -> &Slot {
        self.stores[at.store].slot(at.slot)
    }

    pub(crate) fn slot_mut(&mut self, at: At) -> &mut Slot {
        self.stores[at.store].slot_mut(at.slot)
    }

    pub(crate) fn object(&self, at: At) -> &dyn Object {
        self.slot(at).get()
    }

    /// Two different objects at once, the first for changing.
    pub(crate) fn pair(&mut self, change: At, read: At) -> Option<(&mut dyn Object, &dyn Object)> {
        if change.store == read.store {
            let slots = &mut self.stores[change.store].slots;
            let [one, two] = slots.get_disjoint_mut([change.slot as usize, read.slot as usize]).ok()?;
            return Some((one.get_mut(), two.get()));
        }
        let [one, two] = self.stores.get_disjoint_mut([change.store, read.store]).ok()?;
        Some((one.slot_mut(change.slot).get_mut(), two.slot(read.slot).get()))
    }

    /// Where the object of a handle is.
    ///
    /// # Errors
    /// [`ForeignHandle`](ErrorKind::ForeignHandle) for one of another session, [`Gone`](ErrorKind::Gone) for one that was
    /// deleted or is not in the session any more.
    pub(crate) fn locate<T: Model>(&self, handle: Handle<T>) -> Result<At> {
        let at = self.find(handle)?;
        match self.slot(at).state {
            ObjectState::Deleted => Err(gone(handle, "was deleted")),
            ObjectState::Detached => Err(gone(handle, "was taken out of the session")),
            _ => Ok(at),
        }
    }

    /// Where the object of a handle is, or was.
    ///
    /// # Errors
    /// [`ForeignHandle`](ErrorKind::ForeignHandle) for one of another session.
    pub(crate) fn find<T: Model>(&self, handle: Handle<T>) -> Result<At> {
        if handle.session_id() != self.session {
            if self.former.contains(&handle.session_id()) {
                return Err(gone(handle, "was taken out of the session"));
            }
            return Err(Error::new(
                ErrorKind::ForeignHandle,
                format!(
                    "{handle:?} belongs to session {}, this is session {}",
                    handle.session_id(),
                    self.session
                ),
            )
            .with_model(T::def().name));
        }
        let store = self.by_type.get(&TypeId::of::<T>());
        let at = store.map(|store| At { store: *store, slot: handle.index() });
        let is_there = |at: &At| (at.slot as usize) < self.stores[at.store].slots.len();
        at.filter(is_there).ok_or_else(|| gone(handle, "is unknown"))
    }

    /// Whether the next flush has something to look at.
    pub(crate) fn is_touched(&self) -> bool {
        self.stores.iter().any(|store| !store.touched().is_empty())
    }

    /// Every object that the next flush looks at.
    pub(crate) fn touched(&self) -> Vec<At> {
        let all = self.stores.iter().enumerate();
        let all = all.flat_map(|(store, s)| s.touched().iter().map(move |slot| At { store, slot: *slot }));
        all.filter(|at| self.slot(*at).object.is_some()).collect()
    }

    /// The objects that were touched since the last call with the same `seen`.
    pub(crate) fn touched_since(&self, seen: &mut Vec<usize>) -> Vec<At> {
        seen.resize(self.stores.len(), 0);
        let mut new = Vec::new();
        for (store, seen) in seen.iter_mut().enumerate() {
            let touched = self.stores[store].touched();
            let there = |slot: &&u32| self.stores[store].slot(**slot).object.is_some();
            new.extend(touched[*seen..].iter().filter(there).map(|slot| At { store, slot: *slot }));
            *seen = touched.len();
        }
        new
    }

    pub(crate) fn commit(&mut self) {
        self.savepoints.clear();
        self.wrote = false;
        self.unsure.since(None);
        self.doubtful.since(None);
        self.left.clear();
        self.stores.iter_mut().for_each(Store::commit);
    }

    pub(crate) fn settle(&mut self) {
        self.stores.iter_mut().for_each(Store::settle);
    }

    /// The open transaction writes something that no object tells of.
    pub(crate) fn note_write(&mut self) {
        self.wrote = true;
    }

    /// Whether what is read now may show writes of the open transaction.
    fn is_writing(&self) -> bool {
        self.wrote || self.stores.iter().any(Store::has_undo)
    }

    /// A collection was loaded: when that shows writes of the open transaction, a rollback has to forget it.
    pub(crate) fn was_loaded(&mut self, owner: At, relation: usize) {
        if self.is_writing() {
            self.unsure.push((owner, relation));
        }
    }

    /// Objects were read: when they show writes of the open transaction, a rollback makes them stale.
    pub(crate) fn was_read(&mut self, store: usize, slots: impl IntoIterator<Item = u32>) {
        if self.is_writing() {
            slots.into_iter().for_each(|slot| self.doubtful.push(At { store, slot }));
        }
    }

    /// Everything leaves the session, as those hear it who listen.
    pub(crate) fn leave_all(&mut self) {
        for store in self.stores.iter_mut().filter(|store| store.is_watched()) {
            for slot in (0_u32..).take(store.slots.len()) {
                if store.slot(slot).object.is_some() {
                    store.enter(slot, ObjectState::Detached);
                }
            }
        }
    }

    /// Takes an object out of the session.
    ///
    /// # Errors
    /// [`Encode`](ErrorKind::Encode) for an object whose key has no binary form.
    pub(crate) fn take_out(&mut self, at: At) -> Result<Option<Box<dyn Object>>> {
        if self.is_writing() {
            self.left.insert(at);
        }
        self.stores[at.store].take_out(at.slot)
    }

    /// Collections that a rollback restored with members which left the session are not loaded: nobody knows what
    /// became of those.
    fn forget_those_that_left(&mut self) {
        if self.left.is_empty() {
            return;
        }
        for store in 0..self.stores.len() {
            let mapper = self.stores[store].mapper;
            for (relation, link) in mapper.relations.iter().enumerate() {
                let target = self.known_neighbour(store, link.target);
                let (LinkKind::ToMany { .. } | LinkKind::ManyToMany(_) | LinkKind::View(_), Some(target)) =
                    (&link.kind, target)
                else {
                    continue;
                };
                let access = mapper.def.relations[relation].access;
                let left = |slot: &u32| self.left.contains(&At { store: target, slot: *slot });
                for slot in self.stores[store].slots.iter_mut().filter(|slot| slot.in_database()) {
                    let links = access.links_mut(slot.get_mut().as_any_mut());
                    if links.shown().is_some_and(|shown| shown.as_slice().iter().any(left)) {
                        links.forget();
                    }
                }
            }
        }
    }

    /// How many savepoints are open.
    pub(crate) fn savepoints(&self) -> usize {
        self.savepoints.len()
    }

    /// The number of the savepoint at a level, if one is open there.
    pub(crate) fn savepoint_at(&self, level: usize) -> Option<u64> {
        self.savepoints.get(level).copied()
    }

    /// A savepoint begins; gives its level.
    pub(crate) fn savepoint(&mut self) -> usize {
        self.unsure.mark();
        self.doubtful.mark();
        self.stores.iter_mut().for_each(Store::savepoint);
        self.savepoints.push(next_number());
        self.savepoints.len() - 1
    }

    /// The savepoints from `level` on end, and keep their changes.
    pub(crate) fn release(&mut self, level: usize) {
        self.unsure.release(level);
        self.doubtful.release(level);
        self.stores.iter_mut().for_each(|store| store.release(level));
        self.savepoints.truncate(level);
    }

    /// The savepoints from `level` on were rolled back, or the whole transaction.
    pub(crate) fn rollback(&mut self, level: Option<usize>) -> Result<()> {
        self.stores.iter_mut().try_for_each(|store| store.rollback(level))?;
        for (at, relation) in self.unsure.since(level) {
            let access = self.stores[at.store].mapper.def.relations[relation].access;
            if self.slot(at).in_database() {
                access.links_mut(self.slot_mut(at).get_mut().as_any_mut()).forget();
            }
        }
        for at in self.doubtful.since(level) {
            self.stores[at.store].doubt(at.slot);
        }
        self.forget_those_that_left();
        if level.is_none() {
            self.left.clear();
        }
        self.savepoints.truncate(level.unwrap_or(0));
        self.wrote &= level.is_some();
        Ok(())
    }
}

/// How many former numbers a session remembers; handles that are older belong to an unknown session.
const FORMER: usize = 1_000;

fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn gone<T: Model>(handle: Handle<T>, how: &str) -> Error {
    Error::new(ErrorKind::Gone, format!("the object of {handle:?} {how}")).with_model(T::def().name)
}
