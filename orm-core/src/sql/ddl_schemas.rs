//! CREATE and DROP of schemas.

use super::ident::{literal, quote};

/// The statement that makes a schema.
///
/// ```
/// use orm_core::sql::create_schema_statement;
/// assert_eq!(create_schema_statement("audit"), r#"CREATE SCHEMA IF NOT EXISTS "audit""#);
/// ```
pub fn create_schema_statement(schema: &str) -> String {
    format!("CREATE SCHEMA IF NOT EXISTS {}", quote(schema))
}

/// The statement that drops a schema, unless there is something in it or it belongs to somebody else.
///
/// ```
/// use orm_core::sql::drop_schema_statement;
/// assert!(drop_schema_statement("audit").starts_with(r#"DO 'BEGIN DROP SCHEMA IF EXISTS "audit";"#));
/// ```
pub fn drop_schema_statement(schema: &str) -> String {
    let stays = "WHEN dependent_objects_still_exist OR insufficient_privilege THEN NULL";
    let block = format!("BEGIN DROP SCHEMA IF EXISTS {}; EXCEPTION {stays}; END", quote(schema));
    format!("DO {}", literal(&block).trim_start())
}
