use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, unique("first_name", "surname"), index("second_name", "second_name"))]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    first_name: String,
    second_name: String,
    sur_name: String,
}

fn main() {}
