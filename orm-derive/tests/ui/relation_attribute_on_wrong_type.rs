use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    #[has_many]
    carts: Vec<Cart>,
    #[belongs_to]
    group: i64,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Cart {
    #[model(primary_key)]
    id: Auto<i64>,
    #[has_one]
    customer: BelongsTo<Customer>,
}

fn main() {}
