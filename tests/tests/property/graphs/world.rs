//! A session beside the maps.

use super::change;
use super::check::{check_database, check_session};
use super::ops::{How, Op};
use super::shadow::{Id, Kind, Owned, Paired, Shadow};
use orm_core::prelude::*;
use orm_tests::models::guild::{Badge, Comment, Member, Step, Subject, Task, Topic};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many relations can be loaded; the first three also in part.
pub(crate) const RELATIONS: usize = 21;

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
            _ => $call!(comments: Comment::SUBJECT.then(Subject::TASK)),
        }
    };
}

/// The handles of the living objects in the present session.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    pub(crate) members: BTreeMap<Id, Handle<Member>>,
    pub(crate) badges: BTreeMap<Id, Handle<Badge>>,
    pub(crate) tasks: BTreeMap<Id, Handle<Task>>,
    pub(crate) topics: BTreeMap<Id, Handle<Topic>>,
    pub(crate) steps: BTreeMap<Id, Handle<Step>>,
    pub(crate) comments: BTreeMap<Id, Handle<Comment>>,
}

#[derive(Debug)]
pub(crate) struct World {
    engine: Engine,
    pub(crate) session: Session,
    pub(crate) now: Shadow,
    committed: Shadow,
    /// What there was when each savepoint began.
    savepoints: Vec<Shadow>,
    pub(crate) handles: Handles,
    next: Id,
    /// What changed since the last flush, and through what: saying the opposite through something else before the flush
    /// would contradict, so that the flush comes first.
    owned: HashMap<(Owned, Id), How>,
    paired: HashMap<(Paired, Id, Id), (How, bool)>,
    /// Members were put to places of lists that may not be loaded.
    placed: bool,
    /// New objects may refer to others, which must not be deleted before the flush.
    added: bool,
    /// The relations of which parts were loaded.
    pub(crate) partial: BTreeSet<usize>,
}

pub(crate) type Done = Result<(), String>;

pub(crate) fn told(error: orm_core::Error) -> String {
    format!("{error:?}")
}

impl World {
    pub(crate) async fn new(engine: &Engine) -> Self {
        let mut connection = engine.connection().await.unwrap();
        connection
            .execute_script("TRUNCATE member, badge, task, topic, step, comment CASCADE")
            .await
            .unwrap();
        Self {
            engine: engine.clone(),
            session: engine.session(),
            now: Shadow::default(),
            committed: Shadow::default(),
            savepoints: Vec::new(),
            handles: Handles::default(),
            next: 0,
            owned: HashMap::new(),
            paired: HashMap::new(),
            placed: false,
            added: false,
            partial: BTreeSet::new(),
        }
    }

    pub(crate) async fn apply(&mut self, op: &Op) -> Done {
        match *op {
            Op::Add(kind, n) => self.add(kind, n),
            Op::Delete(kind, n) => self.delete(kind, n).await?,
            Op::Done(task) => {
                if let Some(id) = self.now.pick(Kind::Task, task) {
                    let is_done = self.now.done.remove(&id) || !self.now.done.insert(id);
                    self.session[self.handles.tasks[&id]].done = !is_done;
                }
            }
            Op::Own { relation, member, owner, how } => self.own(relation, member, owner, how).await?,
            Op::Pair { relation, one, other, add, how } => {
                self.pair(relation, one, other, add, how).await?;
            }
            Op::Place { step, owner, place } => self.place(step, owner, place).await?,
            Op::LoadEverything => self.load_everything().await?,
            Op::Load { .. } | Op::LoadAll(_) | Op::LoadPart { .. } | Op::ExpireRelation { .. } => {
                self.load(op).await?;
            }
            Op::Flush => self.flush().await?,
            Op::Expire => {
                self.flush().await?;
                self.session.expire_all();
                check_session(self)?;
            }
            Op::Begin | Op::Release | Op::Undo => self.nest(op).await?,
            Op::Commit => {
                self.session.commit().await.map_err(told)?;
                self.settled();
                self.savepoints.clear();
                self.committed = self.now.clone();
                check_session(self)?;
                check_database(&self.engine, &self.committed).await?;
            }
            Op::Rollback => {
                self.session.rollback().await.map_err(told)?;
                self.savepoints.clear();
                self.back_to(self.committed.clone()).await?;
            }
            Op::Reopen { loaded } => self.reopen(loaded).await?,
        }
        Ok(())
    }

    fn settled(&mut self) {
        self.owned.clear();
        self.paired.clear();
        (self.placed, self.added) = (false, false);
    }

    async fn flush(&mut self) -> Done {
        self.session.flush().await.map_err(told)?;
        self.settled();
        check_session(self)
    }

