//! CREATE and DROP of types.

use super::ident::{literal, quote};
use crate::types::EnumType;

/// The statements that make types.
///
/// ```
/// use orm_core::sql::create_type_statements;
/// use orm_core::types::DbEnum;
/// #[derive(DbEnum, Clone, Debug)]
/// enum TeaKind { Black, Green }
/// let statements = create_type_statements([TeaKind::TYPE]);
/// assert_eq!(statements, [r#"CREATE TYPE "tea_kind" AS ENUM ('black', 'green')"#]);
/// ```
pub fn create_type_statements<'a>(types: impl IntoIterator<Item = &'a EnumType>) -> Vec<String> {
    let create = |ty: &EnumType| {
        let labels: Vec<String> = ty.labels().iter().map(|label| literal(label)).collect();
        format!("CREATE TYPE {} AS ENUM ({})", quote(ty.name()), labels.join(", "))
    };
    types.into_iter().map(create).collect()
}

/// The statement that drops types; `None` where there are none.
///
/// ```
/// use orm_core::sql::drop_types_statement;
/// use orm_core::types::DbEnum;
/// #[derive(DbEnum, Clone, Debug)]
/// enum TeaKind { Black, Green }
/// assert_eq!(drop_types_statement([TeaKind::TYPE]).unwrap(), r#"DROP TYPE IF EXISTS "tea_kind""#);
/// assert_eq!(drop_types_statement([]), None);
/// ```
pub fn drop_types_statement<'a>(types: impl IntoIterator<Item = &'a EnumType>) -> Option<String> {
    let names: Vec<String> = types.into_iter().map(|ty| quote(ty.name())).collect();
    (!names.is_empty()).then(|| format!("DROP TYPE IF EXISTS {}", names.join(", ")))
}
