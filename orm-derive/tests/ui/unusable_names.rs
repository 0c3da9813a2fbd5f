use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, table = "")]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(column = "a_column_name_that_is_longer_than_anything_that_postgresql_would_ever_keep")]
    name: String,
}

fn main() {}
