//! Names that nobody should give, and that have to work all the same.

use orm_core::prelude::*;
use orm_core::types::DbEnum;

orm_core::declarative_base!(pub Base);

/// An enum whose name and labels would end any text that did not quote them.
#[derive(DbEnum, Clone, Copy, Debug, PartialEq, Eq)]
#[db_enum(schema = "x\".\"y; DROP TABLE \"witness\"; --", name = "mood\"; DROP TABLE \"witness\"; --")]
pub enum Mood {
    /// A label of its own.
    #[db_enum(rename = "'); DROP TABLE \"witness\"; --")]
    Sly,
    /// Another one.
    #[db_enum(rename = "\\'; DROP TABLE \"witness\"; --")]
    Slash,
    /// Of an array that is written as text.
    #[db_enum(rename = "a\",NULL,\"b\\")]
    Array,
}

/// A table and columns with hostile names, in a schema with one.
#[derive(Model, Clone, Debug)]
#[model(base = Base, schema = "a.b\".c; DROP TABLE \"witness\"; -- $$'\\'", table = "x\"; DROP TABLE \"witness\"; --", comment = "it's; \\'; DROP TABLE \"witness\"; --")]
pub struct Odd {
    /// The quotes of a name.
    #[model(primary_key, column = "id\" FROM \"witness\"; --")]
    pub id: Auto<i64>,
    /// A word of the language.
    #[model(column = "select", unique)]
    pub keyword: String,
    /// The quotes of a text, and something that looks like a parameter.
    #[model(column = "a'b\\c $1 {} /*", comment = "'); DROP TABLE \"witness\"; --")]
    pub quotes: Option<String>,
    /// Written from right to left.
    #[model(column = "name\u{202e}eman")]
    pub turned: Option<String>,
    /// As long as a name can be: 63 bytes.
    #[model(column = "a_name_of_sixty_three_bytes_which_is_all_that_the_server_keeps_")]
    pub long: Option<i32>,
    /// An enum.
    #[model(column = "CASE")]
    pub mood: Option<Mood>,
    /// What belongs to it.
    #[has_many(back_populates = "odd", order_by = "id")]
    pub parts: HasMany<Part>,
    /// What it has to do with.
    #[many_to_many(
        secondary = "\"a.b\"\".c; DROP TABLE \"\"witness\"\"; -- $$'\\'\".\"odd\"\" -- \"\"label\"",
        back_populates = "odds"
    )]
    pub labels: ManyToMany<Label>,
}

/// Belongs to an [`Odd`].
#[derive(Model, Clone, Debug)]
#[model(base = Base, table = "user")]
pub struct Part {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// The foreign key has a hostile name, too.
    #[belongs_to(columns("odd\"); --"), back_populates = "parts", on_delete = "cascade", index)]
    pub odd: BelongsTo<Odd>,
}

/// Another one, in the same schema.
#[derive(Model, Clone, Debug)]
#[model(base = Base, schema = "a.b\".c; DROP TABLE \"witness\"; -- $$'\\'", table = "Label 'n' all")]
pub struct Label {
    /// A key that the program gives.
    #[model(primary_key, column = "from")]
    pub name: String,
    /// The other side.
    #[many_to_many(secondary = "odd\" -- \"label", back_populates = "labels")]
    pub odds: ManyToMany<Odd>,
}

/// What the hostile names and values would destroy.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Witness {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// Something to lose.
    #[model(unique)]
    pub text: String,
    /// As JSON.
    pub json: Json,
    /// As bytes.
    pub bytes: Option<Vec<u8>>,
}
