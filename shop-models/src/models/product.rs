//! What is sold.

use super::{Base, Cart};
use orm_core::prelude::*;

/// Something with a price.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Product {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What tells products apart.
    #[model(unique, length = 40)]
    pub sku: String,
    /// What it is called.
    pub title: String,
    /// The price of one, in cents.
    #[model(check = "price_cents >= 0")]
    pub price_cents: i64,
    /// The carts that it lies in.
    #[many_to_many(secondary = "cart_product", back_populates = "products")]
    pub carts: ManyToMany<Cart>,
}
