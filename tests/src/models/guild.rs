//! Every kind of relation between few models: graphs to be changed at random.

use orm_core::prelude::*;
use orm_core::query::{Predicate, Proxy};

orm_core::declarative_base!(pub Base);

/// Has a relation of every kind.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Member {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What the member is called.
    pub name: String,
    /// The member above: a tree.
    #[belongs_to(back_populates = "reports", index)]
    pub boss: Option<BelongsTo<Member>>,
    /// The members below.
    #[has_many(back_populates = "boss", order_by = "id")]
    pub reports: HasMany<Member>,
    /// One to one.
    #[has_one(back_populates = "holder")]
    pub badge: HasOne<Badge>,
    /// By the one foreign key of tasks.
    #[has_many(back_populates = "author", order_by = "id")]
    pub written: HasMany<Task>,
    /// By the other one.
    #[has_many(back_populates = "reviewer", order_by = "id")]
    pub reviewed: HasMany<Task>,
    /// Of the written ones, those that are not done.
    #[view(of = "written", filter = open)]
    pub open: View<Task>,
    /// A graph.
    #[many_to_many(
        secondary = "friendship",
        owner_column = "member_id",
        target_column = "friend_id",
        back_populates = "friend_of",
        order_by = "id"
    )]
    pub friends: ManyToMany<Member>,
    /// Its arrows the other way round.
    #[many_to_many(
        secondary = "friendship",
        owner_column = "friend_id",
        target_column = "member_id",
        back_populates = "friends",
        order_by = "id"
    )]
    pub friend_of: ManyToMany<Member>,
    /// The association objects.
    #[has_many(back_populates = "member", cascade = "all, delete-orphan")]
    pub interests: HasMany<Interest>,
    /// What stands at their other end.
    #[many_to_many(secondary = "interest", back_populates = "members", order_by = "id")]
    pub topics: ManyToMany<Topic>,
    /// In an order.
    #[has_many(back_populates = "owner", position = "position")]
    pub steps: HasMany<Step>,
    /// About the member; they go with it.
    #[has_many(back_populates = "subject", cascade = "all, delete-orphan", order_by = "id")]
    pub comments: HasMany<Comment>,
    /// Where the member lives: a foreign key of two columns.
    #[belongs_to(back_populates = "guests", columns("room_building", "room_number"), index)]
    pub room: Option<BelongsTo<Room>>,
    /// One kind of tools.
    #[has_many(back_populates = "keeper", order_by = "name")]
    pub machines: HasMany<Machine>,
    /// Who lives in the same room, found by columns.
    #[view(on("room_building" = "room_building", "room_number" = "room_number"), order_by = "id")]
    pub neighbours: View<Member>,
    /// The association objects, with a column of their own.
    #[has_many(back_populates = "member", cascade = "all, delete-orphan")]
    pub visits: HasMany<Visit>,
    /// What stands at their other end.
    #[many_to_many(secondary = Visit, back_populates = "visitors", order_by = "number")]
    pub visited: ManyToMany<Room>,
}

impl Member {
    /// The rooms, through the association objects.
    pub const SEEN: Proxy<Member, Visit, Room> = Member::VISITS.proxy(Visit::ROOM);
}

fn open() -> Predicate<Task> {
    Task::DONE.eq(false)
}

/// One a member.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Badge {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// Who wears it.
    #[belongs_to(back_populates = "badge", unique)]
    pub holder: Option<BelongsTo<Member>>,
}

/// Refers to members by two foreign keys.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Task {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// Whether it is.
    #[model(default = false)]
    pub done: bool,
    /// Who wrote it.
    #[belongs_to(back_populates = "written", index)]
    pub author: Option<BelongsTo<Member>>,
    /// Who looks at it.
    #[belongs_to(back_populates = "reviewed", index)]
    pub reviewer: Option<BelongsTo<Member>>,
    /// Many to many by a table that no model declares.
    #[many_to_many(secondary = "task_topic", back_populates = "tasks", order_by = "id")]
    pub topics: ManyToMany<Topic>,
    /// About the task; they go with it.
    #[has_many(back_populates = "subject", cascade = "all, delete-orphan", order_by = "id")]
    pub comments: HasMany<Comment>,
}

/// What members like, and tasks are about.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Topic {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// The association objects.
    #[has_many(back_populates = "topic", cascade = "all, delete-orphan")]
    pub interests: HasMany<Interest>,
    /// What stands at their other end.
    #[many_to_many(secondary = "interest", back_populates = "topics", order_by = "id")]
    pub members: ManyToMany<Member>,
    /// The tasks about it.
    #[many_to_many(secondary = "task_topic", back_populates = "topics", order_by = "id")]
    pub tasks: ManyToMany<Task>,
}

