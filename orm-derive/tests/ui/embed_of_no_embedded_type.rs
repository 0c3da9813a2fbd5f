use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Clone, Debug)]
pub struct Address {
    pub city: String,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Person {
    #[model(primary_key)]
    pub id: Auto<i64>,
    #[model(embed)]
    pub home: Address,
    #[model(embed, prefx = "w_")]
    pub work: Option<Address>,
}

fn main() {}
