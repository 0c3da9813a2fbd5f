use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Product {
    #[model(primary_key)]
    id: Auto<i64>,
    title: String,
    body: Deferred<String>,
}

fn main() {
    let _ = select::<Product>().undefer(Product::BODY).undefer(Product::TITLE);
}
