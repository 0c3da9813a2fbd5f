use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    #[has_many]
    carts: HasMany<Cart>,
    #[view(of = "carts", filter = open)]
    open_carts: View<Cart>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Cart {
    #[model(primary_key)]
    id: Auto<i64>,
    #[belongs_to]
    customer: BelongsTo<Customer>,
}

fn open() -> orm_core::query::Predicate<Customer> {
    Customer::ID.gt(0)
}

fn main() {
    let customer = Customer::builder().open_carts([Cart::builder()]).build();
    customer.open_carts.push(Cart::builder());
}
