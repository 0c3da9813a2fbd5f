use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Tea {
    #[model(primary_key)]
    pub id: Auto<i64>,
}

#[derive(Embedded, Clone, Debug)]
pub struct Keyed {
    #[model(primary_key)]
    pub id: i64,
    #[has_many]
    pub teas: HasMany<Tea>,
}

#[derive(Embedded, Clone, Debug)]
pub struct Generic<T> {
    pub value: T,
}

#[derive(Embedded, Clone, Debug)]
pub struct Tuple(i64);

#[derive(Embedded, Clone, Debug)]
pub enum Role {
    Manager { level: i32, since: Auto<i32> },
    Engineer { level: i64 },
    Guest { of: BelongsTo<Tea> },
    Pair(i32, i32),
    Maybe(Option<BelongsTo<Tea>>),
    #[model(tag = "guest")]
    Visitor { manager: String },
    #[model(tga = "x")]
    Other,
}

fn main() {}
