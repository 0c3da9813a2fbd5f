#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Customer {
    #[model(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[model(unique, length = 254)]
    pub email: String,
    pub age: Option<i32>,
    #[model(server_default = "now()")]
    pub created_at: Auto<DateTime<Utc>>,
    #[has_many(back_populates = "customer", cascade = "all, delete-orphan", order_by = "id")]
    pub carts: HasMany<Cart>,
}
