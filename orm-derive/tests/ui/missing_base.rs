use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    name: String,
}

fn main() {}
