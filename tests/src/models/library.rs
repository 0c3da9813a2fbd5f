//! Relations that queries load by themselves, and relations that they do not.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Has shelves, which come with it.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Library {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// They come in its statement.
    #[has_many(back_populates = "library", order_by = "id", load = "joined")]
    pub shelves: HasMany<Shelf>,
    /// Each visit is written down and never read as a whole.
    #[has_many(
        back_populates = "library",
        order_by = "id",
        load = "write_only",
        cascade = "all",
        passive_deletes = true
    )]
    pub visits: HasMany<Visit>,
    /// Loaded by queries that say so.
    #[has_many(back_populates = "library", order_by = "id", load = "raise")]
    pub readers: HasMany<Reader>,
}

/// Has books, which come with it.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Shelf {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// Where it stands; comes with it, too.
    #[belongs_to(back_populates = "shelves", load = "select_in")]
    pub library: BelongsTo<Library>,
    /// They come with it, in one statement.
    #[has_many(back_populates = "shelf", order_by = "id", load = "select_in")]
    pub books: HasMany<Book>,
}

/// Stands on a shelf, and may refer to another book.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Book {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub title: String,
    /// Where it stands.
    #[belongs_to(back_populates = "books")]
    pub shelf: BelongsTo<Shelf>,
    /// The volume before; the whole row of volumes comes with one.
    #[belongs_to(back_populates = "next", load = "subquery")]
    pub previous: Option<BelongsTo<Book>>,
    /// The volumes after it.
    #[has_many(back_populates = "previous", order_by = "id")]
    pub next: HasMany<Book>,
}

/// Somebody came.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Visit {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// Where.
    #[belongs_to(back_populates = "visits", on_delete = "cascade")]
    pub library: BelongsTo<Library>,
    /// How long, in minutes.
    pub minutes: i32,
}

/// Somebody who reads.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Reader {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// Who.
    pub name: String,
    /// Where.
    #[belongs_to(back_populates = "readers")]
    pub library: BelongsTo<Library>,
}
