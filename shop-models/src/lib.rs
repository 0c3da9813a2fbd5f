//! The tutorial's shop: customers, carts and products.

pub mod models;
