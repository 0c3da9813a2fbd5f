use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Article {
    #[model(primary_key)]
    id: Auto<i64>,
    #[many_to_many(secondary = "article_tag", passive_deletes = true)]
    tags: ManyToMany<Tag>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Tag {
    #[model(primary_key)]
    id: Auto<i64>,
}

fn main() {}
