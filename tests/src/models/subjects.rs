//! Comments on different things: an enum whose variants are foreign keys.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Can be commented on.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Product {
    /// Given by the program.
    #[model(primary_key)]
    pub sku: String,
    /// They go with the product.
    #[has_many(back_populates = "subject", cascade = "all, delete-orphan", order_by = "id")]
    pub comments: HasMany<Comment>,
}

/// Can be commented on, with a key of another type.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Customer {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What the customer is called.
    pub name: String,
    /// They go with the customer.
    #[has_many(back_populates = "subject", cascade = "all, delete-orphan", order_by = "id")]
    pub comments: HasMany<Comment>,
}

/// What a comment is about.
#[derive(Embedded, Clone, Debug)]
pub enum Subject {
    /// `subject_product_id`
    #[belongs_to(on_delete = "cascade", index)]
    Product(BelongsTo<Product>),
    /// `subject_customer_id`
    Customer(BelongsTo<Customer>),
}

/// About one thing, and perhaps seen by another.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Comment {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it says.
    pub text: String,
    /// Exactly one.
    #[model(embed)]
    pub subject: Subject,
}

/// A payment, by one of two ways or none.
#[derive(Embedded, Clone, Debug)]
pub enum Payer {
    /// A foreign key beside a variant with data.
    Customer(BelongsTo<Customer>),
    /// Who is not known.
    Stranger(String),
}

/// With an optional association.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Payment {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// Who pays.
    #[model(embed)]
    pub payer: Option<Payer>,
    /// What for.
    #[model(embed, prefix = "for_")]
    pub about: Option<Subject>,
}
