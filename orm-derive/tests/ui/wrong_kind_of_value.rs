use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, table = customers)]
struct Customer {
    #[model(primary_key = true)]
    id: Auto<i64>,
    #[model(length = "254")]
    name: String,
    #[model(check)]
    age: i32,
}

fn main() {}
