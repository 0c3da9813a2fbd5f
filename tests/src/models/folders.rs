//! A tree whose branches go with their root, and a second reference of the table to itself.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Something that has others in it.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Folder {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// What it is in.
    #[belongs_to(back_populates = "children", index)]
    pub parent: Option<BelongsTo<Folder>>,
    /// What is in it, and goes with it.
    #[has_many(back_populates = "parent", cascade = "all, delete-orphan", order_by = "id")]
    pub children: HasMany<Folder>,
    /// Another one that is like it.
    #[belongs_to]
    pub twin: Option<BelongsTo<Folder>>,
}
