use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, criteria = not_deleted)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    deleted: bool,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Cart {
    #[model(primary_key)]
    id: Auto<i64>,
    deleted: bool,
}

fn not_deleted() -> Predicate<Cart> {
    Cart::DELETED.eq(false)
}

fn main() {}
