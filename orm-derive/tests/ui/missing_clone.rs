use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
}

fn main() {}
