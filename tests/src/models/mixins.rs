//! Mixins in several models: a version, times, an owner, computed and deferred columns.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Who owns things.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct User {
    /// What the user is called.
    #[model(primary_key)]
    pub name: String,
    /// By a foreign key in a mixin.
    #[has_many(back_populates = "tracked", order_by = "id")]
    pub notes: HasMany<Note>,
}

/// A mixin with a relation, a version, and columns that others make.
#[derive(Embedded, Clone, Debug, Default)]
pub struct Tracked {
    /// Written by the flush.
    #[model(version)]
    pub version: i32,
    /// Counted up by each UPDATE.
    #[model(onupdate = Some(7))]
    pub touched: Option<i32>,
    /// A real foreign key in each table.
    #[belongs_to(index)]
    pub owner: Option<BelongsTo<User>>,
}

/// A mixin in a mixin, with a column that the database computes.
#[derive(Embedded, Clone, Debug)]
pub struct Priced {
    /// In Cent.
    #[model(unique)]
    pub price: i64,
    /// From the other one.
    #[model(generated = "{price} * 2")]
    pub double: Auto<i64>,
    /// With its own prefix.
    #[model(embed)]
    pub text: Text,
}

/// Read when it is asked for.
#[derive(Embedded, Clone, Debug)]
pub struct Text {
    /// Long.
    #[model(deferred)]
    pub body: Deferred<String>,
    /// Short.
    pub title: String,
}

/// Has two mixins.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Note {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// A mixin.
    #[model(embed, prefix = "", default)]
    pub tracked: Tracked,
    /// Another one.
    #[model(embed, prefix = "")]
    pub priced: Priced,
}

/// Has one of them.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Task {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What is to be done.
    pub what: String,
    /// The same mixin.
    #[model(embed, prefix = "", default)]
    pub tracked: Tracked,
}

/// Two mixins with one name.
pub mod clashing {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub Base);

    /// A mixin.
    #[derive(Embedded, Clone, Debug)]
    pub struct Named {
        /// What it is called.
        pub name: String,
    }

    /// Has a column of that name by itself.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub struct Thing {
        /// Given by the database.
        #[model(primary_key)]
        pub id: Auto<i64>,
        /// What it is called.
        pub name: String,
        /// Called the same.
        #[model(embed, prefix = "")]
        pub named: Named,
    }
}

/// What the database would fill in where there is nothing.
pub mod filled {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub Base);

    /// Made by the database.
    #[derive(Embedded, Clone, Debug)]
    pub struct Made {
        /// When it was.
        #[model(server_default = "now()")]
        pub at: Auto<DateTime<Utc>>,
    }

    /// May not have it.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub struct Thing {
        /// Given by the database.
        #[model(primary_key)]
        pub id: Auto<i64>,
        /// Cannot be.
        #[model(embed)]
        pub made: Option<Made>,
    }
}
