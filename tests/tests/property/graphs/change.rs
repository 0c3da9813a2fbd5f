//! Changing relations: each through its foreign key, its collection, and from both ends at once.

use super::ops::How;
use super::shadow::{Id, Owned, Paired};
use super::world::{Done, World, told};
use orm_core::prelude::*;
use orm_tests::models::guild::{Badge, Comment, Interest, Member, Step, Subject, Task, Topic};

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
        ($members:ident.$key:ident: $one:expr, $collection:ident: $many:expr) => {{
            let member = handles.$members[&member];
            let (old, new) = (old.map(|old| handles.members[&old]), new.map(|new| handles.members[&new]));
            match (how, old, new) {
                (How::One | How::Object, _, new) => session[member].$key = new.map(BelongsTo::to),
                (How::Many | How::ObjectMany, old, new) => {
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
        Owned::Boss => own!(members.boss: Member::BOSS, reports: Member::REPORTS),
        Owned::Author => own!(tasks.author: Task::AUTHOR, written: Member::WRITTEN),
        Owned::Reviewer => own!(tasks.reviewer: Task::REVIEWER, reviewed: Member::REVIEWED),
        Owned::Step => own!(steps.owner: Step::OWNER, steps: Member::STEPS),
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
        (How::One | How::Object, _) => session[comment].subject = handles.subject(new),
        (How::Many | How::ObjectMany, Some(member)) => session[*member].comments.push(comment),
        (How::Many | How::ObjectMany, None) => session[handles.tasks[&new]].comments.push(comment),
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
                (How::One | How::Object, true) => session[one].$to_others.push(other),
                (How::One | How::Object, false) => session[one].$to_others.remove(other),
                (How::Many | How::ObjectMany, true) => session[other].$to_ones.push(one),
                (How::Many | How::ObjectMany, false) => session[other].$to_ones.remove(one),
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
