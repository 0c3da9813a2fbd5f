use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Product {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(deferred)]
    body: String,
    #[model(deferred = 3)]
    cover: Deferred<String>,
}

fn main() {}
