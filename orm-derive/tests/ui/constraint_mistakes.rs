use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, index("nmae desc"), index("name", method = "gni"))]
#[model(index("name", unique, method = "gin"), index("(lower(name)", where = ""))]
#[model(check(name = "named", expression = " "), exclude("name" = "equals"))]
#[model(index("price", method = "ivfflat", with(list = 9, lists = 0)), index("price", with(deduplicate_items = 1)))]
pub struct Product {
    #[model(primary_key, identity = "sometimes")]
    pub id: Auto<i64>,
    #[model(check = "")]
    pub name: String,
    #[model(comment)]
    pub price: i64,
}

fn main() {}
