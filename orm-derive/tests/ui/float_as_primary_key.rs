use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Reading {
    #[model(primary_key)]
    at: f64,
}

fn main() {}
