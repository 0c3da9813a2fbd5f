//! Fields and models whose names are keywords, or of another style.
#![deny(warnings)]

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, unique("type", "match"), index("move"))]
pub struct r#Virtual {
    #[model(primary_key)]
    pub r#type: i32,
    pub r#match: Option<String>,
    #[belongs_to(back_populates = "fn")]
    pub r#move: Option<BelongsTo<Virtual>>,
    #[has_many(back_populates = "move")]
    pub r#fn: HasMany<Virtual>,
}

#[allow(non_snake_case)]
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Legacy {
    #[model(primary_key)]
    legacyId: i32,
    größe: i32,
    #[deprecated]
    old: Option<i32>,
}

fn main() {
    let legacy = Legacy::builder().legacyId(1).größe(2).build();
    assert_eq!((legacy.legacyId, legacy.größe), (1, 2));
    assert_eq!(format!("{:?} {:?}", Legacy::LEGACY_ID, Legacy::GRÖSSE), "legacy.legacyId legacy.größe");
    let one =
        Virtual::builder().r#type(1).r#match("x").move_key(7).r#fn([Virtual::builder().r#type(2)]).build();
    assert_eq!(one.r#type, 1);
    assert_eq!(format!("{:?} {:?}", Virtual::TYPE, Virtual::MOVE_ID), "virtual.type virtual.move_id");
    assert_eq!(format!("{:?} {:?}", Virtual::MOVE, Virtual::FN), "Virtual::move Virtual::fn");
    assert_eq!(Virtual::def().columns[2].field, "move");
}
