//! What should be: plain maps. Objects are known by a number, which is their name.

use std::collections::{BTreeMap, BTreeSet};

pub(crate) type Id = u32;

/// A model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Member,
    Badge,
    Task,
    Topic,
    Step,
    Comment,
    Room,
    Tool,
    Machine,
}

/// A relation of members that have one owner at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Owned {
    Boss,
    Badge,
    Author,
    Reviewer,
    Step,
    /// Its owner is a member or a task.
    Comment,
    /// Of members: a foreign key of two columns.
    Room,
    /// In a room under its place, and nothing else there.
    Tool,
    /// Of machines.
    Keeper,
}

impl Owned {
    /// Those whose members stay when their owner goes.
    const STAY: [Self; 8] = {
        use Owned::{Author, Badge, Boss, Keeper, Reviewer, Room, Step, Tool};
        [Boss, Badge, Author, Reviewer, Step, Room, Tool, Keeper]
    };

    pub(crate) fn member(self) -> Kind {
        match self {
            Self::Boss | Self::Room => Kind::Member,
            Self::Badge => Kind::Badge,
            Self::Author | Self::Reviewer => Kind::Task,
            Self::Step => Kind::Step,
            Self::Comment => Kind::Comment,
            Self::Tool => Kind::Tool,
            Self::Keeper => Kind::Machine,
        }
    }
}

/// A relation of many to many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Paired {
    /// Of members with members.
    Friends,
    /// Of members with topics, by association objects.
    Interests,
    /// Of tasks with topics.
    TaskTopics,
    /// Of rooms with rooms, over keys of two columns.
    Doors,
    /// Of members with rooms, by association objects with a column of their own.
    Visits,
}

impl Paired {
    pub(crate) fn ends(self) -> (Kind, Kind) {
        match self {
            Self::Friends => (Kind::Member, Kind::Member),
            Self::Interests => (Kind::Member, Kind::Topic),
            Self::TaskTopics => (Kind::Task, Kind::Topic),
            Self::Doors => (Kind::Room, Kind::Room),
            Self::Visits => (Kind::Member, Kind::Room),
        }
    }

    /// Whether a model stands for its table.
    pub(crate) fn has_objects(self) -> bool {
        matches!(self, Self::Interests | Self::Visits)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shadow {
    pub(crate) objects: BTreeMap<Id, Kind>,
    /// The owner of each member that has one.
    pub(crate) owners: BTreeMap<(Owned, Id), Id>,
    /// The steps of each member that has some, in their order.
    pub(crate) lists: BTreeMap<Id, Vec<Id>>,
    pub(crate) pairs: BTreeSet<(Paired, Id, Id)>,
    /// The tasks that are done.
    pub(crate) done: BTreeSet<Id>,
    /// How often each member was in each room.
    pub(crate) times: BTreeMap<(Id, Id), i32>,
    /// The other half of each tool that is a machine.
    pub(crate) halves: BTreeMap<Id, Id>,
}

impl Shadow {
    /// The `n`th living one of a model.
    pub(crate) fn pick(&self, kind: Kind, n: usize) -> Option<Id> {
        let all: Vec<Id> = self.all(kind).collect();
        all.get(n % all.len().max(1)).copied()
    }

    pub(crate) fn all(&self, kind: Kind) -> impl Iterator<Item = Id> + '_ {
        self.objects.iter().filter(move |(_, of)| **of == kind).map(|(id, _)| *id)
    }

    pub(crate) fn owner(&self, relation: Owned, member: Id) -> Option<Id> {
        self.owners.get(&(relation, member)).copied()
    }

    /// Gives a member to an owner, or to none; into a list at a place, or at its end.
    pub(crate) fn own(&mut self, relation: Owned, member: Id, owner: Option<Id>, place: Option<usize>) {
        let old = self.owners.remove(&(relation, member));
        if relation == Owned::Step && (old != owner || place.is_some()) {
            if let Some(old) = old {
                self.lists.get_mut(&old).unwrap().retain(|step| *step != member);
            }
            if let Some(owner) = owner {
                let list = self.lists.entry(owner).or_default();
                list.insert(place.unwrap_or(list.len()).min(list.len()), member);
            }
            self.lists.retain(|_, list| !list.is_empty());
        }
        if let Some(owner) = owner {
            if let Some(displaced) = self.displaced(relation, member, owner) {
                self.owners.remove(&(relation, displaced));
            }
            self.owners.insert((relation, member), owner);
        }
    }

    /// Whom a member drives out of a new owner, that has one of its kind only.
    pub(crate) fn displaced(&self, relation: Owned, member: Id, owner: Id) -> Option<Id> {
        let drives_out = |other: &Id| match relation {
            Owned::Badge => *other != member,
            Owned::Tool => *other != member && place(*other) == place(member),
            _ => false,
        };
        self.owned(relation, owner).into_iter().find(drives_out)
    }

    /// A new visit is the first one, unless something else is said.
    pub(crate) fn pair(&mut self, pair: (Paired, Id, Id), add: bool, times: Option<i32>) {
        let is_new = if add { self.pairs.insert(pair) } else { !self.pairs.remove(&pair) };
        let (Paired::Visits, one, other) = pair else { return };
        if !add {
            self.times.remove(&(one, other));
        } else if is_new {
            self.times.insert((one, other), times.unwrap_or(1));
        }
    }

    /// Comments go with what they are about; everything else stays, without an owner.
    pub(crate) fn delete(&mut self, id: Id) {
        if let Some(half) = self.halves.remove(&id) {
            self.delete(half);
        }
        for member in self.owned(Owned::Comment, id) {
            self.delete(member);
        }
        for relation in Owned::STAY {
            for member in self.owned(relation, id) {
                self.own(relation, member, None, None);
            }
        }
        if self.objects.remove(&id) == Some(Kind::Step) {
            self.own(Owned::Step, id, None, None);
        }
        self.owners.retain(|(_, member), _| *member != id);
        self.pairs.retain(|(_, one, other)| *one != id && *other != id);
        self.times.retain(|(one, other), _| *one != id && *other != id);
        self.done.remove(&id);
    }

    /// The tool that a machine is; anything else is itself.
    pub(crate) fn whole(&self, id: Id) -> Id {
        self.halves.iter().find(|(_, half)| **half == id).map_or(id, |(tool, _)| *tool)
    }

    pub(crate) fn owned(&self, relation: Owned, owner: Id) -> Vec<Id> {
        let is_owned = |((of, _), by): &(&(Owned, Id), &Id)| *of == relation && **by == owner;
        self.owners.iter().filter(is_owned).map(|((_, member), _)| *member).collect()
    }

    /// What is paired with the one, in numerical order.
    pub(crate) fn others(&self, relation: Paired, one: Id) -> Vec<Id> {
        self.pairs.iter().filter(|(of, by, _)| *of == relation && *by == one).map(|pair| pair.2).collect()
    }

    /// What is paired with the other one.
    pub(crate) fn ones(&self, relation: Paired, other: Id) -> Vec<Id> {
        self.pairs.iter().filter(|(of, _, by)| *of == relation && *by == other).map(|pair| pair.1).collect()
    }
}

/// The place of a tool.
pub(crate) fn place(tool: Id) -> i32 {
    i32::try_from(tool % 2).unwrap()
}
