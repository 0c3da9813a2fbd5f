use orm_core::prelude::*;
use orm_core::types::Numeric;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Price {
    #[model(primary_key, length = 8)]
    id: i64,
    #[model(precision = 7)]
    since: DateTime<Utc>,
    #[model(precision = 10, scale = 2)]
    cents: Vec<i64>,
    #[model(length = 8, fixed)]
    amount: Numeric,
}

fn main() {}
