//! CREATE and DROP of types.

use super::ident::{literal, quote};
use crate::types::{NamedType, TypeKind};

/// The statements that make types, in this order. One of an extension asks for the extension.
///
/// ```
/// use orm_core::sql::create_type_statements;
/// use orm_core::types::DbEnum;
/// #[derive(DbEnum, Clone, Debug)]
/// enum TeaKind { Black, Green }
/// let statements = create_type_statements([TeaKind::TYPE]);
/// assert_eq!(statements, [r#"CREATE TYPE "tea_kind" AS ENUM ('black', 'green')"#]);
/// ```
pub fn create_type_statements<'a>(types: impl IntoIterator<Item = &'a NamedType>) -> Vec<String> {
    types.into_iter().filter_map(create).collect()
}

fn create(ty: &NamedType) -> Option<String> {
    let name = ty.quoted();
    Some(match ty.kind() {
        TypeKind::Enum(labels) => {
            let labels: Vec<String> = labels.iter().map(|label| literal(label)).collect();
            format!("CREATE TYPE {name} AS ENUM ({})", labels.join(", "))
        }
        TypeKind::Domain(domain) => {
            let check = domain.check.map(|check| format!(" CHECK ({check})")).unwrap_or_default();
            format!("CREATE DOMAIN {name} AS {}{check}", domain.base)
        }
        TypeKind::Composite(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, ty)| format!("{} {ty}", quote(name))).collect();
            format!("CREATE TYPE {name} AS ({})", fields.join(", "))
        }
        TypeKind::Extension(from) => format!("CREATE EXTENSION IF NOT EXISTS {}", quote(from.name?)),
    })
}

/// The statements that drop types, those first that are made of others. Extensions stay: other parts of the database may
/// use them.
///
/// ```
/// use orm_core::sql::drop_type_statements;
/// use orm_core::types::DbEnum;
/// #[derive(DbEnum, Clone, Debug)]
/// enum TeaKind { Black, Green }
/// assert_eq!(drop_type_statements([TeaKind::TYPE]), [r#"DROP TYPE IF EXISTS "tea_kind""#]);
/// ```
pub fn drop_type_statements<'a, I>(types: I) -> Vec<String>
where
    I: IntoIterator<Item = &'a NamedType, IntoIter: DoubleEndedIterator>,
{
    let drop = |ty: &NamedType| match ty.kind() {
        TypeKind::Enum(_) | TypeKind::Composite(_) => Some(format!("DROP TYPE IF EXISTS {}", ty.quoted())),
        TypeKind::Domain(_) => Some(format!("DROP DOMAIN IF EXISTS {}", ty.quoted())),
        TypeKind::Extension(_) => None,
    };
    types.into_iter().rev().filter_map(drop).collect()
}