    fn add(&mut self, kind: Kind, n: usize) {
        let id = self.next + 1;
        let (session, handles, name) = (&mut self.session, &mut self.handles, id.to_string());
        match kind {
            Kind::Member => {
                handles.members.insert(id, session.add(Member::builder().name(name)));
            }
            Kind::Badge => {
                handles.badges.insert(id, session.add(Badge::builder().name(name)));
            }
            Kind::Task => {
                handles.tasks.insert(id, session.add(Task::builder().name(name)));
            }
            Kind::Topic => {
                handles.topics.insert(id, session.add(Topic::builder().name(name)));
            }
            Kind::Step => {
                handles.steps.insert(id, session.add(Step::builder().name(name)));
            }
            Kind::Comment => {
                let Some(about) = self.now.pick([Kind::Member, Kind::Task][n % 2], n / 2) else { return };
                let comment = Comment::builder().name(name).subject(handles.subject(about));
                handles.comments.insert(id, session.add(comment));
                self.now.own(Owned::Comment, id, Some(about), None);
                self.owned.insert((Owned::Comment, id), How::One);
            }
        }
        self.next = id;
        self.now.objects.insert(id, kind);
        self.added = true;
    }

    async fn delete(&mut self, kind: Kind, n: usize) -> Done {
        let Some(id) = self.now.pick(kind, n) else { return Ok(()) };
        if self.added || self.placed || !self.owned.is_empty() || !self.paired.is_empty() {
            self.flush().await?;
        }
        let (session, handles) = (&mut self.session, &self.handles);
        match kind {
            Kind::Member => session.delete(handles.members[&id]),
            Kind::Badge => session.delete(handles.badges[&id]),
            Kind::Task => session.delete(handles.tasks[&id]),
            Kind::Topic => session.delete(handles.topics[&id]),
            Kind::Step => session.delete(handles.steps[&id]),
            Kind::Comment => session.delete(handles.comments[&id]),
        }
        .map_err(told)?;
        self.now.delete(id);
        self.forget_deleted();
        Ok(())
    }

    fn forget_deleted(&mut self) {
        let (handles, now) = (&mut self.handles, &self.now);
        handles.members.retain(|id, _| now.objects.contains_key(id));
        handles.badges.retain(|id, _| now.objects.contains_key(id));
        handles.tasks.retain(|id, _| now.objects.contains_key(id));
        handles.topics.retain(|id, _| now.objects.contains_key(id));
        handles.steps.retain(|id, _| now.objects.contains_key(id));
        handles.comments.retain(|id, _| now.objects.contains_key(id));
    }

    async fn own(&mut self, relation: Owned, member: usize, owner: Option<usize>, how: How) -> Done {
        let Some(member) = self.now.pick(relation.member(), member) else { return Ok(()) };
        let kind = match (relation, owner) {
            (Owned::Comment, Some(n)) if n % 2 == 1 => Kind::Task,
            _ => Kind::Member,
        };
        let new = owner.and_then(|n| self.now.pick(kind, n / 2));
        let old = self.now.owner(relation, member);
        let how = match how {
            // A list does not hear of a foreign key.
            How::One | How::Object if relation == Owned::Step => How::LinkOne,
            // A comment without a subject is one that was taken out of its collection.
            How::One | How::Object | How::LinkOne if relation == Owned::Comment && new.is_none() => How::Many,
            How::Object => How::One,
            How::ObjectMany => How::Many,
            how => how,
        };
        if old == new {
            return Ok(());
        }
        let displaced = new
            .filter(|_| relation == Owned::Badge)
            .and_then(|new| self.now.owned(Owned::Badge, new).first().copied());
        for touched in displaced.into_iter().chain([member]) {
            self.only(relation, touched, how).await?;
        }
        if relation == Owned::Step && self.placed {
            self.flush().await?;
            self.owned.insert((relation, member), how);
        }
        let orphan = relation == Owned::Comment && new.is_none();
        if orphan {
            self.flush().await?;
        }
        if let (How::One, Some(displaced)) = (how, displaced) {
            change::own(self, relation, displaced, (new, None), how)?;
        }
        change::own(self, relation, member, (old, new), how)?;
        self.now.own(relation, member, new, None);
        if orphan {
            self.now.delete(member);
            self.forget_deleted();
        }
        Ok(())
    }

    /// Flushes first when the owner of this object was changed before through something else.
    async fn only(&mut self, relation: Owned, member: Id, how: How) -> Done {
        let links = |how| matches!(how, How::LinkOne | How::LinkMany);
        let agrees = |known: &How| (*known == How::One && how == How::One) || (links(*known) && links(how));
        if self.owned.get(&(relation, member)).is_some_and(|known| !agrees(known)) {
            self.flush().await?;
        }
        self.owned.insert((relation, member), how);
        Ok(())
    }

