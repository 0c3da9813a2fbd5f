//! Values of one row and of many in one query, and conditions where the database has no value yet.

use orm_core::prelude::*;
use orm_core::query::{count, row_number, sum, window};

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Customer {
    #[model(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    pub age: Option<i32>,
}

fn main() {
    let _ = columns((Customer::NAME, count()));
    let _ = select::<Customer>().filter(count().gt(1));
    let _ = select::<Customer>().group_by(Customer::AGE).columns(|age| (age, Customer::NAME));
    let _ = select::<Customer>().aggregate(sum(Customer::NAME));
    let _ = select::<Customer>().columns((Customer::NAME, count()));
    let _ = select::<Customer>().columns(count());
    let _ = select::<Customer>().aggregate((count(), Customer::NAME));
    let _ = columns((Customer::NAME, row_number()));
    let _ = select::<Customer>().filter(row_number().over(window()).eq(1));
}
