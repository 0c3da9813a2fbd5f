use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Product {
    #[model(primary_key)]
    id: Auto<i64>,
    price: i64,
    #[model(generated = "price * 2", default = 7)]
    double: Auto<i64>,
    #[model(version, server_default = "1", onupdate = 3)]
    version: Auto<i32>,
}

fn main() {}
