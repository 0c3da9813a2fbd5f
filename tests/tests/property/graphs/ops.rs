//! The operations.

use super::shadow::{Kind, Owned, Paired};
use proptest::prelude::*;

/// Through what a relation is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum How {
    /// The foreign key; of many to many the first end.
    One,
    /// The collection of the owner; of many to many the other end.
    Many,
    /// `link` and `unlink` from the member, or the first end.
    LinkOne,
    /// `link` and `unlink` from the owner, or the other end.
    LinkMany,
    /// The association object, by its foreign keys; where there is none, as `One`.
    Object,
    /// The association object, by the collection of the first end; where there is none, as `Many`.
    ObjectMany,
    /// `link_through` and `unlink_through` by a proxy of the first end; where there is none, as `One`.
    Through,
    /// By a proxy of the other end; where there is none, as `Many`. A tool is put to its place, and taken from there, by
    /// `insert_keyed` and `remove_keyed`, as by the two kinds of objects.
    ThroughMany,
}

/// One operation. A number is an object: the one at that place of the living ones of its model, modulo their count.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    /// A comment is about the member or the task with the number.
    Add(Kind, usize),
    Delete(Kind, usize),
    /// A task is done, or not done any more.
    Done(usize),
    Own {
        relation: Owned,
        member: usize,
        owner: Option<usize>,
        how: How,
    },
    Pair {
        relation: Paired,
        one: usize,
        other: usize,
        add: bool,
        how: How,
    },
    /// A visit took place so many times.
    Times {
        visit: usize,
        times: i32,
    },
    /// Puts a step into a list, which may be its own.
    Place {
        step: usize,
        owner: usize,
        place: usize,
    },
    /// Loads one relation of one object, over unsaved changes or after a flush of them.
    Load {
        relation: usize,
        object: usize,
        flushes: bool,
    },
    /// Loads one relation of all objects.
    LoadAll(usize),
    /// Loads all relations of all objects.
    LoadEverything,
    /// Loads a part of a relation.
    LoadPart {
        relation: usize,
        object: usize,
    },
    /// One relation of one object is stale.
    ExpireRelation {
        relation: usize,
        object: usize,
    },
    /// Reads the tools as what they are.
    Kinds,
    Expire,
    Flush,
    Begin,
    Release,
    Undo,
    Commit,
    Rollback,
    Reopen {
        loaded: bool,
    },
}

/// What the operations of a list are about; what stands twice is drawn twice as often.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    kinds: &'static [Kind],
    owned: &'static [Owned],
    paired: &'static [Paired],
}

/// All models.
pub(crate) const EVERYTHING: Part = {
    use Kind::{Machine, Member, Room, Step, Tool};
    Part {
        kinds: &[
            Member,
            Member,
            Kind::Badge,
            Kind::Task,
            Kind::Topic,
            Step,
            Step,
            Kind::Comment,
            Room,
            Tool,
            Machine,
        ],
        owned: &[
            Owned::Boss,
            Owned::Badge,
            Owned::Author,
            Owned::Reviewer,
            Owned::Step,
            Owned::Comment,
            Owned::Room,
            Owned::Tool,
            Owned::Keeper,
        ],
        paired: &[Paired::Friends, Paired::Interests, Paired::TaskTopics, Paired::Doors, Paired::Visits],
    }
};

/// A few of them, so that these meet often.
pub(crate) const ROOMS: Part = {
    use Kind::{Machine, Member, Room, Tool};
    Part {
        kinds: &[Member, Member, Room, Room, Tool, Tool, Machine],
        owned: &[Owned::Room, Owned::Tool, Owned::Tool, Owned::Tool, Owned::Tool, Owned::Keeper],
        paired: &[Paired::Doors, Paired::Visits],
    }
};

fn how() -> impl Strategy<Value = How> {
    use How::{LinkMany, LinkOne, Many, Object, ObjectMany, One, Through, ThroughMany};
    prop::sample::select(vec![One, Many, LinkOne, LinkMany, Object, ObjectMany, Through, ThroughMany])
}

fn op(part: Part) -> impl Strategy<Value = Op> {
    let n = || 0..64_usize;
    let (kind, owned, paired) = (
        prop::sample::select(part.kinds),
        prop::sample::select(part.owned),
        prop::sample::select(part.paired),
    );
    prop_oneof![
        5 => add(part),
        4 => (kind, n()).prop_map(|(kind, n)| Op::Delete(kind, n)),
        4 => n().prop_map(Op::Done),
        14 => (owned, n(), prop::option::weighted(0.75, n()), how())
            .prop_map(|(relation, member, owner, how)| Op::Own { relation, member, owner, how }),
        10 => (paired, n(), n(), any::<bool>(), how())
            .prop_map(|(relation, one, other, add, how)| Op::Pair { relation, one, other, add, how }),
        3 => (n(), 0..9).prop_map(|(visit, times)| Op::Times { visit, times }),
        4 => (n(), n(), 0..4_usize).prop_map(|(step, owner, place)| Op::Place { step, owner, place }),
        5 => (0..super::load::RELATIONS, n(), any::<bool>())
            .prop_map(|(relation, object, flushes)| Op::Load { relation, object, flushes }),
        2 => (0..super::load::RELATIONS).prop_map(Op::LoadAll),
        2 => Just(Op::LoadEverything),
        1 => (0..3_usize, n()).prop_map(|(relation, object)| Op::LoadPart { relation, object }),
        1 => (0..super::load::RELATIONS, n())
            .prop_map(|(relation, object)| Op::ExpireRelation { relation, object }),
        2 => Just(Op::Kinds),
        1 => Just(Op::Expire),
        3 => Just(Op::Flush),
        2 => Just(Op::Begin),
        1 => Just(Op::Release),
        1 => Just(Op::Undo),
        4 => Just(Op::Commit),
        1 => Just(Op::Rollback),
        1 => any::<bool>().prop_map(|loaded| Op::Reopen { loaded }),
    ]
}

fn add(part: Part) -> impl Strategy<Value = Op> {
    (prop::sample::select(part.kinds), 0..64_usize).prop_map(|(kind, n)| Op::Add(kind, n))
}

/// A list of up to `length` operations; it begins with some objects.
pub(crate) fn ops(length: usize, part: Part) -> impl Strategy<Value = Vec<Op>> {
    let begin = length / 3;
    let lists = (
        prop::collection::vec(add(part), 1..=begin.min(12)),
        prop::collection::vec(op(part), 1..=length - begin),
    );
    lists.prop_map(|(begin, then)| [begin, then].concat())
}
