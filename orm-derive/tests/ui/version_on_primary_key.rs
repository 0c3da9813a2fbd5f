use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Account {
    #[model(primary_key, version)]
    id: i64,
}

fn main() {}
