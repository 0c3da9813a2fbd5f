//! Many to many of a model with itself, and association models that refer to one model more than once.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Somebody who knows others.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Person {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What the person is called.
    pub name: String,
    /// Whom the person calls a friend.
    #[many_to_many(
        secondary = "friendship",
        owner_column = "person_id",
        target_column = "friend_id",
        back_populates = "friend_of",
        order_by = "id"
    )]
    pub friends: ManyToMany<Person>,
    /// By whom the person is called a friend.
    #[many_to_many(
        secondary = "friendship",
        owner_column = "friend_id",
        target_column = "person_id",
        back_populates = "friends",
        order_by = "id"
    )]
    pub friend_of: ManyToMany<Person>,
    /// Whom the person follows: of two foreign keys, one has to be named.
    #[many_to_many(secondary = Follow, owner_column = "follower_id", back_populates = "followers", order_by = "id")]
    pub following: ManyToMany<Person>,
    /// Who follows the person.
    #[many_to_many(secondary = Follow, target_column = "follower_id", back_populates = "following", order_by = "id")]
    pub followers: ManyToMany<Person>,
    /// The clubs that the person is in.
    #[many_to_many(
        secondary = "membership",
        owner_column = "person_id",
        back_populates = "members",
        order_by = "id"
    )]
    pub clubs: ManyToMany<Club>,
    /// The clubs that the person brought somebody into.
    #[many_to_many(
        secondary = "membership",
        owner_column = "sponsor_id",
        back_populates = "sponsors",
        order_by = "id"
    )]
    pub sponsored: ManyToMany<Club>,
}

/// One person follows another.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Follow {
    /// Who follows.
    #[model(primary_key)]
    #[belongs_to(on_delete = "cascade")]
    pub follower: BelongsTo<Person>,
    /// Who is followed.
    #[model(primary_key)]
    #[belongs_to(on_delete = "cascade", index)]
    pub followed: BelongsTo<Person>,
    /// How much the follower wants to hear.
    #[model(server_default = "1")]
    pub level: Auto<i32>,
}

/// Has members, each with a sponsor.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Club {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// Who is in it.
    #[many_to_many(
        secondary = "membership",
        target_column = "person_id",
        back_populates = "clubs",
        order_by = "id"
    )]
    pub members: ManyToMany<Person>,
    /// Who brought members into it.
    #[many_to_many(
        secondary = "membership",
        target_column = "sponsor_id",
        back_populates = "sponsored",
        order_by = "id"
    )]
    pub sponsors: ManyToMany<Person>,
}

/// A member of a club, or a sponsor in it: two relations through one table.
#[derive(Model, Clone, Debug)]
#[model(base = Base, unique("club", "person"), unique("club", "sponsor"))]
pub struct Membership {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// The club.
    #[belongs_to(on_delete = "cascade")]
    pub club: BelongsTo<Club>,
    /// The member.
    #[belongs_to(on_delete = "cascade")]
    pub person: Option<BelongsTo<Person>>,
    /// Who brought the member in.
    #[belongs_to(on_delete = "cascade")]
    pub sponsor: Option<BelongsTo<Person>>,
}

/// A place in a building, known by both.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Place {
    /// The building.
    #[model(primary_key)]
    pub building: i32,
    /// The place in it.
    #[model(primary_key)]
    pub number: i32,
    /// Where one can go from here.
    #[many_to_many(
        secondary = "way",
        owner_columns("from_building", "from_number"),
        target_columns("to_building", "to_number"),
        order_by = "building, number"
    )]
    pub next: ManyToMany<Place>,
}
