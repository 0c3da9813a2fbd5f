use orm_core::prelude::*;
use orm_core::query::Predicate;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    #[has_many]
    carts: HasMany<Cart>,
    #[view(filter = open)]
    nothing: View<Cart>,
    #[view(of = "carts", on("id" = "customer_id"))]
    twice: View<Cart>,
    #[view(on("id", "customer_id"))]
    no_pairs: View<Cart>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Cart {
    #[model(primary_key)]
    id: Auto<i64>,
    #[belongs_to]
    customer: BelongsTo<Customer>,
    #[has_many(position = place)]
    customers: HasMany<Customer>,
}

fn open() -> Predicate<Cart> {
    Cart::ID.gt(0)
}

fn main() {}
