//! Which product lies in which cart, and how often.

use super::{Base, Cart, Product};
use orm_core::prelude::*;

/// The association table of carts and products, as a model because it has a column of its own.
///
/// `Cart::products` and `Product::carts` name its table, `secondary = "cart_product"`; they find this
/// model without importing it.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct CartProduct {
    /// The cart.
    #[model(primary_key)]
    #[belongs_to(on_delete = "cascade")]
    pub cart: BelongsTo<Cart>,
    /// The product.
    #[model(primary_key)]
    #[belongs_to(on_delete = "cascade", index)]
    pub product: BelongsTo<Product>,
    /// How many of the product are in the cart: one, unless something else is said.
    #[model(server_default = "1", check = "quantity > 0")]
    pub quantity: Auto<i32>,
}
