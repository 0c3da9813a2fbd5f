//! What is bought together.

use super::{Base, Customer, Product};
use orm_core::prelude::*;

/// The products that a customer orders at once; an invoice, when it was imported.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Cart {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// The number of the invoice that it came from.
    #[model(unique, length = 40)]
    pub invoice: Option<String>,
    /// Whose cart it is.
    #[belongs_to(back_populates = "carts", on_delete = "cascade", index)]
    pub customer: BelongsTo<Customer>,
    /// What is in it; how many of each says [`CartProduct`](super::CartProduct).
    #[many_to_many(secondary = "cart_product", back_populates = "carts", order_by = "sku")]
    pub products: ManyToMany<Product>,
}
