//! Tenants: each row says whose it is, and refers only to rows of the same tenant.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Whose the data is.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Tenant {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// Its customers.
    #[has_many(back_populates = "tenant", cascade = "all, delete-orphan", order_by = "id")]
    pub customers: HasMany<Customer>,
}

/// A customer: its tenant is a relation, and part of its key.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Customer {
    /// Whose customer.
    #[model(primary_key)]
    #[belongs_to(back_populates = "customers", on_delete = "cascade")]
    pub tenant: BelongsTo<Tenant>,
    /// Counted for each tenant.
    #[model(primary_key)]
    pub id: i64,
    /// What the customer is called.
    pub name: String,
    /// Its orders.
    #[has_many(back_populates = "customer", cascade = "all, delete-orphan", order_by = "id")]
    pub orders: HasMany<Order>,
    /// The address that is taken when nothing else is said; it shares a column that is itself a relation.
    #[belongs_to(columns("tenant_id", "address_id"), on_delete = "set null")]
    pub address: Option<BelongsTo<Address>>,
}

/// Where parcels go.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Address {
    /// Whose address.
    #[model(primary_key)]
    pub tenant_id: i64,
    /// Counted for each tenant.
    #[model(primary_key)]
    pub id: i64,
    /// The city.
    pub city: String,
}

/// What is sold.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Product {
    /// Whose product.
    #[model(primary_key)]
    pub tenant_id: i64,
    /// Counted for each tenant.
    #[model(primary_key)]
    pub id: i64,
    /// What it is called.
    pub title: String,
    /// The orders of it.
    #[has_many(back_populates = "product")]
    pub orders: HasMany<Order>,
}

/// An order: three foreign keys share the column of its tenant.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Order {
    /// Whose order.
    #[model(primary_key)]
    pub tenant_id: i64,
    /// Counted for each tenant.
    #[model(primary_key)]
    pub id: i64,
    /// Who ordered.
    #[belongs_to(
        back_populates = "orders",
        columns("tenant_id", "customer_id"),
        on_delete = "cascade",
        index
    )]
    pub customer: BelongsTo<Customer>,
    /// What was ordered, as long as it is sold.
    #[belongs_to(back_populates = "orders", columns("tenant_id", "product_id"), on_delete = "set null")]
    pub product: Option<BelongsTo<Product>>,
    /// The order that this one takes the place of.
    #[belongs_to(columns("tenant_id", "replaces_id"))]
    pub replaces: Option<BelongsTo<Order>>,
    /// Words by which it is found.
    #[many_to_many(secondary = OrderTag, back_populates = "orders", order_by = "id")]
    pub tags: ManyToMany<Tag>,
}

/// A word.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Tag {
    /// Whose word.
    #[model(primary_key)]
    pub tenant_id: i64,
    /// The word.
    #[model(primary_key)]
    pub id: String,
    /// The orders that have it.
    #[many_to_many(secondary = OrderTag, back_populates = "tags", order_by = "id")]
    pub orders: ManyToMany<Order>,
}

/// A word of an order: both are of one tenant.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct OrderTag {
    /// Whose.
    #[model(primary_key)]
    pub tenant_id: i64,
    /// The order.
    #[model(primary_key)]
    #[belongs_to(columns("tenant_id", "order_id"), on_delete = "cascade")]
    pub order: BelongsTo<Order>,
    /// The word.
    #[model(primary_key)]
    #[belongs_to(columns("tenant_id", "tag_id"), on_delete = "cascade")]
    pub tag: BelongsTo<Tag>,
}

/// A note on a customer: its tenant is not part of its key, and need not be said.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Note {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// Whose note: that of the customer, or of whoever is connected.
    #[model(server_default = "99")]
    pub tenant_id: Auto<i64>,
    /// On whom.
    #[belongs_to(columns("tenant_id", "customer_id"), on_delete = "cascade")]
    pub customer: Option<BelongsTo<Customer>>,
    /// The words.
    pub text: String,
}
