use orm_core::prelude::*;
use orm_core::query::now;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    born: NaiveDate,
}

fn main() {
    let _ = select::<Customer>().filter(Customer::BORN.lt(now()));
}
