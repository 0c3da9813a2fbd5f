use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct User {
    #[model(primary_key)]
    pub id: Auto<i64>,
    #[model(embed)]
    pub seat: Option<Seat>,
}

#[derive(Embedded, Clone, Debug)]
pub struct Owned {
    #[belongs_to]
    pub owner: BelongsTo<User>,
}

#[derive(Embedded, Clone, Debug)]
pub enum Seat {
    Free,
    Taken(#[model(embed)] Owned),
}

#[derive(Embedded, Clone, Debug)]
pub enum Text {
    None,
    Some {
        #[model(deferred)]
        body: Deferred<String>,
    },
}

fn main() {}
