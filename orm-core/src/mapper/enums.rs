//! Enums of the database that the models of one base have.

use crate::schema::Metadata;

/// Whether each name means one thing: PostgreSQL keeps the names of tables and types in one place.
pub(super) fn check_enums(metadata: &Metadata) -> Result<(), String> {
    for (at, ty) in metadata.enums().iter().enumerate() {
        let name = ty.name();
        if let Some(other) = metadata.enums()[..at].iter().find(|other| other.name() == name) {
            return Err(format!(
                "two enums of the database are called `{name}`: one of {}, one of {}; name one of them with `#[db_enum(name = \"…\")]`",
                other.labels().join(", "),
                ty.labels().join(", ")
            ));
        }
        if metadata.table(name).is_some() {
            return Err(format!(
                "a table and an enum of the database are called `{name}`; name the enum with `#[db_enum(name = \"…\")]`"
            ));
        }
    }
    Ok(())
}
