use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Product {
    #[model(primary_key)]
    id: Auto<i64>,
    title: String,
    price: i64,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Customer {
    #[model(primary_key)]
    id: Auto<i64>,
    points: i64,
}

fn wrong(session: &mut Session, product: Handle<Product>) {
    let _ = session.set(product, Product::PRICE, "free");
    let _ = session.set(product, Product::PRICE, Customer::POINTS * 2);
    let _ = session.set(product, Product::PRICE, Product::PRICE * Customer::POINTS);
    let _ = session.set(product, Product::TITLE, Product::TITLE + "!");
}

fn main() {}
