#[model(base = Base, table = "basket")]
pub struct Cart {
    #[model(primary_key)]
    pub id: Auto<i64>,
    #[belongs_to(on_delete = "cascade")]
    pub customer: BelongsTo<Customer>,
    #[many_to_many(secondary = "cart_product", back_populates = "carts")]
    pub products: ManyToMany<Product>,
}
