//! Foreign keys without any action of the database and without cascades: a required one and an optional one.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Who writes, or edits.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Author {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What the author is called.
    pub name: String,
    /// What the author wrote.
    #[has_many(back_populates = "author", order_by = "id")]
    pub books: HasMany<Book>,
    /// What the author edited.
    #[has_many(back_populates = "editor", order_by = "id")]
    pub edited: HasMany<Book>,
}

/// A book has an author, and perhaps an editor.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Book {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub title: String,
    /// Who wrote it.
    #[belongs_to(back_populates = "books")]
    pub author: BelongsTo<Author>,
    /// Who edited it.
    #[belongs_to(back_populates = "edited")]
    pub editor: Option<BelongsTo<Author>>,
}
