//! Cascades over three levels that the session follows alone: no foreign key has an action of the database.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Has rooms, and guests who are not its own.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct House {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// They go with it, and as orphans.
    #[has_many(back_populates = "house", cascade = "all, delete-orphan", order_by = "id")]
    pub rooms: HasMany<Room>,
    /// They go with it, but may leave.
    #[has_many(back_populates = "house", cascade = "all", order_by = "id")]
    pub guests: HasMany<Guest>,
    /// The letters that were sent from here.
    #[has_many(back_populates = "sender", cascade = "all, delete-orphan", order_by = "id")]
    pub sent: HasMany<Letter>,
    /// The letters that came here.
    #[has_many(back_populates = "receiver", cascade = "all, delete-orphan", order_by = "id")]
    pub received: HasMany<Letter>,
}

/// Has things.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Room {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// Where it is.
    #[belongs_to(back_populates = "rooms")]
    pub house: Option<BelongsTo<House>>,
    /// They go with it, and as orphans.
    #[has_many(back_populates = "room", cascade = "all, delete-orphan", order_by = "id")]
    pub things: HasMany<Thing>,
}

/// Stands in a room.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Thing {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    #[belongs_to(back_populates = "things")]
    pub room: Option<BelongsTo<Room>>,
}

/// Lives somewhere, perhaps.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Guest {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What the guest is called.
    pub name: String,
    /// Where.
    #[belongs_to(back_populates = "guests")]
    pub house: Option<BelongsTo<House>>,
}

/// Has two owners.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Letter {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// The words.
    pub text: String,
    /// Where it comes from.
    #[belongs_to(back_populates = "sent")]
    pub sender: Option<BelongsTo<House>>,
    /// Where it goes.
    #[belongs_to(back_populates = "received")]
    pub receiver: Option<BelongsTo<House>>,
}
