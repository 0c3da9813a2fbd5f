#[model(table = "", unique("nme"))]
pub struct Customer {
    #[model(primry_key)]
    pub id: Auto<i64>,
    pub name: String,
    pub orders: Vec<Order>,
    pub carts: HasMany<Cart>,
    #[belongs_to(on_delete = "set null", columns())]
    pub group: BelongsTo<Group>,
}
