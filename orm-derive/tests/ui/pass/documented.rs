//! A crate that asks for much: everything public has docs, nothing is unsafe, nothing warns.
#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    elided_lifetimes_in_paths,
    single_use_lifetimes,
    unused_qualifications
)]

/// The models.
pub mod models {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub Base);

    /// Someone who buys.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base, unique("name", "email"), comment = "who buys")]
    pub struct Customer {
        /// The key.
        #[model(primary_key)]
        pub id: Auto<i64>,
        /// The name.
        pub name: String,
        /// The address for mail.
        #[model(unique, length = 254)]
        pub email: String,
        /// The age in years.
        pub age: Option<i32>,
        /// When it was entered.
        #[model(server_default = "now()")]
        pub created_at: Auto<DateTime<Utc>>,
        /// What is being bought.
        #[has_many(back_populates = "customer", cascade = "all, delete-orphan", order_by = "id desc")]
        pub carts: HasMany<Cart>,
    }

    /// What someone is buying.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub struct Cart {
        /// The key.
        #[model(primary_key)]
        pub id: Auto<i64>,
        /// Who buys.
        #[belongs_to(on_delete = "cascade", back_populates = "carts")]
        pub customer: BelongsTo<Customer>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Draft {
        #[model(primary_key)]
        id: Auto<i32>,
        text: String,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    struct Secret {
        #[model(primary_key)]
        id: Uuid,
        #[belongs_to]
        draft: Option<BelongsTo<Draft>>,
    }

    /// Uses what nothing else uses.
    pub fn secrets() -> usize {
        let secret = Secret::builder().id(Uuid::nil()).draft_key(1).build();
        assert!(!Draft::builder().text("x").build().id.is_set());
        assert_eq!(secret.draft.and_then(|draft| draft.key().copied()), Some(1));
        secret.id.as_bytes().len()
    }
}

fn main() {
    use orm_core::prelude::*;

    assert_eq!(models::secrets(), 16);
    let tables = models::Base::metadata().expect("the models fit each other").tables();
    assert_eq!(tables.len(), 4);
}