    async fn pair(&mut self, relation: Paired, one: usize, other: usize, add: bool, how: How) -> Done {
        let ends = relation.ends();
        let Some(one) = self.now.pick(ends.0, one) else { return Ok(()) };
        let Some(other) = self.now.pick(ends.1, other) else { return Ok(()) };
        let pair = (relation, one, other);
        let how = match how {
            How::Object if relation != Paired::Interests => How::One,
            How::ObjectMany if relation != Paired::Interests => How::Many,
            how => how,
        };
        let links = |how| matches!(how, How::LinkOne | How::LinkMany);
        let is_object = matches!(how, How::Object | How::ObjectMany);
        let is_there = self.now.pairs.contains(&pair);
        if (is_object && add == is_there) || (links(how) && !add && !is_there) {
            return Ok(());
        }
        // After a link, both sides know, and each may be told otherwise; two sides may say the same.
        let agrees = |(known, adds): &(How, bool)| {
            !is_object && (*known == how || links(*known) || (*adds == add && !links(how)))
        };
        if self.paired.get(&pair).is_some_and(|known| !agrees(known)) || (is_object && !add) {
            self.flush().await?;
        }
        self.paired.insert(pair, (how, add));
        if is_object {
            change::interest(self, (one, other), add, how).await?;
        } else {
            change::pair(self, pair, add, how)?;
        }
        if add {
            self.now.pairs.insert(pair);
        } else {
            self.now.pairs.remove(&pair);
        }
        Ok(())
    }

    async fn place(&mut self, step: usize, owner: usize, place: usize) -> Done {
        let Some(step) = self.now.pick(Kind::Step, step) else { return Ok(()) };
        let Some(owner) = self.now.pick(Kind::Member, owner) else { return Ok(()) };
        if self.now.owner(Owned::Step, step) != Some(owner) {
            self.only(Owned::Step, step, How::Many).await?;
        }
        if self.placed {
            self.flush().await?;
            self.owned.insert((Owned::Step, step), How::Many);
        }
        self.placed = true;
        let length = self.now.lists.get(&owner).map_or(0, Vec::len);
        let place = place % (length + 1);
        let (owner_handle, handle) = (self.handles.members[&owner], self.handles.steps[&step]);
        self.session[owner_handle].steps.move_to(place, handle);
        self.now.own(Owned::Step, step, Some(owner), Some(place));
        Ok(())
    }

    async fn load(&mut self, op: &Op) -> Done {
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

    async fn nest(&mut self, op: &Op) -> Done {
        match op {
            Op::Begin => {
                self.session.begin_nested().await.map_err(told)?.detach();
                self.savepoints.push(self.now.clone());
            }
            Op::Release if !self.savepoints.is_empty() => {
                self.session.commit_nested().await.map_err(told)?;
                self.savepoints.pop();
            }
            Op::Undo if !self.savepoints.is_empty() => {
                self.session.rollback_nested().await.map_err(told)?;
                let then = self.savepoints.pop().expect("there is one");
                return self.back_to(then).await;
            }
            _ => return Ok(()),
        }
        self.settled();
        check_session(self)
    }

    /// The objects that were not there then are out; those that were deleted are back, under their old handles.
    async fn back_to(&mut self, then: Shadow) -> Done {
        self.now = then;
        self.settled();
        self.handles = Handles::default();
        let (session, handles) = (&mut self.session, &mut self.handles);
        macro_rules! find {
            ($($of:ident: $model:ident),*) => {$(
                for handle in session.query::<$model>().all().await.map_err(told)? {
                    handles.$of.insert(session[handle].name.parse().unwrap(), handle);
                }
            )*};
        }
        find!(members: Member, badges: Badge, tasks: Task, topics: Topic, steps: Step, comments: Comment);
        check_session(self)
    }

    async fn reopen(&mut self, loaded: bool) -> Done {
        self.session = self.engine.session();
        self.savepoints.clear();
        self.partial.clear();
        self.back_to(self.committed.clone()).await?;
        if loaded {
            self.load_everything().await?;
        }
        check_session(self)
    }

    async fn load_everything(&mut self) -> Done {
        for relation in 0..RELATIONS {
            self.load(&Op::LoadAll(relation)).await?;
        }
        Ok(())
    }
}

impl Handles {
    /// What a comment is about.
    pub(crate) fn subject(&self, about: Id) -> Subject {
        match self.members.get(&about) {
            Some(member) => Subject::Member((*member).into()),
            None => Subject::Task(self.tasks[&about].into()),
        }
    }
}
