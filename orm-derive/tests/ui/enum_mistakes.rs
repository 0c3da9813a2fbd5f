//! Types of columns that are none.

use orm_core::prelude::*;

#[derive(DbEnum, Clone, Debug)]
enum Payment {
    Cash,
    Card(String),
    #[db_enum(rename = "cash")]
    Coins,
    #[db_enum(label = "cheque")]
    Cheque,
}

#[derive(DbEnum, Clone, Debug)]
enum Date {
    Past,
}

#[derive(DbEnum, Clone, Debug)]
struct Cents(i64);

#[derive(ScalarType, Clone, Debug)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(ScalarType, Clone, Debug)]
enum Mood {
    Happy,
}

fn main() {}
