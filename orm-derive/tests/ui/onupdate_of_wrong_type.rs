use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Product {
    #[model(primary_key, onupdate = 3)]
    id: Auto<i64>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(onupdate = "now")]
    changed_at: DateTime<Utc>,
}

fn main() {}
