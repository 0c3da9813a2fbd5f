//! What a query selects for a struct of values does not fit it; rows of a query that is not given.

use orm_core::prelude::*;
use orm_core::query::{max, sum};

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Product {
    #[model(primary_key)]
    pub id: Auto<i64>,
    pub title: String,
    pub price: i64,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Shop {
    #[model(primary_key)]
    pub name: String,
}

#[derive(Row, Clone, Debug)]
pub struct Sold {
    pub title: String,
    pub total: i64,
}

#[derive(Row)]
pub struct Pair(String, i64);

fn main() {
    let sold = || select::<Product>().group_by(Product::TITLE);
    let _ = sold().columns(|title| SoldColumns { title });
    let _ = sold().columns(|title| SoldColumns { title, totl: sum(Product::PRICE) });
    let _ = sold().columns(|title| SoldColumns { total: title.clone(), title });
    let _ = sold().columns(|title| SoldColumns { title, total: max(Product::PRICE) });
    let _ = select::<Product>().columns(SoldColumns { title: Shop::NAME, total: Product::PRICE });
    let _ = select::<Product>().join_on::<Sold>(Product::TITLE.eq(Sold::TITLE));
}
