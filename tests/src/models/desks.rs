//! One to one where both may be alone.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Somebody who may have a desk.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Worker {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What the worker is called.
    pub name: String,
    /// Stays when the worker goes.
    #[has_one(back_populates = "worker")]
    pub desk: HasOne<Desk>,
}

/// A place to work at.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Desk {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// Whose it is: of one worker only.
    #[belongs_to(back_populates = "desk", unique)]
    pub worker: Option<BelongsTo<Worker>>,
}
