use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Customer {
    #[model(primary_key)]
    pub id: Auto<i64>,
    #[has_many]
    pub totals: HasMany<Total>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base, view = "SELECT 1::bigint AS customer_id")]
pub struct Total {
    #[model(primary_key)]
    #[belongs_to]
    pub customer: BelongsTo<Customer>,
}

fn main() {}
