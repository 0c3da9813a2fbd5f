use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Product {
    #[model(primary_key)]
    id: Deferred<i64>,
    #[model(deferred, version)]
    version: Deferred<i32>,
    #[model(generated = "1")]
    one: Deferred<Auto<i32>>,
}

fn main() {}
