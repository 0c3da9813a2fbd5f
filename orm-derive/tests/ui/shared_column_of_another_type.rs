use orm_core::prelude::*;

orm_core::declarative_base!(Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    tenant_id: i64,
    #[model(primary_key)]
    id: i64,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Order {
    #[model(primary_key)]
    tenant_id: i32,
    #[model(primary_key)]
    id: i64,
    #[belongs_to(columns("tenant_id", "customer_id"))]
    customer: BelongsTo<Customer>,
}

fn main() {}
