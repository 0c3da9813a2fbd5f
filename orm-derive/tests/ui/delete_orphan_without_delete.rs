use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    #[has_many(cascade = "save-update, delete-orphan")]
    carts: HasMany<Cart>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Cart {
    #[model(primary_key)]
    id: Auto<i64>,
    #[belongs_to]
    customer: BelongsTo<Customer>,
}

fn main() {}
