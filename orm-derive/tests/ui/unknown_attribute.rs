use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, tabel = "customers")]
struct Customer {
    #[model(primry_key)]
    id: Auto<i64>,
    #[model(nullable)]
    age: Option<i32>,
}

fn main() {}
