//! Values that the program leaves to a default, here or in the database.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Every kind of default.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Setting {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// By the database: a constant.
    #[model(server_default = "10")]
    pub size: Auto<i32>,
    /// By the database: computed.
    #[model(server_default = "lower('NONE')")]
    pub label: Auto<String>,
    /// By the database: its clock.
    #[model(server_default = "now()")]
    pub created_at: Auto<DateTime<Utc>>,
    /// By the program.
    #[model(default = "en")]
    pub language: String,
    /// By the program, and optional.
    #[model(default = Some(3))]
    pub tries: Option<i32>,
    /// What was said of it.
    #[has_many(back_populates = "setting", order_by = "id")]
    pub remarks: HasMany<Remark>,
}

/// Refers to a setting.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Remark {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// By the database.
    #[model(server_default = "'none'")]
    pub text: Auto<String>,
    /// What it is about.
    #[belongs_to(back_populates = "remarks")]
    pub setting: Option<BelongsTo<Setting>>,
}

/// Everything of it is the database's.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Counter {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
}

/// A natural key that the database makes.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Voucher {
    /// Given by the database, as text.
    #[model(primary_key, server_default = "md5(random()::text)")]
    pub code: Auto<String>,
    /// What it is worth.
    pub cents: i64,
}
