use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Product {
    #[model(primary_key)]
    id: Auto<i64>,
    price: i64,
    #[model(generated = "price * 2")]
    double: Auto<i64>,
}

fn main() {
    let _ = Product::builder().price(3).double(6).build();
}
