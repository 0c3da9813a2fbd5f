use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

struct Other;

#[derive(Model, Clone, Debug)]
#[model(base = Other)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
}

fn main() {}
