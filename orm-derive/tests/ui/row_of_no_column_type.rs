//! A field of a row that no query can give.

use orm_core::prelude::*;

#[derive(Clone, Debug)]
pub struct Price(i64);

#[derive(Row, Clone, Debug)]
pub struct Sold {
    pub title: String,
    pub total: Price,
}

fn main() {}
