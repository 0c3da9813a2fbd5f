//! The parts of relation fields that do not know the model at the other end.

use super::SlotSet;
use std::collections::HashMap;

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
    /// Members that were added since the last flush.
    pub added: SlotSet,
    /// Members that were removed since the last flush.
    pub removed: SlotSet,
    /// Whether the program made this list as a whole: what it does not name is not in it.
    pub is_replaced: bool,
    /// Members about which both sides of an association were told the same, and what that was.
    pub(crate) agreed: Option<Box<Agreed>>,
    /// Where members are to stand, when that cannot be said yet: they have no slot, or the others are not known.
    pub(crate) places: Vec<(Placed, usize)>,
    /// Whether the order of the members has to be written.
    pub(crate) is_reordered: bool,
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
pub(crate) struct Agreed(HashMap<u32, bool>);

impl Links {
    /// The members that are shown.
    pub(crate) fn shown(&self) -> Option<&SlotSet> {
        self.part.as_deref().map(|part| &part.members).or(self.loaded.as_ref())
    }

    /// The members that are known to be there: of all, of the part that is shown, and those that were added.
    pub(crate) fn present(&self) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        for list in [self.loaded.as_ref(), self.shown(), Some(&self.added)].into_iter().flatten() {
            list.as_slice().iter().filter(|slot| !self.removed.contains(**slot)).for_each(|slot| {
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
        let was_removed = self.removed.remove(slot);
        // Without knowing the members, only saying it makes sure; adding what is there does no harm.
        if self.loaded.as_ref().is_none_or(|loaded| !was_removed && !loaded.contains(slot)) {
            self.added.insert(slot);
        }
        self.show(slot);
    }

    /// Removes a member.
    pub(crate) fn remove(&mut self, slot: u32) {
        let was_added = self.added.remove(slot);
        if self.loaded.as_ref().is_none_or(|loaded| !was_added && loaded.contains(slot)) {
            self.removed.insert(slot);
        }
        self.hide(slot);
    }

    /// [`add`](Self::add) where members point to their owner: saying it twice changes no foreign key.
    pub(crate) fn attract(&mut self, slot: u32) {
        self.removed.remove(slot);
        if self.loaded.as_ref().is_none_or(|loaded| !loaded.contains(slot)) {
            self.added.insert(slot);
        }
        self.show(slot);
    }

    /// [`remove`](Self::remove) where members point to their owner: one that is not shown may have been pointed here
    /// from its own side.
    pub(crate) fn release(&mut self, slot: u32) {
        self.added.remove(slot);
        self.removed.insert(slot);
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
        self.agreed.get_or_insert_default().0.insert(slot, is_member);
    }

    /// The members about which both sides agreed once, with what this side says by now.
    pub(crate) fn said_otherwise(&self) -> Vec<(u32, bool)> {
        let all = self.agreed.iter().flat_map(|agreed| &agreed.0);
        let now = all.filter_map(|(slot, said)| Some((*slot, *said, self.says(*slot)?)));
        let mut found: Vec<(u32, bool)> =
            now.filter(|(_, said, now)| said != now).map(|(slot, _, now)| (slot, now)).collect();
        found.sort_unstable();
        found
    }

    /// Whether a slot is a member, where that is known.
    pub(crate) fn says(&self, slot: u32) -> Option<bool> {
        match &self.loaded {
            _ if self.removed.contains(slot) => Some(false),
            _ if self.added.contains(slot) => Some(true),
            loaded => loaded.as_ref().map(|loaded| loaded.contains(slot)),
        }
    }

    /// Has a member stand at a place; `waiting` says that there are new values, whose places come first.
    pub(crate) fn place(&mut self, member: Placed, place: usize, waiting: bool) {
        self.is_reordered = true;
        match (member, &mut self.loaded) {
            (Placed::Slot(slot), Some(loaded)) if !waiting => loaded.move_to(slot, place),
            _ => self.places.push((member, place)),
        }
    }

    /// New values got their slots, or the members were loaded: what waited for that goes to its place.
    pub(crate) fn take_places(&mut self, new: &[u32]) {
        for (member, _) in &mut self.places {
            if let Placed::New(at) = member
                && let Some(slot) = new.get(*at)
            {
                *member = Placed::Slot(*slot);
            }
        }
        let Some(loaded) = &mut self.loaded else { return };
        for (member, place) in std::mem::take(&mut self.places) {
            if let Placed::Slot(slot) = member {
                loaded.move_to(slot, place);
            }
        }
    }

    /// Forgets what both sides agreed about.
    pub(crate) fn forget_agreements(&mut self) {
        self.agreed = None;
    }

    /// Whether the flush has something to write.
    pub(crate) fn is_changed(&self) -> bool {
        !(self.added.is_empty() && self.removed.is_empty())
    }

    /// Forgets the changes, after they were written.
    pub(crate) fn settle(&mut self) {
        self.added = SlotSet::default();
        self.removed = SlotSet::default();
        (self.is_replaced, self.is_reordered) = (false, false);
        (self.agreed, self.places) = (None, Vec::new());
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
