use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Account {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(version = "xmax")]
    version: i32,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Page {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(version = "xmin", column = "version")]
    version: Auto<orm_core::types::Xid>,
}

fn main() {}
