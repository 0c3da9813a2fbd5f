//! Comparing the session, and the database, with the maps.

use super::shadow::{Id, Kind, Owned, Paired, Shadow};
use super::world::{World, room_key, told};
use orm_core::ErrorKind;
use orm_core::mapper::{Relation, arity};
use orm_core::prelude::*;
use orm_core::session::Entity;
use orm_core::sql::text;
use orm_tests::models::guild::{
    Badge, Comment, Interest, Machine, Member, Room, Step, Subject, Task, Tool, Topic, Visit,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

type Done = Result<(), String>;

fn same<T: PartialEq + Debug>(what: &str, found: &T, expected: &T) -> Done {
    if found == expected { Ok(()) } else { Err(format!("{what}: found {found:?}, expected {expected:?}")) }
}

/// What is loaded; `None` when nothing is.
fn loaded<T>(found: orm_core::Result<T>) -> Result<Option<T>, String> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotLoaded => Ok(None),
        Err(error) => Err(told(error)),
    }
}

/// A model with a number for its name.
trait Named: Model {
    fn number(&self) -> Id;
}

macro_rules! named {
    ($($model:ident),*) => {$(
        impl Named for $model {
            fn number(&self) -> Id {
                self.name.parse().unwrap()
            }
        }
    )*};
}
named!(Member, Badge, Task, Topic, Step, Comment, Room, Tool, Machine);

/// The members of a collection, in its order, or sorted.
fn members<T: Named, U: Named>(
    of: &Entity<'_, T>,
    relation: Relation<T, U, arity::Many>,
) -> Result<Option<Vec<Id>>, String> {
    Ok(loaded(of.related(relation))?.map(|members| members.map(|member| member.number()).collect()))
}

fn all<T: Named, U: Named>(
    of: &Entity<'_, T>,
    relation: Relation<T, U, arity::Many>,
    mut expected: Vec<Id>,
    partial: bool,
) -> Done {
    let what = || format!("{relation:?} of {} in the session", of.number());
    expected.sort_unstable();
    let Some(mut found) = members(of, relation)? else { return Ok(()) };
    found.sort_unstable();
    if partial && found.iter().all(|member| expected.contains(member)) {
        return Ok(());
    }
    same(&what(), &found, &expected)
}

/// How often somebody was somewhere.
fn visits<T: Named>(
    of: &Entity<'_, T>,
    relation: Relation<T, Visit, arity::Many>,
    other: impl Fn(&Visit) -> Option<Id>,
    expected: BTreeMap<Id, i32>,
) -> Done {
    let Some(found) = loaded(of.related(relation))? else { return Ok(()) };
    let found: Vec<_> = found.map(|visit| (other(&visit).unwrap(), visit.times.unwrap())).collect();
    let is_twice = found.len() > expected.len();
    let found: BTreeMap<_, _> = found.into_iter().collect();
    same(&format!("twice in {relation:?} of {} in the session", of.number()), &is_twice, &false)?;
    same(&format!("{relation:?} of {} in the session", of.number()), &found, &expected)
}

