//! Values that are not of the type of what they are compared with.

use orm_core::prelude::*;
use orm_core::query::{coalesce, when};

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Customer {
    #[model(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    pub age: Option<i32>,
    pub weight: f64,
    pub tags: Vec<String>,
}

fn main() {
    let _ = Customer::AGE.gt(18_i64);
    let _ = Customer::NAME.eq(7);
    let _ = Customer::WEIGHT.gt(1);
    let _ = Customer::NAME.eq(None::<String>);
    let _ = Customer::AGE.gt(Customer::ID);
    let _ = Customer::AGE.between("a", 7);
    let _ = Customer::TAGS.has(7);
    let _ = select::<Customer>().columns(coalesce(Customer::AGE, "x"));
    let _ = select::<Customer>().columns(when(Customer::AGE.lt(18), "child").otherwise(7));
    let _ = Customer::ID.in_query(columns(Customer::NAME));
    let _ = Customer::NAME.at("x");
    let _ = Customer::AGE.like("x%");
}
