use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Clone, Debug)]
struct Cart {
    name: String,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    #[has_many]
    carts: HasMany<Cart>,
}

fn main() {}
