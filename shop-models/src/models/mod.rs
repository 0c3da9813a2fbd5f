//! The models of the shop, one file each.
//!
//! Every model is part of [`Base`]'s metadata because it names the base; none has to be imported for that.

mod base;
mod cart;
mod cart_product;
mod customer;
mod product;

pub use base::Base;
pub use cart::Cart;
pub use cart_product::CartProduct;
pub use customer::Customer;
pub use product::Product;
