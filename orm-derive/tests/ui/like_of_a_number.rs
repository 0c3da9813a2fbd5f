use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    age: Option<i32>,
}

fn main() {
    let _ = select::<Customer>().filter(Customer::AGE.like("4%"));
}
