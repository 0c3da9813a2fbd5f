//! Loading a relation of many objects at once: who misses it, and what its rows say.

use super::by_slot::{BySlot, by_slot};
use super::references::{foreign_key_columns, key_of, to_one_target};
use super::{Known, load_rows_as, raw_key, select_in};
use crate::engine::Reply;
use crate::error::{Error, Result};
use crate::mapper::{Association, Layout, LinkKind, Links, Part, SlotSet, ViewBy, ViewLink};
use crate::query::Step;
use crate::sql::{Statement, raw_elements};
use crate::state::{Arena, At, Loaded, ObjectState};
use crate::types::KeyBytes;
use std::borrow::Cow;
use std::collections::HashMap;
use std::convert::Infallible;
use tokio_postgres::Row;

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
    /// What the rows of the members have.
    layout: Cow<'static, Layout>,
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
        let (relation, part) = (step.relation, step.members.fingerprint());
        let owners =
            owners.iter().copied().filter(|slot| misses(arena, At { store, slot: *slot }, step, target));
        let (owners, layout) = (owners.collect(), step.layout(arena.stores[target].mapper));
        let (quiet, replace) = (false, step.members.replace);
        Ok(Self { store, relation, target, owners, part, quiet, replace, layout })
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

    /// Takes the rows into the arena and shows them in the relation of the owners.
    ///
    /// # Errors
    /// [`Decode`](crate::ErrorKind::Decode) for a row that does not fit.
    pub(crate) fn attach(&self, arena: &mut Arena, reply: &Reply) -> Result<()> {
        let known = if self.replace { Known::Replace } else { Known::Keep };
        let slots = load_rows_as(arena, self.target, &reply.rows, &self.layout, known)?;
        let members = match &arena.stores[self.store].mapper.relations[self.relation].kind {
            LinkKind::ToOne { columns, .. } => {
                self.note_absent(arena, columns);
                return Ok(());
            }
            LinkKind::ToMany { foreign_key } => {
                let far = arena.stores[self.target].mapper;
                let columns = self.layout.positions(foreign_key_columns(far, *foreign_key));
                self.by_columns(arena, &reply.rows, &slots, &columns)?
            }
            LinkKind::View(ViewLink { by: ViewBy::Columns { own, far }, .. }) => {
                let columns = self.layout.positions(far);
                self.by_values(arena, &reply.rows, &slots, (own, &columns))?
            }
            LinkKind::ManyToMany(association)
            | LinkKind::View(ViewLink { by: ViewBy::Association(association), .. }) => {
                self.by_arrays(arena, &reply.rows, &slots, association)?
            }
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

    const fn loaded(&self, epoch: u64) -> Loaded {
        Loaded { relation: self.relation, part: self.part, epoch }
    }

    /// The members of each owner, where their rows hold its key.
    fn by_columns(
        &self,
        arena: &Arena,
        rows: &[Row],
        slots: &[u32],
        columns: &[usize],
    ) -> Result<BySlot<SlotSet>> {
        let owners = &arena.stores[self.store];
        let mut members: BySlot<SlotSet> = by_slot(self.owners.len());
        for (row, slot) in rows.iter().zip(slots) {
            if let Some(owner) = raw_key(row, columns.iter().copied())?.and_then(|key| owners.find(&key)) {
                members.entry(owner).or_default().insert(*slot);
            }
        }
        Ok(members)
    }

    /// The members of each owner, where their rows hold values that several owners may have.
    fn by_values(
        &self,
        arena: &Arena,
        rows: &[Row],
        slots: &[u32],
        (own, far): (&[usize], &[usize]),
    ) -> Result<BySlot<SlotSet>> {
        let mut owners: HashMap<KeyBytes, Vec<u32>> = HashMap::with_capacity(self.owners.len());
        for owner in &self.owners {
            if let Some(key) = key_of(arena.stores[self.store].slot(*owner).get(), own) {
                owners.entry(key).or_default().push(*owner);
            }
        }
        let mut members: BySlot<SlotSet> = by_slot(self.owners.len());
        for (row, slot) in rows.iter().zip(slots) {
            let key = raw_key(row, far.iter().copied())?;
            for owner in key.and_then(|key| owners.get(&key)).into_iter().flatten() {
                members.entry(*owner).or_default().insert(*slot);
            }
        }
        Ok(members)
    }

    /// The members of each owner, where each row tells the keys of all its owners.
    fn by_arrays(
        &self,
        arena: &Arena,
        rows: &[Row],
        slots: &[u32],
        association: &Association,
    ) -> Result<BySlot<SlotSet>> {
        let owners = &arena.stores[self.store];
        let first = self.layout.columns().count();
        let mut members: BySlot<SlotSet> = by_slot(self.owners.len());
        for (row, slot) in rows.iter().zip(slots) {
            let columns = first..first + association.owner_columns.len();
            let arrays = columns.map(|at| super::raw_column(row, at)).collect::<Result<Vec<_>>>()?;
            let arrays = arrays.into_iter().map(|raw| raw_elements(raw.unwrap_or_default()));
            let arrays: Vec<Vec<Option<&[u8]>>> =
                arrays.collect::<Result<_, _>>().map_err(|why| Error::decode("the keys of owners", why))?;
            for position in 0..arrays.first().map_or(0, Vec::len) {
                let parts = arrays.iter().map(|array| Ok(array.get(position).copied().flatten()));
                let Ok(key) = KeyBytes::of_raw::<Infallible>(parts);
                if let Some(owner) = key.and_then(|key| owners.find(&key)) {
                    members.entry(owner).or_default().insert(*slot);
                }
            }
        }
        Ok(members)
    }

    /// Shows the members, with the unsaved changes of each collection on top.
    pub(super) fn show(&self, arena: &mut Arena, mut members: BySlot<SlotSet>) {
        let session = arena.session();
        let (store, target) = (self.store, self.target);
        let access = arena.stores[store].mapper.def.relations[self.relation].access;
        for owner in &self.owners {
            let is_there = |slot: &u32| arena.stores[target].slot(*slot).state != ObjectState::Deleted;
            let mut members = members.remove(owner).unwrap_or_default();
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

/// Whether the session does not know these members of an object yet; `target` is the store of the members.
fn misses(arena: &Arena, at: At, step: &Step, target: usize) -> bool {
    let (slot, store) = (arena.slot(at), &arena.stores[at.store]);
    if !slot.in_database() {
        return false;
    }
    let (relation, part) = (step.relation, step.members.fingerprint());
    let is_reloaded = |epoch| store.is_reloaded(at.slot, Loaded { relation, part, epoch });
    let is_known = match store.mapper.relations[relation].kind {
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
            let is_known = if part.is_some() { shown == part } else { links.loaded.is_some() };
            is_known && (!store.is_expired(at.slot) || is_reloaded(0))
        }
    };
    !is_known || step.members.again
}
