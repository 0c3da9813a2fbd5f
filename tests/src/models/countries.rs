//! Foreign keys that are checked at COMMIT, in a circle that nothing else could cut.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// A country has a capital.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Country {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// Always: it is looked for at COMMIT.
    #[belongs_to(deferrable = "initially deferred")]
    pub capital: BelongsTo<City>,
    /// Its cities.
    #[has_many(back_populates = "country", order_by = "id")]
    pub cities: HasMany<City>,
}

/// A city is in a country.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct City {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// Where it is.
    #[belongs_to(back_populates = "cities", deferrable)]
    pub country: BelongsTo<Country>,
    /// The river that it is at, by its number.
    #[model(references = "river.id", deferrable = "initially deferred", on_delete = "set null")]
    pub river_id: Option<i64>,
}

/// A river.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct River {
    /// Made by the program.
    #[model(primary_key)]
    pub id: i64,
}
