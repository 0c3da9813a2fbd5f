#[model(
    base = models::Base,
    table = "products",
    unique("title", "sku"),
    index("price_cents"),
    index("title desc nulls last", "(lower(sku)) text_pattern_ops", unique, where = "shelf IS NULL", include("price_cents"), with(fillfactor = 70, deduplicate_items = false)),
    exclude("shelf" = "=", method = "btree", name = "place", deferrable = "initially deferred"),
    check(name = "cheap", expression = "price_cents < 1000000"),
    comment = "what is sold",
    criteria = not_sold,
    criteria = crate::shown
)]
pub struct Product {
    #[model(primary_key, column = "product_id", comment = "the key", identity(always, start = -5))]
    pub id: Auto<i64>,
    #[model(unique, index, length = 20, collate = "C")]
    pub sku: String,
    #[model(default = "untitled")]
    pub title: String,
    #[model(check = "price_cents >= 0", default = 100)]
    pub price_cents: i32,
    #[model(generated = "price_cents * 2")]
    pub double: Auto<i32>,
    #[model(onupdate = Utc::now())]
    pub changed_at: Option<DateTime<Utc>>,
    #[model(deferred = "texts", default = "none")]
    pub blurb: Deferred<String>,
    #[model(deferred = false)]
    pub note: Deferred<Option<String>>,
    #[model(version)]
    pub version: i32,
    #[model(references = "shelf.id", on_delete = "set null", on_update = "cascade")]
    pub shelf: Option<i64>,
    #[many_to_many(secondary = CartProduct, order_by = "id desc, customer_id")]
    pub carts: ManyToMany<Cart>,
}
