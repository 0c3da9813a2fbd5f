use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(server_default = "now()")]
    created_at: DateTime<Utc>,
    #[model(server_default = "0")]
    points: Option<i32>,
}

fn main() {}
