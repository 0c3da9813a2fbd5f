//! One to one.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Somebody who signs in.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct User {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// The name to sign in with.
    #[model(unique)]
    pub login: String,
    /// What others see.
    #[has_one(back_populates = "user", cascade = "all, delete-orphan")]
    pub profile: HasOne<Profile>,
}

/// What others see of a user.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Profile {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// In the user's own words.
    pub text: String,
    /// Whose it is.
    #[belongs_to(back_populates = "profile", unique, on_delete = "cascade")]
    pub user: BelongsTo<User>,
}
