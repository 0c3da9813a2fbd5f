//! Lists whose order a column of their members holds.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Songs in an order, each of its own list.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Playlist {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// From 0, as they are played; one that leaves is gone.
    #[has_many(back_populates = "playlist", position = "position", cascade = "all, delete-orphan")]
    pub songs: HasMany<Song>,
    /// From 0, by a number that may be missing; one that leaves stays.
    #[has_many(back_populates = "encore_of", position = "encore")]
    pub encores: HasMany<Song>,
}

/// Stands in a list.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Song {
    /// A natural key.
    #[model(primary_key)]
    pub title: String,
    /// The place in the list.
    #[model(default = -1)]
    pub position: i32,
    /// The place among the encores.
    pub encore: Option<i16>,
    /// The list.
    #[belongs_to(back_populates = "songs")]
    pub playlist: BelongsTo<Playlist>,
    /// The list that ends with it.
    #[belongs_to(back_populates = "encores")]
    pub encore_of: Option<BelongsTo<Playlist>>,
}
