use orm_core::prelude::*;

orm_core::declarative_base!(Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, schema = "")]
pub struct Entry {
    #[model(primary_key)]
    pub id: Auto<i64>,
    #[model(references = "shop.audit.label.id")]
    pub label_id: i64,
    #[many_to_many(secondary = "shop.audit.link")]
    pub labels: ManyToMany<Label>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base, schema = "the schema with a longer name than sixty-three bytes, which is cut")]
pub struct Label {
    #[model(primary_key)]
    pub id: Auto<i64>,
}

fn main() {}
