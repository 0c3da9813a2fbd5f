use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(uniqe)]
    email: String,
    carts: HasMany<Cart>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Cart {
    #[model(primary_key)]
    id: Auto<i64>,
    #[belongs_to(back_populates = "carts")]
    customer: BelongsTo<Customer>,
}

fn main() {
    let ann = Customer::builder().email("ann@example.org").carts([Cart::builder()]).build();
    let _ = (ann, Customer::EMAIL, Customer::CARTS);
}
