//! A session beside the maps.

use super::change;
use super::check::{check_database, check_session};
use super::ops::{How, Op};
use super::shadow::{Id, Kind, Owned, Paired, Shadow, place};
use orm_core::prelude::*;
use orm_tests::models::guild::{
    AnyTool, Badge, Comment, Machine, Member, Room, Step, Subject, Task, Tool, Topic,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The handles of the living objects in the present session.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    pub(crate) members: BTreeMap<Id, Handle<Member>>,
    pub(crate) badges: BTreeMap<Id, Handle<Badge>>,
    pub(crate) tasks: BTreeMap<Id, Handle<Task>>,
    pub(crate) topics: BTreeMap<Id, Handle<Topic>>,
    pub(crate) steps: BTreeMap<Id, Handle<Step>>,
    pub(crate) comments: BTreeMap<Id, Handle<Comment>>,
    pub(crate) rooms: BTreeMap<Id, Handle<Room>>,
    pub(crate) tools: BTreeMap<Id, Handle<Tool>>,
    pub(crate) machines: BTreeMap<Id, Handle<Machine>>,
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
            .execute_script("TRUNCATE member, badge, task, topic, step, comment, room, tool CASCADE")
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
            Op::Times { visit, times } => self.times(visit, times).await?,
            Op::Place { step, owner, place } => self.place(step, owner, place).await?,
            Op::LoadEverything => self.load_everything().await?,
            Op::Load { .. } | Op::LoadAll(_) | Op::LoadPart { .. } | Op::ExpireRelation { .. } => {
                self.load(op).await?;
            }
            Op::Kinds => self.kinds().await?,
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

    pub(crate) async fn flush(&mut self) -> Done {
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
            Kind::Tool => {
                handles.tools.insert(id, session.add(Tool::builder().name(name).place(place(id))));
            }
            Kind::Machine => {
                let tool = Tool::builder().name(name).place(place(id)).kind("machine");
                let tool = session.add(tool);
                handles.tools.insert(id, tool);
                self.now.objects.insert(id, Kind::Tool);
                self.now.halves.insert(id, id + 1);
                let machine = Machine::builder().tool(tool).name((id + 1).to_string());
                handles.machines.insert(id + 1, session.add(machine));
                self.next = id + 1;
                self.now.objects.insert(id + 1, kind);
                self.added = true;
                return;
            }
            Kind::Room => {
                let (building, number) = room_key(id);
                let room = Room::builder().building(building).number(number).name(name);
                handles.rooms.insert(id, session.add(room));
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
        // A machine goes as the tool that it is.
        let id = self.now.whole(id);
        let (session, handles) = (&mut self.session, &self.handles);
        match kind {
            Kind::Member => session.delete(handles.members[&id]),
            Kind::Badge => session.delete(handles.badges[&id]),
            Kind::Task => session.delete(handles.tasks[&id]),
            Kind::Topic => session.delete(handles.topics[&id]),
            Kind::Step => session.delete(handles.steps[&id]),
            Kind::Comment => session.delete(handles.comments[&id]),
            Kind::Room => session.delete(handles.rooms[&id]),
            Kind::Tool | Kind::Machine => session.delete(handles.tools[&id]),
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
        handles.rooms.retain(|id, _| now.objects.contains_key(id));
        handles.tools.retain(|id, _| now.objects.contains_key(id));
        handles.machines.retain(|id, _| now.objects.contains_key(id));
    }

    async fn own(&mut self, relation: Owned, member: usize, owner: Option<usize>, how: How) -> Done {
        let Some(member) = self.now.pick(relation.member(), member) else { return Ok(()) };
        let kind = match (relation, owner) {
            (Owned::Comment, Some(n)) if n % 2 == 1 => Kind::Task,
            (Owned::Room | Owned::Tool, _) => Kind::Room,
            _ => Kind::Member,
        };
        let new = owner.and_then(|n| self.now.pick(kind, n / 2));
        let old = self.now.owner(relation, member);
        let is_keyed = !matches!(how, How::One | How::Many | How::LinkOne | How::LinkMany);
        let how = match how {
            // A list does not hear of a foreign key.
            How::One | How::Object | How::Through if relation == Owned::Step => How::LinkOne,
            // A comment without a subject is one that was taken out of its collection.
            How::One | How::Object | How::Through | How::LinkOne
                if relation == Owned::Comment && new.is_none() =>
            {
                How::Many
            }
            How::Object | How::Through => How::One,
            How::ObjectMany | How::ThroughMany => How::Many,
            how => how,
        };
        if old == new {
            return Ok(());
        }
        let displaced = new.and_then(|new| self.now.displaced(relation, member, new));
        if relation == Owned::Tool && (is_keyed || displaced.is_some()) {
            return self.keyed(member, (old, new), displaced).await;
        }
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

    async fn keyed(&mut self, tool: Id, (old, new): (Option<Id>, Option<Id>), displaced: Option<Id>) -> Done {
        // Of what only another side knows, the collection does not hear before the flush.
        let is_known = |how: &How| matches!(how, How::LinkOne | How::LinkMany);
        if self.owned.iter().any(|((of, _), how)| *of == Owned::Tool && !is_known(how)) {
            self.flush().await?;
        }
        for touched in displaced.into_iter().chain([tool]) {
            self.only(Owned::Tool, touched, How::LinkMany).await?;
        }
        change::keyed(self, tool, (old, new), displaced).await?;
        self.now.own(Owned::Tool, tool, new, None);
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
            How::Object if !relation.has_objects() => How::One,
            How::ObjectMany if !relation.has_objects() => How::Many,
            How::Through if relation != Paired::Visits => How::One,
            How::ThroughMany if relation != Paired::Visits => How::Many,
            how => how,
        };
        let links = |how| matches!(how, How::LinkOne | How::LinkMany);
        let is_object = !matches!(how, How::One | How::Many) && !links(how);
        let is_there = self.now.pairs.contains(&pair);
        if (is_object && add == is_there) || (links(how) && !add && !is_there) {
            return Ok(());
        }
        // After a link, both sides know, and each may be told otherwise; two sides may say the same.
        let agrees = |(known, adds): &(How, bool)| {
            !is_object && (*known == how || links(*known) || (*adds == add && !links(how)))
        };
        // Whether a visit that goes and comes back is the old one depends on the way.
        let comes_back = |known: &(How, bool)| relation == Paired::Visits && known.1 != add;
        let contradicts = |known| !agrees(known) || comes_back(known);
        if self.paired.get(&pair).is_some_and(contradicts) || (is_object && !add) {
            self.flush().await?;
        }
        self.paired.insert(pair, (how, add));
        let times = (add && is_object).then_some(i32::try_from(other % 7).unwrap());
        match relation {
            Paired::Visits if is_object => change::visit(self, (one, other), times, how).await?,
            _ if is_object => change::interest(self, (one, other), add, how).await?,
            _ => change::pair(self, pair, add, how)?,
        }
        self.now.pair(pair, add, times);
        Ok(())
    }

    /// Every tool comes as what it is.
    async fn kinds(&mut self) -> Done {
        self.flush().await?;
        let found = self.session.query::<Tool>().polymorphic::<AnyTool>().all().await;
        let (handles, halves) = (&self.handles, &self.now.halves);
        let as_kind = |(id, tool): (&Id, &Handle<Tool>)| match halves.get(id) {
            Some(half) => AnyTool::Machine(handles.machines[half]),
            None => AnyTool::Tool(*tool),
        };
        let expected: Vec<_> = handles.tools.iter().map(as_kind).collect();
        let found = found.map_err(told)?;
        let is_same = found.len() == expected.len() && expected.iter().all(|tool| found.contains(tool));
        if is_same { Ok(()) } else { Err(format!("found {found:?}, expected {expected:?}")) }
    }

    async fn times(&mut self, visit: usize, times: i32) -> Done {
        let all: Vec<_> = self.now.times.keys().copied().collect();
        let Some(visit) = all.get(visit % all.len().max(1)) else { return Ok(()) };
        if self.paired.keys().any(|pair| *pair == (Paired::Visits, visit.0, visit.1)) {
            self.flush().await?;
        }
        self.now.times.insert(*visit, times);
        change::times(self, *visit, times).await
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
        find!(members: Member, badges: Badge, tasks: Task, topics: Topic, steps: Step, comments: Comment, rooms: Room, tools: Tool, machines: Machine);
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
}

/// The two columns by which a room is known.
pub(crate) fn room_key(id: Id) -> (i32, i32) {
    let number = i32::try_from(id).unwrap();
    (number % 3, number)
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
