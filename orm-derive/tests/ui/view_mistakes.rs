use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, view = "", check(name = "named", expression = "name <> ''"), index("name"))]
pub struct Best {
    #[model(primary_key)]
    pub id: i64,
    #[model(server_default = "'Tea'")]
    pub name: Auto<String>,
    #[has_many]
    pub sales: HasMany<Sale>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base, materialized)]
pub struct Sale {
    #[model(primary_key)]
    pub id: Auto<i64>,
}

fn main() {}
