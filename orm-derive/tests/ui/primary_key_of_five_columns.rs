use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Place {
    #[model(primary_key)]
    a: i32,
    #[model(primary_key)]
    b: i32,
    #[model(primary_key)]
    c: i32,
    #[model(primary_key)]
    d: i32,
    #[model(primary_key)]
    e: i32,
}

fn main() {}
