//! The parts of relation fields that do not know the model at the other end.

use super::SlotSet;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

/// The members of a collection, as slots of one session's arena.
///
/// Changes are kept beside the loaded list, so that a collection can be changed without being loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// The session that the slots belong to; 0 until there is one.
    pub session: u64,
    /// The members, when all of them are known.
    pub loaded: Option<SlotSet>,
    /// Some of the members, when just these were asked for last: what is shown in place of all.
    pub part: Option<Box<Part>>,
    /// What the program said of single members since the last flush.
    pub changes: ChangedLinks,
    /// Whether the program made this list as a whole: what it does not name is not in it.
    pub is_replaced: bool,
    /// Whether the order of the members has to be written.
    pub(crate) is_reordered: bool,
}

/// [`LinkChanges`] in a box that is made with the first of them: most collections have none, and there are many.
#[derive(Clone, Debug, Default)]
pub struct ChangedLinks(Option<Box<LinkChanges>>);

impl Deref for ChangedLinks {
    type Target = LinkChanges;

    fn deref(&self) -> &LinkChanges {
        static NONE: LinkChanges = LinkChanges::none();
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for ChangedLinks {
    fn deref_mut(&mut self) -> &mut LinkChanges {
        self.0.get_or_insert_default()
    }
}

impl ChangedLinks {
    /// Forgets that a member was added; `false` when it was not.
    pub(crate) fn take_added(&mut self, slot: u32) -> bool {
        self.0.as_mut().is_some_and(|changes| changes.added.remove(slot))
    }

    /// Forgets that a member was removed; `false` when it was not.
    pub(crate) fn take_removed(&mut self, slot: u32) -> bool {
        self.0.as_mut().is_some_and(|changes| changes.removed.remove(slot))
    }
}

impl PartialEq for ChangedLinks {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for ChangedLinks {}

/// What the program said of single members of a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkChanges {
    /// Members that were added since the last flush.
    pub added: SlotSet,
    /// Members that were removed since the last flush.
    pub removed: SlotSet,
    /// Members about which both sides of an association were told the same, and what that was.
    pub(crate) agreed: Agreed,
    /// Where members are to stand, when that cannot be said yet: they have no slot, or the others are not known.
    pub(crate) places: Vec<(Placed, usize)>,
}

impl LinkChanges {
    const fn none() -> Self {
        Self {
            added: SlotSet::new(),
            removed: SlotSet::new(),
            agreed: Agreed(BTreeMap::new()),
            places: Vec::new(),
        }
    }
}

/// A member that waits for its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placed {
    /// The new value at this position.
    New(usize),
    /// The object in this slot.
    Slot(u32),
}

/// The members that a condition or a limit lets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The members.
    pub members: SlotSet,
    /// Which condition and limit.
    pub of: u64,
}

/// By member whether it is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Agreed(BTreeMap<u32, bool>);

impl Links {
    /// The members that are shown.
    pub(crate) fn shown(&self) -> Option<&SlotSet> {
        self.part.as_deref().map(|part| &part.members).or(self.loaded.as_ref())
    }