/// A member likes a topic.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Interest {
    /// Who.
    #[model(primary_key)]
    #[belongs_to(back_populates = "interests")]
    pub member: BelongsTo<Member>,
    /// What.
    #[model(primary_key)]
    #[belongs_to(back_populates = "interests")]
    pub topic: BelongsTo<Topic>,
}

/// Stands in a list.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Step {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// The place in the list.
    #[model(default = -1)]
    pub position: i32,
    /// Whose list.
    #[belongs_to(back_populates = "steps", index)]
    pub owner: Option<BelongsTo<Member>>,
}

/// What a comment is about.
#[derive(Embedded, Clone, Debug)]
pub enum Subject {
    /// By one foreign key.
    Member(BelongsTo<Member>),
    /// By another one.
    Task(BelongsTo<Task>),
}

/// About a member or a task.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Comment {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// Exactly one.
    #[model(embed)]
    pub subject: Subject,
}

/// Known by two columns, which the program gives.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Room {
    /// The building.
    #[model(primary_key)]
    pub building: i32,
    /// The place in it.
    #[model(primary_key)]
    pub number: i32,
    /// What it is called.
    pub name: String,
    /// Who lives in it.
    #[has_many(back_populates = "room", order_by = "id")]
    pub guests: HasMany<Member>,
    /// Where one can go from here: a graph over keys of two columns.
    #[many_to_many(
        secondary = "passage",
        owner_columns("from_building", "from_number"),
        target_columns("to_building", "to_number"),
        back_populates = "entries",
        order_by = "number"
    )]
    pub exits: ManyToMany<Room>,
    /// From where one can come here.
    #[many_to_many(
        secondary = "passage",
        owner_columns("to_building", "to_number"),
        target_columns("from_building", "from_number"),
        back_populates = "exits",
        order_by = "number"
    )]
    pub entries: ManyToMany<Room>,
    /// The association objects, with a column of their own.
    #[has_many(back_populates = "room", cascade = "all, delete-orphan")]
    pub visits: HasMany<Visit>,
    /// What stands at their other end.
    #[many_to_many(secondary = Visit, back_populates = "visited", order_by = "id")]
    pub visitors: ManyToMany<Member>,
    /// One at each place.
    #[has_many(back_populates = "room", order_by = "id")]
    pub tools: HasMany<Tool>,
}

impl Room {
    /// The members, through the association objects.
    pub const SEEN_BY: Proxy<Room, Visit, Member> = Room::VISITS.proxy(Visit::MEMBER);
}

/// A member was in a room.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Visit {
    /// Who.
    #[model(primary_key)]
    #[belongs_to(back_populates = "visits")]
    pub member: BelongsTo<Member>,
    /// Where.
    #[model(primary_key)]
    #[belongs_to(back_populates = "visits", columns("room_building", "room_number"))]
    pub room: BelongsTo<Room>,
    /// How often.
    #[model(server_default = "1")]
    pub times: Auto<i32>,
}

/// Lies at a place in a room, where nothing else lies.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Tool {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// Under which the room finds it.
    pub place: i32,
    /// Which kind it is.
    #[model(default = "tool")]
    pub kind: String,
    /// The other half of a machine, which goes with it.
    #[has_one(back_populates = "tool", cascade = "all, delete-orphan")]
    pub machine: HasOne<Machine>,
    /// Where it is.
    #[belongs_to(back_populates = "tools", columns("room_building", "room_number"))]
    pub room: Option<BelongsTo<Room>>,
}

/// A tool with a row in two tables.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Machine {
    /// The key, and the half that all tools have.
    #[model(primary_key)]
    #[belongs_to(back_populates = "machine", on_delete = "cascade")]
    pub tool: BelongsTo<Tool>,
    /// What it is called.
    pub name: String,
    /// A relation of this kind alone.
    #[belongs_to(back_populates = "machines", index)]
    pub keeper: Option<BelongsTo<Member>>,
}

/// All kinds of tools.
#[derive(Polymorphic, Clone, Copy, Debug, PartialEq)]
#[polymorphic(base = Tool, on = "kind")]
pub enum AnyTool {
    /// `machine`
    Machine(Handle<Machine>),
    /// Has one row.
    #[polymorphic(base)]
    Tool(Handle<Tool>),
}
