//! Rows that are hidden: by their models, and by the tenant of a session.

use orm_core::prelude::*;
use std::sync::atomic::{AtomicI32, Ordering};

orm_core::declarative_base!(pub Base);

/// What a tenant keeps its notes in; each session says whose it sees.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Drawer {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// Whose it is.
    pub tenant: i32,
    /// What it is called.
    pub name: String,
    /// The notes in it.
    #[has_many(back_populates = "drawer", order_by = "id", cascade = "all, delete-orphan")]
    pub notes: HasMany<Note>,
    /// What stands on it, unless that came off.
    #[has_one(back_populates = "drawer", cascade = "all, delete-orphan")]
    pub plate: HasOne<Plate>,
}

/// Hidden when it is deleted.
#[derive(Model, Clone, Debug)]
#[model(base = Base, criteria = Note::not_deleted)]
pub struct Note {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it says.
    pub text: String,
    /// What was scribbled on its back.
    pub scribble: Deferred<Option<String>>,
    /// Whether it is deleted.
    #[model(default = false)]
    pub deleted: bool,
    /// What it is in.
    #[belongs_to(back_populates = "notes", index)]
    pub drawer: BelongsTo<Drawer>,
    /// The note that it answers.
    #[belongs_to(back_populates = "answers", index)]
    pub answered: Option<BelongsTo<Note>>,
    /// The notes that answer it.
    #[has_many(back_populates = "answered", order_by = "id")]
    pub answers: HasMany<Note>,
    /// What is said about it.
    #[has_many(back_populates = "note", order_by = "id", cascade = "all, delete-orphan")]
    pub remarks: HasMany<Remark>,
    /// What it is about.
    #[many_to_many(secondary = "note_label", back_populates = "notes", order_by = "word")]
    pub labels: ManyToMany<Label>,
}

impl Note {
    fn not_deleted() -> Predicate<Self> {
        Self::DELETED.eq(false)
    }
}

/// Hidden with its note.
#[derive(Model, Clone, Debug)]
#[model(base = Base, criteria = Remark::of_a_note_that_is_seen)]
pub struct Remark {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it says.
    pub text: String,
    /// What it is about.
    #[belongs_to(back_populates = "remarks", index)]
    pub note: BelongsTo<Note>,
}

impl Remark {
    fn of_a_note_that_is_seen() -> Predicate<Self> {
        Self::NOTE.has(Note::ID.is_not_null())
    }
}

/// Hidden when it came off.
#[derive(Model, Clone, Debug)]
#[model(base = Base, criteria = Plate::is_on)]
pub struct Plate {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// Whether it is still on.
    #[model(default = false)]
    pub off: bool,
    /// What it was made for.
    #[belongs_to(back_populates = "plate", unique)]
    pub drawer: BelongsTo<Drawer>,
}

impl Plate {
    fn is_on() -> Predicate<Self> {
        Self::OFF.eq(false)
    }
}

/// Hidden for two reasons: retired, or for the house only.
#[derive(Model, Clone, Debug)]
#[model(base = Base, criteria = Label::not_retired, criteria = Label::for_everybody)]
pub struct Label {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// The word; for the house only with a `#`.
    #[model(unique)]
    pub word: String,
    /// Whether it is used no more.
    #[model(default = false)]
    pub retired: bool,
    /// What is about it.
    #[many_to_many(secondary = "note_label", back_populates = "labels", order_by = "id")]
    pub notes: ManyToMany<Note>,
}

impl Label {
    fn not_retired() -> Predicate<Self> {
        Self::RETIRED.eq(false)
    }

    fn for_everybody() -> Predicate<Self> {
        !Self::WORD.like("#%")
    }
}

/// Which note is about what; hidden when that was taken back.
#[derive(Model, Clone, Debug)]
#[model(base = Base, criteria = NoteLabel::not_taken_back)]
pub struct NoteLabel {
    /// The note.
    #[model(primary_key)]
    #[belongs_to(on_delete = "cascade")]
    pub note: BelongsTo<Note>,
    /// The label.
    #[model(primary_key)]
    #[belongs_to(on_delete = "cascade", index)]
    pub label: BelongsTo<Label>,
    /// Whether it was taken back.
    #[model(server_default = "false")]
    pub taken_back: Auto<bool>,
}

impl NoteLabel {
    fn not_taken_back() -> Predicate<Self> {
        Self::TAKEN_BACK.eq(false)
    }
}

/// What is written on paper.
#[derive(Polymorphic, Clone, Copy, Debug, PartialEq)]
pub enum Paper {
    /// A note.
    Note(Handle<Note>),
    /// A remark.
    Remark(Handle<Remark>),
}

/// The highest shelf that is seen: asked for with each statement.
pub static CEILING: AtomicI32 = AtomicI32::new(0);

/// Hidden above the ceiling.
#[derive(Model, Clone, Debug)]
#[model(base = Base, criteria = Shelf::below_the_ceiling)]
pub struct Shelf {
    /// How high it is.
    #[model(primary_key)]
    pub height: i32,
}

impl Shelf {
    fn below_the_ceiling() -> Predicate<Self> {
        Self::HEIGHT.le(CEILING.load(Ordering::Relaxed))
    }
}
