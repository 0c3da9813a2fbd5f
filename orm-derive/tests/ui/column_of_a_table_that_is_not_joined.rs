//! A query asks for columns of tables that it does not read, and compares columns of different types.

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
    pub note: String,
    #[belongs_to]
    pub customer: BelongsTo<Customer>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Product {
    #[model(primary_key)]
    pub id: Auto<i64>,
    pub title: String,
}

orm_core::sql_function! {
    fn soundex(text: String) -> String;
}

fn main() {
    let _ = select::<Customer>().filter(Customer::NAME.eq(Product::TITLE));
    let _ = select::<Customer>().join(Customer::CARTS).filter(Product::TITLE.eq("Tea"));
    let _ = select::<Customer>().join(Customer::CARTS).order_by(Product::TITLE);
    let _ = select::<Customer>().join(Customer::CARTS).columns((Customer::NAME, Product::TITLE));
    let _ = select::<Customer>().join(Cart::CUSTOMER);
    let _ = select::<Customer>().join_on::<Product>(Cart::NOTE.eq(Product::TITLE));
    let _ = select::<Customer>().join(Customer::CARTS).filter(Customer::ID.eq(Cart::NOTE));
    let _ = columns((Customer::NAME, Product::TITLE));
    let _ = select::<Customer>().columns(Product::TITLE);
    let _ = select::<Customer>().group_by(Product::TITLE);
    let _ = select::<Customer>().group_by((Customer::NAME, Product::TITLE));
    let _ = select::<Customer>().distinct_on(Product::TITLE);
    let _ = select::<Customer>().join("cart");
    let _ = select::<Customer>().filter(soundex(Product::TITLE).eq("T000"));
    let _ = select::<Customer>().filter(Customer::ID.in_query(select::<Cart>()));
}