    /// The members that are known to be there: of all, of the part that is shown, and those that were added.
    pub(crate) fn present(&self) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        for list in [self.loaded.as_ref(), self.shown(), Some(&self.changes.added)].into_iter().flatten() {
            list.as_slice().iter().filter(|slot| !self.changes.removed.contains(**slot)).for_each(|slot| {
                if !found.contains(slot) {
                    found.push(*slot);
                }
            });
        }
        found
    }

    /// The members that are known as one part of them, or as all.
    pub(crate) fn known(&self, part: Option<u64>) -> Option<&SlotSet> {
        match (part, self.part.as_deref()) {
            (None, _) => self.loaded.as_ref(),
            (Some(of), Some(part)) if part.of == of => Some(&part.members),
            (Some(_), _) => None,
        }
    }

    /// The members, or a part of them, were read.
    pub(crate) fn know(&mut self, session: u64, members: SlotSet, part: Option<u64>) {
        self.session = session;
        self.part = None;
        match part {
            Some(of) => self.part = Some(Box::new(Part { members, of })),
            None => self.loaded = Some(members),
        }
    }

    /// Nobody knows the members any more.
    pub(crate) fn forget(&mut self) {
        (self.loaded, self.part) = (None, None);
    }

    fn lists(&mut self) -> impl Iterator<Item = &mut SlotSet> {
        self.loaded.iter_mut().chain(self.part.as_deref_mut().map(|part| &mut part.members))
    }

    /// The session of members that come from different ones.
    pub(crate) const MIXED: u64 = u64::MAX;

    pub(crate) fn of_new_owner() -> Self {
        Self { loaded: Some(SlotSet::default()), ..Self::default() }
    }

    /// Notes the session of a member. Slots of two sessions in one list cannot be told apart any more, so that
    /// stays: the flush refuses it.
    pub(crate) fn meet(&mut self, session: u64) {
        self.session = if self.session == 0 || self.session == session { session } else { Self::MIXED };
    }

    /// Adds a member, once.
    pub(crate) fn add(&mut self, slot: u32) {
        let was_removed = self.changes.take_removed(slot);
        // Without knowing the members, only saying it makes sure; adding what is there does no harm.
        if self.loaded.as_ref().is_none_or(|loaded| !was_removed && !loaded.contains(slot)) {
            self.changes.added.insert(slot);
        }
        self.show(slot);
    }

    /// Removes a member.
    pub(crate) fn remove(&mut self, slot: u32) {
        let was_added = self.changes.take_added(slot);
        if self.loaded.as_ref().is_none_or(|loaded| !was_added && loaded.contains(slot)) {
            self.changes.removed.insert(slot);
        }
        self.hide(slot);
    }

    /// [`add`](Self::add) where members point to their owner: saying it twice changes no foreign key.
    pub(crate) fn attract(&mut self, slot: u32) {
        self.changes.take_removed(slot);
        if self.loaded.as_ref().is_none_or(|loaded| !loaded.contains(slot)) {
            self.changes.added.insert(slot);
        }
        self.show(slot);
    }

    /// [`remove`](Self::remove) where members point to their owner: one that is not shown may have been pointed here
    /// from its own side.
    pub(crate) fn release(&mut self, slot: u32) {
        self.changes.take_added(slot);
        self.changes.removed.insert(slot);
        self.hide(slot);
    }

    /// Puts a member into the loaded list without recording a change.
    pub(crate) fn show(&mut self, slot: u32) {
        for list in self.lists() {
            list.insert(slot);
        }
    }

    /// Takes a member out of the loaded list without recording a change.
    pub(crate) fn hide(&mut self, slot: u32) {
        for list in self.lists() {
            list.remove(slot);
        }
    }

    /// Adds a member, or removes it, and notes that the other side is told so as well.
    pub(crate) fn agree(&mut self, slot: u32, is_member: bool) {
        match is_member {
            true => self.add(slot),
            false => self.remove(slot),
        }
        self.changes.agreed.0.insert(slot, is_member);
    }

    /// The members about which both sides agreed once, with what this side says by now.
    pub(crate) fn said_otherwise(&self) -> Vec<(u32, bool)> {
        let all = self.changes.agreed.0.iter();
        let now = all.filter_map(|(slot, said)| Some((*slot, *said, self.says(*slot)?)));
        now.filter(|(_, said, now)| said != now).map(|(slot, _, now)| (slot, now)).collect()
    }

    /// Whether a slot is a member, where that is known.
    pub(crate) fn says(&self, slot: u32) -> Option<bool> {
        match &self.loaded {
            _ if self.changes.removed.contains(slot) => Some(false),
            _ if self.changes.added.contains(slot) => Some(true),
            loaded => loaded.as_ref().map(|loaded| loaded.contains(slot)),
        }
    }

    /// Has a member stand at a place; `waiting` says that there are new values, whose places come first.
    pub(crate) fn place(&mut self, member: Placed, place: usize, waiting: bool) {
        self.is_reordered = true;
        match (member, &mut self.loaded) {
            (Placed::Slot(slot), Some(loaded)) if !waiting => loaded.move_to(slot, place),
            _ => self.changes.places.push((member, place)),
        }
    }

    /// New values got their slots, or the members were loaded: what waited for that goes to its place.
    pub(crate) fn take_places(&mut self, new: &[u32]) {
        if self.changes.places.is_empty() {
            return;
        }
        for (member, _) in &mut self.changes.places {
            if let Placed::New(at) = member
                && let Some(slot) = new.get(*at)
            {
                *member = Placed::Slot(*slot);
            }
        }
        let Some(loaded) = &mut self.loaded else { return };
        for (member, place) in std::mem::take(&mut self.changes.places) {
            if let Placed::Slot(slot) = member {
                loaded.move_to(slot, place);
            }
        }
    }

    /// Forgets what both sides agreed about.
    pub(crate) fn forget_agreements(&mut self) {
        if !self.changes.agreed.0.is_empty() {
            self.changes.agreed = Agreed::default();
        }
    }

    /// Whether the flush has something to write.
    pub(crate) fn is_changed(&self) -> bool {
        !(self.changes.added.is_empty() && self.changes.removed.is_empty())
    }

    /// Forgets the changes, after they were written.
    pub(crate) fn settle(&mut self) {
        self.changes = ChangedLinks::default();
        (self.is_replaced, self.is_reordered) = (false, false);
    }
}

/// Where a [`BelongsTo`](super::BelongsTo) points, without its type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reference {
    /// Nowhere, and it was not said to be so.
    Unset,
    /// Nowhere: `NULL`.
    Null,
    /// To a key.
    Key,
    /// To an object of a session.
    Slot {
        /// The session.
        session: u64,
        /// The slot in the arena of the target's model.
        index: u32,
    },
    /// To a new value that has no slot yet.
    New,
}
