//! Composite types and domains that are none.

use orm_core::prelude::*;

#[derive(Composite, Clone, Debug)]
enum Mood {
    Happy,
}

#[derive(Composite, Clone, Debug)]
struct Pair(i32, i32);

#[derive(Composite, Clone, Debug)]
struct Address {
    street: String,
    #[composite(rename = "street")]
    road: String,
}

#[derive(Composite, Clone, Debug)]
struct Point {
    x: i32,
}

#[derive(ScalarType, Clone, Debug)]
#[scalar(check = "VALUE > 0", schema = "audit")]
struct Positive(i32);

#[derive(ScalarType, Clone, Debug)]
#[scalar(name = "email")]
struct Email(String);

fn main() {}
