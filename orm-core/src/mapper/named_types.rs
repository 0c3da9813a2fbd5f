//! Types with names of their own that the models of one base have.

use crate::schema::{Metadata, TableName};
use crate::types::{NamedType, TypeKind};

/// Whether each name means one thing: PostgreSQL keeps the names of tables and types in one place.
pub(super) fn check_types(metadata: &Metadata) -> Result<(), String> {
    for (at, ty) in metadata.types().iter().enumerate() {
        let name = TableName { schema: ty.schema(), name: ty.name() };
        let is_same = |other: &&&NamedType| (other.schema(), other.name()) == (ty.schema(), ty.name());
        if let Some(other) = metadata.types()[..at].iter().find(is_same) {
            let how = how_to_name(ty);
            return Err(match (ty.kind(), other.kind()) {
                (TypeKind::Enum(these), TypeKind::Enum(those)) => format!(
                    "two enums of the database are called `{name}`: one of {}, one of {}; name one of them with {how}",
                    those.join(", "),
                    these.join(", ")
                ),
                _ => format!("two types of the database are called `{name}`; name one of them with {how}"),
            });
        }
        if metadata.table(name).is_some() {
            let (what, how) = (what(ty), how_to_name(ty));
            return Err(format!(
                "a table and {what} of the database are called `{name}`; name the latter with {how}"
            ));
        }
    }
    Ok(())
}

const fn what(ty: &NamedType) -> &'static str {
    match ty.kind() {
        TypeKind::Enum(_) => "an enum",
        TypeKind::Domain(_) => "a domain",
        TypeKind::Composite(_) => "a composite type",
        TypeKind::Extension(_) => "a type of an extension",
    }
}

const fn how_to_name(ty: &NamedType) -> &'static str {
    match ty.kind() {
        TypeKind::Enum(_) => "`#[db_enum(name = \"…\")]`",
        TypeKind::Domain(_) => "`#[scalar(domain = \"…\")]`",
        TypeKind::Composite(_) => "`#[composite(name = \"…\")]`",
        TypeKind::Extension(_) => "another name",
    }
}
