use orm_core::prelude::*;

orm_core::declarative_base!(Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Shelf {
    #[model(primary_key)]
    id: i64,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Book {
    #[model(primary_key)]
    id: i64,
    #[belongs_to(deferrable = "initially defered")]
    shelf: BelongsTo<Shelf>,
    #[model(deferrable)]
    row: i64,
}

fn main() {}
