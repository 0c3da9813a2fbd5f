//! Loading relations.

use super::ops::Op;
use super::world::{Done, World, told};
use orm_tests::models::guild::{Badge, Comment, Machine, Member, Room, Step, Subject, Task, Tool, Topic};

/// How many relations can be loaded; the first three also in part.
pub(crate) const RELATIONS: usize = 36;

/// Calls a macro with the relation of a number, and the model that has it.
macro_rules! with_relation {
    ($number:expr, $call:ident) => {
        match $number {
            0 => $call!(members: Member::WRITTEN),
            1 => $call!(members: Member::TOPICS),
            2 => $call!(members: Member::COMMENTS),
            3 => $call!(members: Member::BOSS),
            4 => $call!(members: Member::REPORTS),
            5 => $call!(members: Member::BADGE),
            6 => $call!(members: Member::REVIEWED),
            7 => $call!(members: Member::OPEN),
            8 => $call!(members: Member::FRIENDS),
            9 => $call!(members: Member::FRIEND_OF),
            10 => $call!(members: Member::INTERESTS),
            11 => $call!(members: Member::STEPS),
            12 => $call!(badges: Badge::HOLDER),
            13 => $call!(tasks: Task::AUTHOR),
            14 => $call!(tasks: Task::TOPICS),
            15 => $call!(tasks: Task::COMMENTS),
            16 => $call!(topics: Topic::INTERESTS),
            17 => $call!(topics: Topic::MEMBERS),
            18 => $call!(topics: Topic::TASKS),
            19 => $call!(steps: Step::OWNER),
            20 => $call!(members: Member::ROOM),
            21 => $call!(rooms: Room::GUESTS),
            22 => $call!(rooms: Room::EXITS),
            23 => $call!(rooms: Room::ENTRIES),
            24 => $call!(members: Member::VISITS),
            25 => $call!(members: Member::VISITED),
            26 => $call!(rooms: Room::VISITS),
            27 => $call!(rooms: Room::VISITORS),
            28 => $call!(members: Member::NEIGHBOURS),
            29 => $call!(rooms: Room::TOOLS),
            30 => $call!(tools: Tool::ROOM),
            31 => $call!(tools: Tool::MACHINE),
            32 => $call!(machines: Machine::TOOL),
            33 => $call!(machines: Machine::KEEPER),
            34 => $call!(members: Member::MACHINES),
            _ => $call!(comments: Comment::SUBJECT.then(Subject::TASK)),
        }
    };
}

impl World {
    pub(crate) async fn load(&mut self, op: &Op) -> Done {
        let (session, handles) = (&mut self.session, &self.handles);
        match *op {
            Op::Load { relation, object, flushes } => {
                macro_rules! load {
                    ($of:ident: $relation:expr) => {
                        match handles.$of.values().nth(object % handles.$of.len().max(1)) {
                            Some(handle) if flushes => session.load(*handle, $relation).await.map(|_| ()),
                            Some(handle) => session.no_autoflush().load(*handle, $relation).await.map(|_| ()),
                            None => Ok(()),
                        }
                    };
                }
                with_relation!(relation, load).map_err(told)
            }
            Op::LoadAll(relation) => {
                macro_rules! load {
                    ($of:ident: $relation:expr) => {{
                        let all: Vec<_> = handles.$of.values().copied().collect();
                        session.load(&all, $relation).await.map(|_| ())
                    }};
                }
                self.partial.remove(&relation);
                with_relation!(relation, load).map_err(told)
            }
            Op::LoadPart { relation, object } => {
                self.partial.insert(relation);
                let Some(of) = handles.members.values().nth(object % handles.members.len().max(1)) else {
                    return Ok(());
                };
                match relation {
                    0 => session.load(*of, Member::WRITTEN.filter(Task::DONE.eq(true))).await.map(|_| ()),
                    1 => session.load(*of, Member::TOPICS.limit(1)).await.map(|_| ()),
                    _ => session.load(*of, Member::COMMENTS.limit(1)).await.map(|_| ()),
                }
                .map_err(told)
            }
            Op::ExpireRelation { relation, object } => {
                self.flush().await?;
                let (session, handles) = (&mut self.session, &self.handles);
                macro_rules! expire {
                    ($of:ident: $relation:expr) => {
                        match handles.$of.values().nth(object % handles.$of.len().max(1)) {
                            Some(handle) => session.expire_relation(*handle, $relation),
                            None => Ok(()),
                        }
                    };
                }
                with_relation!(relation, expire).map_err(told)
            }
            _ => unreachable!("loads nothing: {op:?}"),
        }
    }

    pub(crate) async fn load_everything(&mut self) -> Done {
        for relation in 0..RELATIONS {
            self.load(&Op::LoadAll(relation)).await?;
        }
        Ok(())
    }
}
