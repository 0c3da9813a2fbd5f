//! Names in SQL text.

use crate::schema::TableName;

/// A name as SQL text, always in double quotes.
///
/// ```
/// assert_eq!(orm_core::sql::quote("order"), "\"order\"");
/// assert_eq!(orm_core::sql::quote("x\"; drop table y; --"), "\"x\"\"; drop table y; --\"");
/// ```
pub fn quote(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len() + 2);
    push_quoted(&mut quoted, name);
    quoted
}

/// The name of a table as SQL text, behind its schema where it has one.
///
/// ```
/// use orm_core::{schema::TableName, sql::quote_table};
/// assert_eq!(quote_table("entry"), r#""entry""#);
/// assert_eq!(quote_table(TableName::in_schema("the audit", "entry")), r#""the audit"."entry""#);
/// ```
pub fn quote_table<'a>(table: impl Into<TableName<'a>>) -> String {
    let mut quoted = String::new();
    push_table(&mut quoted, table.into());
    quoted
}

/// A text as SQL text: what `quote_literal` of PostgreSQL makes of it, which no setting reads otherwise.
///
/// It stands where nothing can be bound: in comments, labels and the definitions of views.
pub(crate) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    match text.contains('\\') {
        true => format!(" E'{}'", quoted.replace('\\', r"\\")),
        false => format!("'{quoted}'"),
    }
}

pub(super) fn push_quoted(out: &mut String, name: &str) {
    out.push('"');
    for c in name.chars() {
        if c == '"' {
            out.push('"');
        }
        out.push(c);
    }
    out.push('"');
}

/// `"schema"."table"`
pub(super) fn push_table(out: &mut String, table: TableName<'_>) {
    if let Some(schema) = table.schema {
        push_quoted(out, schema);
        out.push('.');
    }
    push_quoted(out, table.name);
}

/// `"a", "b"`
pub(super) fn push_list<'a>(out: &mut String, prefix: &str, names: impl IntoIterator<Item = &'a str>) {
    for (i, name) in names.into_iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(prefix);
        push_quoted(out, name);
    }
}
