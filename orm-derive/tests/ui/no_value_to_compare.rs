//! Comparisons of a relation, of a window function, and conditions on groups: none of them is a value of a row.

use orm_core::prelude::*;
use orm_core::query::{rank, window};

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Customer {
    #[model(primary_key)]
    pub id: Auto<i64>,
    pub age: i32,
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
    let _ = select::<Cart>().filter(Cart::CUSTOMER.eq(7));
    let _ = select::<Customer>().filter(Customer::CARTS.is_null());
    let _ = select::<Customer>().group_by(Customer::AGE).filter(Customer::AGE.gt(18));
    let _ = select::<Customer>().filter(rank().over(window().order_by(Customer::AGE)).le(3));
}
