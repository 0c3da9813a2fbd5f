use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Account {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(version)]
    version: i32,
    #[model(version)]
    changed_at: DateTime<Utc>,
}

fn main() {}
