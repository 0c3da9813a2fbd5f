use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Product {
    #[model(primary_key)]
    id: Auto<i64>,
    price: i64,
    #[model(generated = "price * 2")]
    double: i64,
    #[model(generated = "price * 3")]
    triple: Option<i64>,
}

fn main() {}
