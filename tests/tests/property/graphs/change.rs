//! Changing relations: each through its foreign key, its collection, and from both ends at once.

use super::ops::How;
use super::shadow::{Id, Owned, Paired, place};
use super::world::{Done, World, told};
use orm_core::prelude::*;
use orm_tests::models::guild::{
    Badge, Comment, Interest, Machine, Member, Room, Step, Subject, Task, Tool, Topic, Visit,
};

/// Gives a member from the old owner to the new one.
pub(crate) fn own(
    world: &mut World,
    relation: Owned,
    member: Id,
    (old, new): (Option<Id>, Option<Id>),
    how: How,
) -> Done {
    let (session, handles) = (&mut world.session, &world.handles);
    macro_rules! own {
        ($members:ident.$key:ident: $one:expr, $owners:ident.$collection:ident: $many:expr) => {{
            let member = handles.$members[&member];
            let (old, new) = (old.map(|old| handles.$owners[&old]), new.map(|new| handles.$owners[&new]));
            match (how, old, new) {
                (How::One | How::Object | How::Through, _, new) => {
                    session[member].$key = new.map(BelongsTo::to)
                }
                (How::Many | How::ObjectMany | How::ThroughMany, old, new) => {
                    if let Some(old) = old {
                        session[old].$collection.remove(member);
                    }
                    if let Some(new) = new {
                        session[new].$collection.push(member);
                    }
                }
                (How::LinkOne, _, Some(new)) => {
                    session.link(member, $one, new).map_err(told)?;
                }
                (How::LinkMany, _, Some(new)) => {
                    session.link(new, $many, member).map_err(told)?;
                }
                (How::LinkOne, Some(old), _) => session.unlink(member, $one, old).map_err(told)?,
                (How::LinkMany, Some(old), _) => session.unlink(old, $many, member).map_err(told)?,
                (_, None, None) => {}
            }
        }};
    }
    match relation {
        Owned::Boss => own!(members.boss: Member::BOSS, members.reports: Member::REPORTS),
        Owned::Author => own!(tasks.author: Task::AUTHOR, members.written: Member::WRITTEN),
        Owned::Reviewer => own!(tasks.reviewer: Task::REVIEWER, members.reviewed: Member::REVIEWED),
        Owned::Step => own!(steps.owner: Step::OWNER, members.steps: Member::STEPS),
        Owned::Room => own!(members.room: Member::ROOM, rooms.guests: Room::GUESTS),
        Owned::Tool => own!(tools.room: Tool::ROOM, rooms.tools: Room::TOOLS),
        Owned::Keeper => own!(machines.keeper: Machine::KEEPER, members.machines: Member::MACHINES),
        Owned::Comment => comment(world, member, (old, new), how)?,
        Owned::Badge => match (how, old, new) {
            (How::Many, _, Some(new)) => {
                let (member, new) = (handles.badges[&member], handles.members[&new]);
                if let Some(old) = old {
                    session[handles.members[&old]].badge.clear();
                }
                session[new].badge.set(member);
            }
            (How::Many, Some(old), None) if session[handles.members[&old]].badge.is_loaded() => {
                session[handles.members[&old]].badge.clear();
            }
            (How::Many, Some(old), None) => {
                let (member, old) = (handles.badges[&member], handles.members[&old]);
                session.unlink(old, Member::BADGE, member).map_err(told)?;
            }
            _ => {
                let member = handles.badges[&member];
                let (old, new) = (old.map(|old| handles.members[&old]), new.map(|new| handles.members[&new]));
                match (how, old, new) {
                    (How::LinkOne, _, Some(new)) => {
                        session.link(member, Badge::HOLDER, new).map_err(told)?;
                    }
                    (How::LinkMany, _, Some(new)) => {
                        session.link(new, Member::BADGE, member).map_err(told)?;
                    }
                    (How::LinkOne, Some(old), _) => {
                        session.unlink(member, Badge::HOLDER, old).map_err(told)?;
                    }
                    (How::LinkMany, Some(old), _) => {
                        session.unlink(old, Member::BADGE, member).map_err(told)?;
                    }
                    (_, _, new) => session[member].holder = new.map(BelongsTo::to),
                }
            }
        },
    }
    Ok(())
}

