//! Many to many through a table that no model declares.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Something to read.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Article {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub title: String,
    /// What it is about.
    #[many_to_many(secondary = "article_tag", back_populates = "articles", order_by = "word")]
    pub tags: ManyToMany<Tag>,
}

/// A word by which articles are found.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Tag {
    /// The word itself.
    #[model(primary_key)]
    pub word: String,
    /// The articles about it.
    #[many_to_many(secondary = "article_tag", back_populates = "tags")]
    pub articles: ManyToMany<Article>,
}
