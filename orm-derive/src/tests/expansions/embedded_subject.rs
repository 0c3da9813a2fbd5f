pub enum Subject {
    #[belongs_to(on_delete = "cascade")]
    Product(BelongsTo<Product>),
    Customer(BelongsTo<Customer>),
}
