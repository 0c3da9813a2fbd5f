//! Models beyond the shop, one base an area: each shape of key and relation that the tests need.

pub mod articles;
pub mod books;
pub mod circle;
pub mod keys;
pub mod people;
pub mod tree;
pub mod values;
pub mod versions;
