#[model(base = Base)]
struct CartProduct {
    #[model(primary_key)]
    #[belongs_to(on_delete = "cascade")]
    cart: BelongsTo<Cart>,
    #[model(primary_key)]
    #[belongs_to(on_delete = "cascade")]
    product: BelongsTo<Product>,
    quantity: i32,
}
