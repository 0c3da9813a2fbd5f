use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    name: String,
    email: String,
    #[has_many]
    carts: HasMany<Cart>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Cart {
    #[model(primary_key)]
    id: Auto<i64>,
    title: String,
    age: Option<i32>,
    #[belongs_to]
    customer: BelongsTo<Customer>,
}

fn main() {
    let cart = Cart::builder().title("Tea").customer_key("ann");
}
