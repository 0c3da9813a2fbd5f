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

#[derive(Model, Clone, Debug)]
#[model(base = Base, table = "kept", view = "SELECT 1::bigint AS id", materialized, security_invoker)]
pub struct Kept {
    #[model(primary_key)]
    pub id: i64,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base, table = "theirs", view, security_invoker)]
pub struct Theirs {
    #[model(primary_key)]
    pub id: i64,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base, table = "plain", security_invoker)]
pub struct Plain {
    #[model(primary_key)]
    pub id: i64,
}

fn main() {}
