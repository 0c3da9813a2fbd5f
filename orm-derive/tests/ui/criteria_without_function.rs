use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, criteria = "deleted = false")]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    deleted: bool,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base, criteria(visible))]
struct Cart {
    #[model(primary_key)]
    id: Auto<i64>,
}

fn main() {}
