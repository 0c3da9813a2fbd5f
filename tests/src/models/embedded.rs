//! Values of several columns, mixins, and enums that carry data.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// A place on the globe.
#[derive(Embedded, Clone, Debug, PartialEq)]
pub struct Geo {
    /// Degrees to the north.
    #[model(check = "{lat} BETWEEN -90 AND 90")]
    pub lat: i32,
    /// Degrees to the east.
    pub long: i32,
}

/// Where somebody is found.
#[derive(Embedded, Clone, Debug, PartialEq)]
pub struct Address {
    /// With the number.
    pub street: Option<String>,
    /// Without the code.
    #[model(length = 80)]
    pub city: String,
    /// Inside of an embedded value.
    #[model(embed)]
    pub geo: Geo,
}

/// A mixin.
#[derive(Embedded, Clone, Debug, Default)]
pub struct Stamps {
    /// Given by the database.
    #[model(server_default = "now()")]
    pub created_at: Auto<DateTime<Utc>>,
    /// Anything.
    pub note: Option<String>,
}

/// With two addresses, one of them optional.
#[derive(Model, Clone, Debug)]
#[model(base = Base, index("home_city"), unique("name", "work"))]
pub struct Person {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// Before a column, but behind it in the table.
    #[model(embed)]
    pub home: Address,
    /// What the person is called.
    pub name: String,
    /// With a prefix of its own.
    #[model(embed, prefix = "w_")]
    pub work: Option<Address>,
    /// Without a prefix.
    #[model(embed, prefix = "", default)]
    pub stamps: Stamps,
}

/// What an employee does.
#[derive(Embedded, Clone, Debug, PartialEq)]
pub enum Role {
    /// Two variants share `level`.
    Manager {
        /// In Euro.
        budget: i64,
        /// From 1 on.
        level: Option<i32>,
    },
    /// With a name of its own in the database.
    #[model(tag = "eng")]
    Engineer {
        /// Of programs.
        language: String,
        /// From 1 on.
        level: Option<i32>,
    },
    /// From where.
    Visitor(String),
    /// An embedded value in a variant.
    Living(#[model(embed)] Geo),
    /// Holds nothing.
    Intern,
}

/// One table for several kinds of rows.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Employee {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What the employee is called.
    #[model(unique)]
    pub name: String,
    /// The kind of the row, with what belongs to it.
    #[model(embed)]
    pub role: Role,
    /// The same type again.
    #[model(embed)]
    pub former: Option<Role>,
}
