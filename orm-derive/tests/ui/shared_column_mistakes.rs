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
struct Nullable {
    #[model(primary_key)]
    id: i64,
    tenant_id: Option<i64>,
    #[belongs_to(columns("tenant_id", "customer_id"))]
    customer: BelongsTo<Customer>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Homeless {
    #[model(primary_key)]
    id: i64,
    #[belongs_to(columns("tenant_id", "customer_id"))]
    customer: BelongsTo<Customer>,
    #[belongs_to(columns("tenant_id", "payer_id"))]
    payer: BelongsTo<Customer>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Updated {
    #[model(primary_key)]
    id: i64,
    tenant_id: i64,
    #[belongs_to(columns("tenant_id", "customer_id"), on_update = "set null")]
    customer: Option<BelongsTo<Customer>>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct NothingOfItsOwn {
    #[model(primary_key)]
    tenant_id: i64,
    #[model(primary_key)]
    customer_id: i64,
    #[belongs_to(columns("tenant_id", "customer_id"))]
    customer: BelongsTo<Customer>,
}

fn main() {}