/// Puts a tool to its place in a room, or takes it from there: what lay there before goes.
pub(crate) async fn keyed(
    world: &mut World,
    tool: Id,
    (old, new): (Option<Id>, Option<Id>),
    displaced: Option<Id>,
) -> Done {
    let (session, handles) = (&mut world.session, &world.handles);
    // Who lies there has to be known.
    if let Some(room) = new.or(old).map(|room| handles.rooms[&room]) {
        if !session[room].tools.is_loaded() {
            session.load(room, Room::TOOLS).await.map_err(told)?;
        }
        let handle = handles.tools[&tool];
        let replaced = match new {
            Some(_) => session.insert_keyed(room, Room::TOOLS, Tool::PLACE, handle).map(|(_, gone)| gone),
            None => session.remove_keyed(room, Room::TOOLS, Tool::PLACE, &place(tool)),
        };
        let expected = if new.is_some() { displaced } else { Some(tool) };
        let expected = expected.map(|tool| handles.tools[&tool]);
        let replaced = replaced.map_err(told)?;
        if replaced != expected {
            return Err(format!("found {replaced:?} at the place, expected {expected:?}"));
        }
    }
    Ok(())
}

fn comment(world: &mut World, id: Id, (old, new): (Option<Id>, Option<Id>), how: How) -> Done {
    let (session, handles) = (&mut world.session, &world.handles);
    let comment = handles.comments[&id];
    if let (None, Some(old)) | (Some(_), Some(old)) = (new, old)
        && (how == How::Many || new.is_none())
    {
        match (handles.members.get(&old), new.is_none() && how == How::LinkMany) {
            (Some(member), true) => session.unlink(*member, Member::COMMENTS, comment).map_err(told)?,
            (None, true) => session.unlink(handles.tasks[&old], Task::COMMENTS, comment).map_err(told)?,
            (Some(member), false) => session[*member].comments.remove(comment),
            (None, false) => session[handles.tasks[&old]].comments.remove(comment),
        }
    }
    let Some(new) = new else { return Ok(()) };
    match (how, handles.members.get(&new)) {
        (How::One | How::Object | How::Through, _) => session[comment].subject = handles.subject(new),
        (How::Many | How::ObjectMany | How::ThroughMany, Some(member)) => {
            session[*member].comments.push(comment);
        }
        (How::Many | How::ObjectMany | How::ThroughMany, None) => {
            session[handles.tasks[&new]].comments.push(comment);
        }
        (How::LinkOne, Some(member)) => {
            session.link(comment, Comment::SUBJECT.then(Subject::MEMBER), *member).map_err(told)?;
        }
        (How::LinkOne, None) => {
            session.link(comment, Comment::SUBJECT.then(Subject::TASK), handles.tasks[&new]).map_err(told)?;
        }
        (How::LinkMany, Some(member)) => {
            session.link(*member, Member::COMMENTS, comment).map_err(told)?;
        }
        (How::LinkMany, None) => {
            session.link(handles.tasks[&new], Task::COMMENTS, comment).map_err(told)?;
        }
    }
    Ok(())
}

