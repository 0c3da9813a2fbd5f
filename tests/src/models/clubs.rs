//! A natural key that every kind of relation refers to and follows.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Known by its code.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Club {
    /// A natural key.
    #[model(primary_key)]
    pub code: String,
    /// What it is called.
    pub name: String,
    /// Who belongs to it.
    #[has_many(back_populates = "club", order_by = "id")]
    pub members: HasMany<Person>,
    /// What it wears.
    #[has_one(back_populates = "club")]
    pub badge: HasOne<Badge>,
    /// Its teams, whose keys begin with its own.
    #[has_many(back_populates = "club", order_by = "name")]
    pub teams: HasMany<Team>,
    /// What is played.
    #[many_to_many(secondary = "club_sport", back_populates = "clubs", order_by = "name")]
    pub sports: ManyToMany<Sport>,
}

/// Somebody who may belong to a club.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Person {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What the person is called.
    pub name: String,
    /// Where the person belongs.
    #[belongs_to(back_populates = "members", on_update = "cascade")]
    pub club: Option<BelongsTo<Club>>,
}

/// One a club.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Badge {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it looks like.
    pub colour: String,
    /// Whose it is.
    #[belongs_to(back_populates = "badge", unique, on_update = "cascade")]
    pub club: BelongsTo<Club>,
}

/// Known by its name inside of its club.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Team {
    /// The club.
    #[model(primary_key)]
    #[belongs_to(back_populates = "teams", on_update = "cascade")]
    pub club: BelongsTo<Club>,
    /// What it is called.
    #[model(primary_key)]
    pub name: String,
    /// How many it won.
    pub won: Option<i32>,
}

/// What is played.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Sport {
    /// A natural key.
    #[model(primary_key)]
    pub name: String,
    /// Who plays it.
    #[many_to_many(secondary = "club_sport", back_populates = "sports", order_by = "code")]
    pub clubs: ManyToMany<Club>,
}
