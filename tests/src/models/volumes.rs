//! Columns that queries leave out.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// A book with what is too long to be read with every row.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Volume {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub title: String,
    /// Read when it is asked for.
    pub blurb: Deferred<String>,
    /// Read with its group.
    #[model(deferred = "media")]
    pub cover: Deferred<Option<Vec<u8>>>,
    /// Read with its group.
    #[model(deferred = "media")]
    pub sound: Deferred<Option<Vec<u8>>>,
    /// Read unless a query leaves it out.
    #[model(deferred = false)]
    pub note: Deferred<Option<String>>,
    /// Made by the database, and not read.
    #[model(deferred, server_default = "now()")]
    pub bought_at: Deferred<Auto<DateTime<Utc>>>,
    /// Its parts.
    #[has_many(back_populates = "volume", order_by = "id", cascade = "all, delete-orphan")]
    pub chapters: HasMany<Chapter>,
}

/// A part of a book.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Chapter {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it says.
    pub text: Deferred<String>,
    /// What it is part of.
    #[belongs_to]
    pub volume: BelongsTo<Volume>,
}

/// Who reads books.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Reader {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What the reader is called.
    pub name: String,
    /// What the reader has read.
    #[many_to_many(secondary = "reading", order_by = "id")]
    pub volumes: ManyToMany<Volume>,
}

/// A page, known by its book and number.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Page {
    /// What it is part of.
    #[model(primary_key)]
    #[belongs_to]
    pub volume: BelongsTo<Volume>,
    /// Its number.
    #[model(primary_key)]
    pub number: i32,
    /// What it says.
    pub text: Deferred<String>,
    /// Who saw it.
    #[model(embed)]
    pub seen: Seen,
}

/// A look at something.
#[derive(Embedded, Clone, Debug, PartialEq)]
pub struct Seen {
    /// Who looked.
    pub by: String,
    /// What they said.
    pub remark: Deferred<Option<String>>,
}
