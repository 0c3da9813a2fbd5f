use orm_core::prelude::*;
use orm_core::select;

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
    let _ = select::<Customer>().order_by(Cart::TITLE);
}
