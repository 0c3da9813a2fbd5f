//! A model that a query reads twice needs another name once: which of the two a column belongs to, nobody can know.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Customer {
    #[model(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[has_many]
    pub carts: HasMany<Cart>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Cart {
    #[model(primary_key)]
    pub id: Auto<i64>,
    #[belongs_to]
    pub customer: BelongsTo<Customer>,
}

fn main() {
    let twice = || select::<Customer>().join(Customer::CARTS).join(Cart::CUSTOMER);
    let _ = twice().filter(Customer::NAME.eq("Ann"));
    let _ = twice().columns((Cart::ID, Customer::NAME));
}
