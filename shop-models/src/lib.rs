//! The tutorial's shop: customers, carts and products, and the program `shop` that works with them.
//!
//! | module | what it has |
//! |---|---|
//! | [`models`] | the tables, one model a file |
//! | [`config`] | which database is used |
//! | [`demo`] | a narrated run through the ORM: `shop demo` |
//! | [`import`] | CSV to carts, in bounded memory: `shop import` |
//! | [`report`] | best customers and products: `shop report` |
//! | [`sample`] | the generator of `data/sample.csv`: `shop sample` |

pub mod config;
pub mod demo;
mod figures;
pub mod import;
pub mod models;
pub mod report;
pub mod sample;

pub use figures::{count, money};
