use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Product {
    #[model(primary_key)]
    pub id: Auto<i64>,
    pub title: String,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base, view = best)]
pub struct Best {
    #[model(primary_key)]
    pub id: i64,
    pub price: i64,
}

fn best() -> orm_core::query::Select<Product, (i64, String)> {
    columns((Product::ID, Product::TITLE))
}

fn main() {}
