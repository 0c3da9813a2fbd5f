use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    #[has_many]
    #[many_to_many(secondary = "customer_friend")]
    friends: HasMany<Customer>,
}

fn main() {}