/// Adds or takes one pair.
pub(crate) fn pair(world: &mut World, (relation, one, other): (Paired, Id, Id), add: bool, how: How) -> Done {
    let (session, handles) = (&mut world.session, &world.handles);
    macro_rules! pair {
        ($ones:ident.$to_others:ident: $others_of:expr, $others:ident.$to_ones:ident: $ones_of:expr) => {{
            let (one, other) = (handles.$ones[&one], handles.$others[&other]);
            match (how, add) {
                (How::One | How::Object | How::Through, true) => session[one].$to_others.push(other),
                (How::One | How::Object | How::Through, false) => session[one].$to_others.remove(other),
                (How::Many | How::ObjectMany | How::ThroughMany, true) => session[other].$to_ones.push(one),
                (How::Many | How::ObjectMany | How::ThroughMany, false) => {
                    session[other].$to_ones.remove(one)
                }
                (How::LinkOne, true) => {
                    session.link(one, $others_of, other).map_err(told)?;
                }
                (How::LinkMany, true) => {
                    session.link(other, $ones_of, one).map_err(told)?;
                }
                (How::LinkOne, false) => session.unlink(one, $others_of, other).map_err(told)?,
                (How::LinkMany, false) => session.unlink(other, $ones_of, one).map_err(told)?,
            }
        }};
    }
    match relation {
        Paired::Friends => pair!(members.friends: Member::FRIENDS, members.friend_of: Member::FRIEND_OF),
        Paired::Interests => pair!(members.topics: Member::TOPICS, topics.members: Topic::MEMBERS),
        Paired::TaskTopics => pair!(tasks.topics: Task::TOPICS, topics.tasks: Topic::TASKS),
        Paired::Doors => pair!(rooms.exits: Room::EXITS, rooms.entries: Room::ENTRIES),
        Paired::Visits => pair!(members.visited: Member::VISITED, rooms.visitors: Room::VISITORS),
    }
    Ok(())
}

/// Adds or takes one pair by the object of its row.
pub(crate) async fn interest(world: &mut World, (member, topic): (Id, Id), add: bool, how: How) -> Done {
    let (session, handles) = (&mut world.session, &world.handles);
    let (member, topic) = (handles.members[&member], handles.topics[&topic]);
    if !add {
        let key = (session[member].id.unwrap(), session[topic].id.unwrap());
        let interest = session.get_one::<Interest>(key).await.map_err(told)?;
        match how {
            How::ObjectMany => session[member].interests.remove(interest),
            _ => session.delete(interest).map_err(told)?,
        }
    } else if how == How::ObjectMany {
        session[member].interests.push(Interest::builder().topic(topic));
    } else {
        session.add(Interest::builder().member(member).topic(topic));
    }
    Ok(())
}

/// Adds or takes a visit by the object of its row, or by a proxy over it.
pub(crate) async fn visit(
    world: &mut World,
    (member, room): (Id, Id),
    add: Option<i32>,
    how: How,
) -> Result<(), String> {
    let (session, handles) = (&mut world.session, &world.handles);
    let (member, room) = (handles.members[&member], handles.rooms[&room]);
    let between = Visit::builder().times(add.unwrap_or(1));
    // Who stands between has to be known.
    match how {
        How::Through => session.load(member, Member::SEEN).await.map(drop).map_err(told)?,
        How::ThroughMany => session.load(room, Room::SEEN_BY).await.map(drop).map_err(told)?,
        _ => {}
    }
    match (how, add.is_some()) {
        (How::Through, true) => {
            session.link_through(member, Member::SEEN, room, |room| between.room(room)).map_err(told)?;
        }
        (How::ThroughMany, true) => {
            session
                .link_through(room, Room::SEEN_BY, member, |member| between.member(member))
                .map_err(told)?;
        }
        (How::Through, false) => {
            session.unlink_through(member, Member::SEEN, room).map_err(told)?;
        }
        (How::ThroughMany, false) => {
            session.unlink_through(room, Room::SEEN_BY, member).map_err(told)?;
        }
        (How::ObjectMany, true) => session[member].visits.push(between.room(room)),
        (_, true) => {
            session.add(between.member(member).room(room));
        }
        (how, false) => {
            let visit = visited(session, member, room).await?;
            match how {
                How::ObjectMany => session[member].visits.remove(visit),
                _ => session.delete(visit).map_err(told)?,
            }
        }
    }
    Ok(())
}

/// A visit happened so many times.
pub(crate) async fn times(world: &mut World, (member, room): (Id, Id), times: i32) -> Done {
    let (session, handles) = (&mut world.session, &world.handles);
    let visit = visited(session, handles.members[&member], handles.rooms[&room]).await?;
    session[visit].times = Auto::Set(times);
    Ok(())
}

async fn visited(
    session: &mut Session,
    member: Handle<Member>,
    room: Handle<Room>,
) -> Result<Handle<Visit>, String> {
    let key = (session[member].id.unwrap(), session[room].building, session[room].number);
    session.get_one::<Visit>(key).await.map_err(told)
}
