use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Clone, Debug)]
struct Address {
    street: String,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    address: Address,
}

fn main() {}
