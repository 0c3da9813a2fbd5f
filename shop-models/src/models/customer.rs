//! Who buys.

use super::{Base, Cart};
use orm_core::prelude::*;

/// Somebody with a name, an address and carts.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Customer {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// As the customer writes it.
    pub name: String,
    /// What tells customers apart.
    #[model(unique, length = 254)]
    pub email: String,
    /// In years, when it is known.
    pub age: Option<i32>,
    /// When the row was inserted, by the clock of the database.
    #[model(server_default = "now()")]
    pub created_at: Auto<DateTime<Utc>>,
    /// Everything that the customer ordered; a cart without a customer is deleted.
    #[has_many(back_populates = "customer", cascade = "all, delete-orphan", order_by = "id")]
    pub carts: HasMany<Cart>,
}
