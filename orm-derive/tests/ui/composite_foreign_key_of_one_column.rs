use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Place {
    #[model(primary_key)]
    row: i32,
    #[model(primary_key)]
    seat: i32,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Ticket {
    #[model(primary_key)]
    id: Auto<i64>,
    #[belongs_to]
    place: BelongsTo<Place>,
}

fn main() {}
