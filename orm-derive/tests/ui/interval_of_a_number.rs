use orm_core::prelude::*;
use orm_core::types::Interval;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    age: Option<i32>,
}

fn main() {
    let _ = select::<Customer>().columns(Customer::AGE.plus(Interval::from_days(1)));
}
