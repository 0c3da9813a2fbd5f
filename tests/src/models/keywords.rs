//! An association model that is written as objects, as a many-to-many relation, and through a proxy.

use orm_core::prelude::*;
use orm_core::query::Proxy;

orm_core::declarative_base!(pub Base);

/// Somebody who likes keywords.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct User {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What the user is called.
    pub name: String,
    /// The associations, as objects.
    #[has_many(back_populates = "user", cascade = "all, delete-orphan", order_by = "weight")]
    pub user_keywords: HasMany<UserKeyword>,
    /// The keywords, by the same table.
    #[many_to_many(secondary = "user_keyword", back_populates = "users", order_by = "word")]
    pub keywords: ManyToMany<Keyword>,
    /// What the user wrote.
    #[has_many(back_populates = "user", order_by = "id")]
    pub notes: HasMany<Note>,
}

impl User {
    /// The keywords, through the association objects.
    pub const LIKED: Proxy<User, UserKeyword, Keyword> = User::USER_KEYWORDS.proxy(UserKeyword::KEYWORD);
    /// The keywords of the notes: a relation to many through another.
    pub const NOTED: Proxy<User, Note, Keyword> = User::NOTES.proxy(Note::KEYWORDS);
    /// Who likes a keyword of the user's, through the keywords.
    pub const ALIKE: Proxy<User, Keyword, User> = User::KEYWORDS.proxy(Keyword::USERS);
}

/// A user likes a keyword.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct UserKeyword {
    /// Who.
    #[model(primary_key)]
    #[belongs_to(back_populates = "user_keywords")]
    pub user: BelongsTo<User>,
    /// What.
    #[model(primary_key)]
    #[belongs_to(back_populates = "user_keywords")]
    pub keyword: BelongsTo<Keyword>,
    /// How much.
    #[model(server_default = "1")]
    pub weight: Auto<i32>,
}

/// A word.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Keyword {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// The word.
    pub word: String,
    /// The associations, as objects.
    #[has_many(back_populates = "keyword", cascade = "all, delete-orphan")]
    pub user_keywords: HasMany<UserKeyword>,
    /// Who likes it.
    #[many_to_many(secondary = "user_keyword", back_populates = "keywords", order_by = "id")]
    pub users: ManyToMany<User>,
}

/// What a user wrote.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Note {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// A title, or none.
    pub title: Option<String>,
    /// Who wrote it.
    #[belongs_to(back_populates = "notes")]
    pub user: Option<BelongsTo<User>>,
    /// What it is about.
    #[many_to_many(secondary = "note_keyword", order_by = "word")]
    pub keywords: ManyToMany<Keyword>,
}
