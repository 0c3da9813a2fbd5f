use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Embedded, Clone, Debug)]
pub enum Status {
    Open,
    Closed { reason: String },
}

#[derive(Embedded, Clone, Debug)]
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
    #[model(embed)]
    pub status: Status,
}

fn main() {
    let _ = Person::HOME.then(Status::REASON);
    let _ = Person::HOME.is(Status::OPEN);
    let _ = Person::builder().home(Address { city: "Ulm".into() }).build();
}
