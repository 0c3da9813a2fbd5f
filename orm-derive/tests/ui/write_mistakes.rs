//! Statements that write rows of one model, and say something of another.

use orm_core::bulk::{insert, insert_from, update};
use orm_core::prelude::*;
use orm_core::query::excluded;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Product {
    #[model(primary_key)]
    pub id: Auto<i64>,
    #[model(unique)]
    pub sku: String,
    pub stock: i64,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Customer {
    #[model(primary_key)]
    pub id: Auto<i64>,
    pub name: Option<String>,
    pub points: i64,
}

fn main() {
    let products = || insert::<Product>([Product::builder().sku("T-1").stock(3)]);
    let _ = products().on_conflict(Customer::NAME);
    let _ = products().on_conflict(Product::SKU).do_update(Product::STOCK.set_to(excluded(Customer::POINTS)));
    let _ = products().on_conflict(Product::SKU).do_update(Customer::POINTS);
    let _ = insert::<Product>([Product::builder().sku("T-1")]);
    let _ = insert_from(Product::STOCK, columns(Product::SKU));
    let _ = insert_from(Product::SKU, columns(Customer::NAME));
    let _ = insert_from((Product::SKU, Product::STOCK), columns(Product::SKU));
    let _ = update(select::<Product>()).set(Product::STOCK.set_to("many"));
}