/// Every object, and every relation that is loaded, is as the maps say.
pub(crate) fn check_session(world: &World) -> Done {
    let (session, now, handles) = (&world.session, &world.now, &world.handles);
    let partial = |relation| world.partial.contains(&relation);
    macro_rules! each {
        ($of:ident, $kind:expr) => {{
            same(
                stringify!($of),
                &handles.$of.keys().copied().collect::<Vec<_>>(),
                &now.all($kind).collect(),
            )?;
            let entity = |(id, handle): (&Id, &Handle<_>)| Ok((*id, session.try_at(*handle).map_err(told)?));
            handles.$of.iter().map(entity).collect::<Result<Vec<_>, String>>()?
        }};
    }
    macro_rules! one {
        ($of:ident, $relation:expr, $expected:expr) => {
            if let Some(found) = loaded($of.related($relation))? {
                let found = found.map(|found| found.number());
                same(&format!("{:?} of {} in the session", $relation, $of.number()), &found, &$expected)?;
            }
        };
    }
    for (id, member) in each!(members, Kind::Member) {
        one!(member, Member::BOSS, now.owner(Owned::Boss, id));
        one!(member, Member::BADGE, now.owned(Owned::Badge, id).first().copied());
        all(&member, Member::REPORTS, now.owned(Owned::Boss, id), false)?;
        let written = now.owned(Owned::Author, id);
        let open = written.iter().copied().filter(|task| !now.done.contains(task)).collect();
        all(&member, Member::WRITTEN, written, partial(0))?;
        all(&member, Member::OPEN, open, false)?;
        all(&member, Member::REVIEWED, now.owned(Owned::Reviewer, id), false)?;
        all(&member, Member::FRIENDS, now.others(Paired::Friends, id), false)?;
        all(&member, Member::FRIEND_OF, now.ones(Paired::Friends, id), false)?;
        all(&member, Member::TOPICS, now.others(Paired::Interests, id), partial(1))?;
        all(&member, Member::COMMENTS, now.owned(Owned::Comment, id), partial(2))?;
        one!(member, Member::ROOM, now.owner(Owned::Room, id));
        let room = now.owner(Owned::Room, id);
        let neighbours = room.map_or_else(Vec::new, |room| now.owned(Owned::Room, room));
        all(&member, Member::NEIGHBOURS, neighbours, false)?;
        all(&member, Member::MACHINES, now.owned(Owned::Keeper, id), false)?;
        all(&member, Member::VISITED, now.others(Paired::Visits, id), false)?;
        let of = |((one, room), times): (&(Id, Id), &i32)| (*one == id).then_some((*room, *times));
        let expected = now.times.iter().filter_map(of).collect();
        let room = |visit: &Visit| match visit.room.handle() {
            Some(room) => Some(session[room].number()),
            None => Some(Id::try_from(visit.room.key()?.1).unwrap()),
        };
        visits(&member, Member::VISITS, room, expected)?;
        if let Some(found) = members(&member, Member::STEPS)? {
            let expected = now.lists.get(&id).cloned().unwrap_or_default();
            same(&format!("steps of {id} in the session"), &found, &expected)?;
        }
        if let Some(found) = loaded(member.related(Member::INTERESTS))? {
            let expected = now.others(Paired::Interests, id).len();
            same(&format!("interests of {id} in the session"), &found.len(), &expected)?;
        }
    }
    for (id, badge) in each!(badges, Kind::Badge) {
        one!(badge, Badge::HOLDER, now.owner(Owned::Badge, id));
    }
    for (id, task) in each!(tasks, Kind::Task) {
        same("done", &task.done, &now.done.contains(&id))?;
        one!(task, Task::AUTHOR, now.owner(Owned::Author, id));
        one!(task, Task::REVIEWER, now.owner(Owned::Reviewer, id));
        all(&task, Task::TOPICS, now.others(Paired::TaskTopics, id), false)?;
        all(&task, Task::COMMENTS, now.owned(Owned::Comment, id), false)?;
    }
    for (id, topic) in each!(topics, Kind::Topic) {
        all(&topic, Topic::MEMBERS, now.ones(Paired::Interests, id), false)?;
        all(&topic, Topic::TASKS, now.ones(Paired::TaskTopics, id), false)?;
        if let Some(found) = loaded(topic.related(Topic::INTERESTS))? {
            let expected = now.ones(Paired::Interests, id).len();
            same(&format!("interests in {id} in the session"), &found.len(), &expected)?;
        }
    }
    for (id, room) in each!(rooms, Kind::Room) {
        all(&room, Room::GUESTS, now.owned(Owned::Room, id), false)?;
        all(&room, Room::TOOLS, now.owned(Owned::Tool, id), false)?;
        all(&room, Room::EXITS, now.others(Paired::Doors, id), false)?;
        all(&room, Room::ENTRIES, now.ones(Paired::Doors, id), false)?;
        all(&room, Room::VISITORS, now.ones(Paired::Visits, id), false)?;
        let of = |((member, one), times): (&(Id, Id), &i32)| (*one == id).then_some((*member, *times));
        let expected = now.times.iter().filter_map(of).collect();
        let member = |visit: &Visit| {
            let key = visit.member.key().copied();
            let is_it = |(_, member): &(&Id, &Handle<Member>)| {
                visit.member.handle() == Some(**member)
                    || (key.is_some() && session[**member].id.get().copied() == key)
            };
            handles.members.iter().find(is_it).map(|(id, _)| *id)
        };
        visits(&room, Room::VISITS, member, expected)?;
    }
    for (id, tool) in each!(tools, Kind::Tool) {
        one!(tool, Tool::ROOM, now.owner(Owned::Tool, id));
        one!(tool, Tool::MACHINE, now.halves.get(&id).copied());
    }
    for (id, machine) in each!(machines, Kind::Machine) {
        if let Some(tool) = loaded(machine.related(Machine::TOOL))? {
            same("the tool that a machine is", &tool.number(), &now.whole(id))?;
        }
        one!(machine, Machine::KEEPER, now.owner(Owned::Keeper, id));
    }
    for (id, step) in each!(steps, Kind::Step) {
        one!(step, Step::OWNER, now.owner(Owned::Step, id));
    }
    for (id, comment) in each!(comments, Kind::Comment) {
        let about = now.owner(Owned::Comment, id);
        let of = |kind| about.filter(|about| now.objects[about] == kind);
        one!(comment, Comment::SUBJECT.then(Subject::MEMBER), of(Kind::Member));
        one!(comment, Comment::SUBJECT.then(Subject::TASK), of(Kind::Task));
    }
    Ok(())
}

/// The rows are as the maps say.
pub(crate) async fn check_database(engine: &Engine, expected: &Shadow) -> Done {
    same("rows of the database", &read(engine).await.map_err(told)?, expected)
}

