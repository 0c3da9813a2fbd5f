use orm_core::prelude::*;
use orm_core::types::Xid;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Account {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(version)]
    version: String,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Sheet {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(version)]
    version: Option<i32>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Page {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(version = "xmin")]
    version: Xid,
}

type Counter = f64;

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Hidden {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(version)]
    version: Counter,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct System {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(version = "xmin")]
    version: Auto<i64>,
}

fn main() {}
