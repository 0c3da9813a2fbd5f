use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, check("price >= 0"), check(name = "positive"))]
struct Product {
    #[model(primary_key)]
    id: Auto<i64>,
    price: i32,
}

fn main() {}
