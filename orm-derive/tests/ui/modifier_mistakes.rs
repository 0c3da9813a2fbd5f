use orm_core::prelude::*;
use orm_core::types::Numeric;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Price {
    #[model(primary_key, length = 0)]
    name: String,
    #[model(fixed)]
    currency: String,
    #[model(scale = 2)]
    net: Numeric,
    #[model(precision = 2, scale = 3)]
    gross: Numeric,
    #[model(length = 10, precision = 10)]
    note: String,
}

fn main() {}
