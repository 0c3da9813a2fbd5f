//! Loading a relation of many objects at once: who misses it, and what its rows say.

use super::by_slot::BySlot;
use super::members::{MemberRows, OwnerArrays, Whose};
use super::references::{key_of, to_one_target};
use super::{Known, select_in};
use crate::error::Result;
use crate::mapper::{LinkKind, Links, Part, SlotSet, ViewBy, ViewLink};
use crate::query::Step;
use crate::sql::Statement;
use crate::state::{Arena, At, Loaded, ObjectState};
use crate::types::KeyBytes;
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// What is being loaded: a relation of some objects of one store.
#[derive(Debug)]
pub(crate) struct Fetch {
    pub(super) store: usize,
    pub(super) relation: usize,
    pub(super) target: usize,
    /// Those who miss it.
    pub(super) owners: Vec<u32>,
    /// Which part of the members, when it is a part.
    part: Option<u64>,
    /// Whether a part of the members that is shown stays so.
    quiet: bool,
    replace: bool,
}

impl Fetch {
    /// What the owners miss of a relation.
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping) when the models contradict each other.
    pub(crate) fn new(arena: &mut Arena, store: usize, step: &Step, owners: &[u32]) -> Result<Self> {
        let (relation, part) = (step.relation, step.members.fingerprint());
        if part.is_none() {
            owners.iter().for_each(|slot| show_all(arena, At { store, slot: *slot }, relation));
        }
        Self::of(arena, store, step, owners)
    }

    /// What a flush has to know: all members of the owners, hidden or not. What they show stays shown.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn of_all(arena: &mut Arena, store: usize, relation: usize, owners: &[u32]) -> Result<Self> {
        Ok(Self { quiet: true, ..Self::of(arena, store, &Step::new(relation), owners)? })
    }

    fn of(arena: &mut Arena, store: usize, step: &Step, owners: &[u32]) -> Result<Self> {
        let target = arena.neighbour(store, arena.stores[store].mapper.relations[step.relation].target)?;
        let mut fetch = Self {
            store,
            relation: step.relation,
            target,
            owners: Vec::new(),
            part: step.members.fingerprint(),
            quiet: false,
            replace: step.members.replace,
        };
        let misses = |slot: &u32| {
            let at = At { store, slot: *slot };
            arena.slot(at).in_database() && (step.members.again || !fetch.is_known(arena, at))
        };
        fetch.owners = owners.iter().copied().filter(misses).collect();
        Ok(fetch)
    }

    /// Those who miss it.
    pub(crate) fn missing(&self) -> &[u32] {
        &self.owners
    }

    /// The statement that loads it by the keys of the owners; `None` when nothing is missing.
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping) for a condition that is invalid.
    pub(crate) fn statement(&self, arena: &Arena, step: &Step) -> Result<Option<Statement>> {
        select_in::statement(arena, self, step)
    }

    /// What takes the rows.
    pub(crate) fn rows(&self, arena: &Arena, step: &Step) -> MemberRows {
        let store = &arena.stores[self.store];
        MemberRows::new(store.registry, store.mapper, step)
    }

    /// Takes the members into the arena and shows them in the relation of the owners.
    ///
    /// # Errors
    /// [`Decode`](crate::ErrorKind::Decode) for a row that does not fit.
    pub(crate) fn attach(&self, arena: &mut Arena, rows: MemberRows) -> Result<()> {
        let known = if self.replace { Known::Replace } else { Known::Keep };
        let (objects, whose) = rows.finish()?;
        let slots = objects.load(arena, self.target, known)?;
        let members = match (&arena.stores[self.store].mapper.relations[self.relation].kind, whose) {
            (LinkKind::ToOne { columns, .. }, _) => {
                self.note_absent(arena, columns);
                return Ok(());
            }
            (
                LinkKind::View(ViewLink { by: ViewBy::Columns { own, .. }, .. }),
                Whose::Keys { of_rows, .. },
            ) => self.by_values(arena, own, slots.into_iter().zip(of_rows)),
            (_, Whose::Keys { of_rows, .. }) => self.by_keys(arena, slots.into_iter().zip(of_rows)),
            (_, Whose::Arrays(arrays)) => self.by_arrays(arena, &arrays, &slots)?,
            (_, Whose::Owners) => BySlot::of(&[]),
        };
        self.show(arena, members);
        Ok(())
    }

    /// Notes which references lead nowhere, or to rows that were not found again, so that nobody asks again.
    pub(super) fn note_absent(&self, arena: &mut Arena, columns: &[usize]) {
        for slot in &self.owners {
            let at = At { store: self.store, slot: *slot };
            let target = to_one_target(arena, at, self.relation);
            if target.is_none()
                && let Some(key) = key_of(arena.object(at), columns)
            {
                arena.stores[self.store].note_absent(*slot, self.relation, key, self.part);
            }
            if target.is_none_or(|target| arena.stores[target.store].is_expired(target.slot)) {
                let loaded = self.loaded(arena.stores[self.target].epoch());
                arena.stores[self.store].note_reloaded(*slot, loaded);
            }
        }
    }

    /// Whether the session knows the members of an object already.
    fn is_known(&self, arena: &Arena, at: At) -> bool {
        let Self { relation, part, target, .. } = *self;
        let (slot, store) = (arena.slot(at), &arena.stores[at.store]);
        let is_reloaded = |epoch| store.is_reloaded(at.slot, self.loaded(epoch));
        match store.mapper.relations[relation].kind {
            LinkKind::ToOne { columns, .. } => key_of(slot.get(), columns).is_none_or(|key| {
                let is_absent = || store.absent(at.slot, relation, &key) == Some(part);
                let is_stale = |target: At| {
                    arena.slot(target).in_database() && arena.stores[target.store].is_expired(target.slot)
                };
                match to_one_target(arena, at, relation) {
                    Some(target) if !is_stale(target) => true,
                    None if !is_absent() => false,
                    None if !store.is_expired(at.slot) => true,
                    _ => is_reloaded(arena.stores[target].epoch()),
                }
            }),
            LinkKind::ToMany { .. } | LinkKind::ManyToMany(_) | LinkKind::View(_) => {
                let links = store.mapper.def.relations[relation].access.links(slot.get().as_any());
                let shown = links.part.as_deref().map(|Part { of, .. }| *of);
                let is_shown = if part.is_some() { shown == part } else { links.loaded.is_some() };
                is_shown && (!store.is_expired(at.slot) || is_reloaded(0))
            }
        }
    }

    const fn loaded(&self, epoch: u64) -> Loaded {
        Loaded { relation: self.relation, part: self.part, epoch }
    }

    /// The members of each owner, where their rows hold its key.
    fn by_keys(&self, arena: &Arena, rows: impl Iterator<Item = (u32, Option<KeyBytes>)>) -> BySlot<SlotSet> {
        let owners = &arena.stores[self.store];
        let mut members: BySlot<SlotSet> = BySlot::of(&self.owners);
        for (slot, key) in rows {
            if let Some(members) = key.and_then(|key| members.get_mut(owners.find(&key)?)) {
                members.insert(slot);
            }
        }
        members
    }

    /// The members of each owner, where their rows hold values that several owners may have.
    fn by_values(
        &self,
        arena: &Arena,
        own: &[usize],
        rows: impl Iterator<Item = (u32, Option<KeyBytes>)>,
    ) -> BySlot<SlotSet> {
        let mut owners: HashMap<KeyBytes, Vec<u32>, RandomState> = HashMap::default();
        for owner in &self.owners {
            if let Some(key) = key_of(arena.stores[self.store].slot(*owner).get(), own) {
                owners.entry(key).or_default().push(*owner);
            }
        }
        let mut members: BySlot<SlotSet> = BySlot::of(&self.owners);
        for (slot, key) in rows {
            for owner in key.and_then(|key| owners.get(&key)).into_iter().flatten() {
                members.get_mut(*owner).map(|members| members.insert(slot));
            }
        }
        members
    }

    /// The members of each owner, where each row tells the keys of all its owners.
    fn by_arrays(&self, arena: &Arena, arrays: &OwnerArrays, slots: &[u32]) -> Result<BySlot<SlotSet>> {
        let owners = &arena.stores[self.store];
        let mut members: BySlot<SlotSet> = BySlot::of(&self.owners);
        arrays.each(|row, key| {
            if let Some(members) = owners.find(&key).and_then(|owner| members.get_mut(owner)) {
                members.insert(slots[row]);
            }
        })?;
        Ok(members)
    }

    /// Shows the members, with the unsaved changes of each collection on top.
    pub(super) fn show(&self, arena: &mut Arena, mut members: BySlot<SlotSet>) {
        let session = arena.session();
        let (store, target) = (self.store, self.target);
        let access = arena.stores[store].mapper.def.relations[self.relation].access;
        for owner in &self.owners {
            let is_there = |slot: &u32| arena.stores[target].slot(*slot).state != ObjectState::Deleted;
            let mut members = members.take(*owner);
            if !members.as_slice().iter().all(is_there) {
                members = members.as_slice().iter().copied().filter(is_there).collect();
            }
            let slot = arena.stores[store].slot_mut(*owner);
            // The snapshot has to know the members too: they are what the database has.
            if let Some(original) = slot.original.as_deref_mut() {
                self.know(session, access.links_mut(original.as_any_mut()), members.clone());
            }
            let links = access.links_mut(slot.get_mut().as_any_mut());
            for removed in links.changes.removed.as_slice() {
                members.remove(*removed);
            }
            for added in links.changes.added.as_slice() {
                members.insert(*added);
            }
            self.know(session, links, members);
            if arena.stores[store].is_expired(*owner) {
                arena.stores[store].note_reloaded(*owner, self.loaded(0));
            }
            arena.was_loaded(At { store, slot: *owner }, self.relation);
        }
    }

    /// Notes the members in a collection.
    fn know(&self, session: u64, links: &mut Links, members: SlotSet) {
        let shown = links.part.take().filter(|_| self.quiet);
        links.know(session, members, self.part);
        links.part = links.part.take().or(shown);
    }
}

/// Shows all members where they are known, in place of a part.
fn show_all(arena: &mut Arena, at: At, relation: usize) {
    let mapper = arena.stores[at.store].mapper;
    let slot = arena.slot_mut(at);
    if slot.object.is_some() && !matches!(mapper.relations[relation].kind, LinkKind::ToOne { .. }) {
        let links = mapper.def.relations[relation].access.links_mut(slot.get_mut().as_any_mut());
        if links.loaded.is_some() {
            links.part = None;
        }
    }
}
