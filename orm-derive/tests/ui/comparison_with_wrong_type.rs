use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    age: Option<i32>,
    #[has_many]
    carts: HasMany<Cart>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Cart {
    #[model(primary_key)]
    id: Auto<i64>,
    title: String,
    #[belongs_to]
    customer: BelongsTo<Customer>,
}

fn main() {
    let _ = Customer::AGE.ge("eighteen");
    let _ = Cart::CUSTOMER_ID.eq("ann");
}