async fn read(engine: &Engine) -> orm_core::Result<Shadow> {
    let mut found = Shadow::default();
    let mut ids: BTreeMap<(Kind, i64), Id> = BTreeMap::new();
    macro_rules! names {
        ($($model:ident),*) => {$(
            for (key, name) in engine.fetch_all(columns(($model::ID, $model::NAME))).await? {
                let id = name.parse().unwrap();
                ids.insert((Kind::$model, key), id);
                found.objects.insert(id, Kind::$model);
            }
        )*};
    }
    names!(Member, Badge, Task, Topic, Step, Comment, Tool);
    for (building, number, name) in
        engine.fetch_all(columns((Room::BUILDING, Room::NUMBER, Room::NAME))).await?
    {
        let id = name.parse().unwrap();
        assert_eq!((building, number), room_key(id));
        ids.insert((Kind::Room, number.into()), id);
        found.objects.insert(id, Kind::Room);
    }
    for (tool, name) in engine.fetch_all(columns((Machine::TOOL_ID, Machine::NAME))).await? {
        let id = name.parse().unwrap();
        ids.insert((Kind::Machine, tool), id);
        found.objects.insert(id, Kind::Machine);
        found.halves.insert(ids[&(Kind::Tool, tool)], id);
    }
    let at = |kind, key: i64| ids[&(kind, key)];
    let mut owners = BTreeMap::new();
    let mut own = |relation: Owned, member: i64, owner: Option<(Kind, i64)>| {
        if let Some((kind, owner)) = owner {
            owners.insert((relation, at(relation.member(), member)), at(kind, owner));
        }
    };
    let of_member = |key: Option<i64>| key.map(|key| (Kind::Member, key));
    for (id, boss, room) in
        engine.fetch_all(columns((Member::ID, Member::BOSS_ID, Member::ROOM_NUMBER))).await?
    {
        own(Owned::Boss, id, of_member(boss));
        own(Owned::Room, id, room.map(|room| (Kind::Room, room.into())));
    }
    for (id, room) in engine.fetch_all(columns((Tool::ID, Tool::ROOM_NUMBER))).await? {
        own(Owned::Tool, id, room.map(|room| (Kind::Room, room.into())));
    }
    for (id, keeper) in engine.fetch_all(columns((Machine::TOOL_ID, Machine::KEEPER_ID))).await? {
        own(Owned::Keeper, id, of_member(keeper));
    }
    for (id, holder) in engine.fetch_all(columns((Badge::ID, Badge::HOLDER_ID))).await? {
        own(Owned::Badge, id, of_member(holder));
    }
    let tasks = columns((Task::ID, Task::DONE, Task::AUTHOR_ID, Task::REVIEWER_ID));
    for (id, done, author, reviewer) in engine.fetch_all(tasks).await? {
        own(Owned::Author, id, of_member(author));
        own(Owned::Reviewer, id, of_member(reviewer));
        if done {
            found.done.insert(at(Kind::Task, id));
        }
    }
    for (id, owner) in engine.fetch_all(columns((Step::ID, Step::OWNER_ID)).order_by(Step::POSITION)).await? {
        own(Owned::Step, id, of_member(owner));
        if let Some(owner) = owner {
            found.lists.entry(at(Kind::Member, owner)).or_default().push(at(Kind::Step, id));
        }
    }
    for comment in select::<Comment>().fetch_all(engine).await? {
        let about = match &comment.subject {
            Subject::Member(member) => (Kind::Member, *member.key().unwrap()),
            Subject::Task(task) => (Kind::Task, *task.key().unwrap()),
        };
        own(Owned::Comment, comment.id.unwrap(), Some(about));
    }
    found.owners = owners;
    let mut pairs = BTreeSet::new();
    let interests = columns((Interest::MEMBER_ID, Interest::TOPIC_ID));
    for (member, topic) in engine.fetch_all(interests).await? {
        pairs.insert((Paired::Interests, at(Kind::Member, member), at(Kind::Topic, topic)));
    }
    let visits = columns((Visit::MEMBER_ID, Visit::ROOM_NUMBER, Visit::TIMES));
    for (member, room, times) in engine.fetch_all(visits).await? {
        let (member, room) = (at(Kind::Member, member), at(Kind::Room, room.into()));
        pairs.insert((Paired::Visits, member, room));
        found.times.insert((member, room), times);
    }
    let mut session = engine.session();
    let rows = text("SELECT from_building, from_number, to_building, to_number FROM passage");
    for (_, from, _, to) in session.fetch::<(i32, i32, i32, i32)>(rows).await? {
        pairs.insert((Paired::Doors, at(Kind::Room, from.into()), at(Kind::Room, to.into())));
    }
    let rows = text("SELECT member_id, friend_id FROM friendship");
    for (member, friend) in session.fetch::<(i64, i64)>(rows).await? {
        pairs.insert((Paired::Friends, at(Kind::Member, member), at(Kind::Member, friend)));
    }
    let rows = text("SELECT task_id, topic_id FROM task_topic");
    for (task, topic) in session.fetch::<(i64, i64)>(rows).await? {
        pairs.insert((Paired::TaskTopics, at(Kind::Task, task), at(Kind::Topic, topic)));
    }
    found.pairs = pairs;
    Ok(found)
}
