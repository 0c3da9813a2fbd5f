//! Rows with versions, generated columns, and values that an update makes.

use orm_core::prelude::*;
use orm_core::types::Xid;

orm_core::declarative_base!(pub Base);

/// A counter as its version.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(base = Base)]
pub struct Account {
    /// Its key.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What is on it.
    pub balance: i64,
    /// Its owner, perhaps.
    pub owner: Option<String>,
    /// Grows with every UPDATE.
    #[model(version)]
    pub version: i32,
}

/// A time as its version, and a key of two columns.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(base = Base)]
pub struct Sheet {
    /// The first part of the key.
    #[model(primary_key)]
    pub shelf: i32,
    /// The second part.
    #[model(primary_key)]
    pub name: String,
    /// What is on it.
    pub text: String,
    /// When it was written.
    #[model(version)]
    pub written_at: Auto<DateTime<Utc>>,
}

/// The transaction that wrote a row as its version.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(base = Base)]
pub struct Page {
    /// Its key.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What is on it.
    pub text: String,
    /// No column of the table.
    #[model(version = "xmin")]
    pub row_version: Auto<Xid>,
}

/// Unique places and a counter as its version.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(base = Base)]
pub struct Seat {
    /// Its key.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// Where it is.
    #[model(unique)]
    pub place: Option<i32>,
    /// By which window it stands.
    #[model(unique)]
    pub window: Option<i32>,
    /// Grows with every UPDATE.
    #[model(version)]
    pub version: i32,
}

/// Unique places and the transaction that wrote a row as its version.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(base = Base)]
pub struct Desk {
    /// Its key.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// Where it is.
    #[model(unique)]
    pub place: Option<i32>,
    /// By which window it stands.
    #[model(unique)]
    pub window: Option<i32>,
    /// No column of the table.
    #[model(version = "xmin")]
    pub row_version: Auto<Xid>,
}

/// Teams and players refer to each other, and both have versions.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Team {
    /// Its key.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// One of its players.
    #[belongs_to]
    pub captain: Option<BelongsTo<Player>>,
    /// No column of the table.
    #[model(version = "xmin")]
    pub row_version: Auto<Xid>,
}

/// A player of a team.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Player {
    /// Its key.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// Its team.
    #[belongs_to]
    pub team: BelongsTo<Team>,
    /// Its version.
    #[model(version)]
    pub version: i16,
}

/// A row with a generated column, a default of the program, and values that an update makes.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(base = Base)]
pub struct Item {
    /// Its key.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it costs.
    pub price: i64,
    /// How many there are.
    #[model(default = 1)]
    pub count: i32,
    /// How many there were.
    pub before: Option<i32>,
    /// How heavy it is.
    #[model(default = 0.5)]
    pub weight: f64,
    /// A text that the program makes.
    #[model(default = format!("item {}", 1 + 1))]
    pub label: String,
    /// Its price and more.
    #[model(generated = "price * 2")]
    pub total: Auto<i64>,
    /// Who wrote it last.
    #[model(default = "maker", onupdate = "changer")]
    pub written_by: String,
    /// Numbers the updates of the whole program.
    #[model(onupdate = next_number())]
    pub number: Option<i64>,
}

/// A generated column beside a natural key that may change.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(base = Base)]
pub struct Word {
    /// Its key.
    #[model(primary_key)]
    pub text: String,
    /// How often it was seen.
    pub seen: i16,
    /// How long it is.
    #[model(generated = "length(text)")]
    pub length: Auto<i32>,
    /// Its version.
    #[model(version)]
    pub version: Auto<i64>,
}

/// The next number; no two are the same.
pub fn next_number() -> i64 {
    use std::sync::atomic::{AtomicI64, Ordering};
    static NEXT: AtomicI64 = AtomicI64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
