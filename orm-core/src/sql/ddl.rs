//! CREATE and DROP of tables.

use super::ddl_indexes::{create_index_statement, exclusion_clause};
use super::ident::{literal, push_list, quote, quote_table};
use crate::schema::{Column, ColumnDefault, Deferrable, ForeignKey, Identity, Metadata, Table};
use std::fmt::Write;

/// The statements that make a table with its constraints, indexes and comments.
///
/// Foreign keys to tables that come later in the metadata are left to [`deferred_foreign_keys`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Base;
/// use orm_core::sql::create_table_statements;
/// let metadata = Base::metadata()?;
/// let statements = create_table_statements(metadata.table("cart_product").unwrap(), metadata);
/// assert!(statements[0].starts_with("CREATE TABLE \"cart_product\" (\n    \"cart_id\" bigint NOT NULL"));
/// assert!(statements[1].starts_with("CREATE INDEX \"ix_cart_product_product_id\""));
/// # Ok::<_, orm_core::Error>(())
/// ```
pub fn create_table_statements(table: &Table, metadata: &Metadata) -> Vec<String> {
    let mut lines: Vec<String> = table.columns.iter().map(column).collect();
    lines.push(named_key(&table.primary_key.name, "PRIMARY KEY", &table.primary_key.columns));
    for unique in &table.uniques {
        lines.push(named_key(&unique.name, "UNIQUE", &unique.columns));
    }
    for check in &table.checks {
        lines.push(format!("CONSTRAINT {} CHECK ({})", quote(&check.name), check.expression));
    }
    lines.extend(table.exclusions.iter().map(exclusion_clause));
    for foreign_key in &table.foreign_keys {
        if !points_forward(table, foreign_key, metadata) {
            lines.push(foreign_key_clause(foreign_key));
        }
    }
    let mut statements =
        vec![format!("CREATE TABLE {} (\n    {}\n)", quote_table(table.full_name()), lines.join(",\n    "))];
    statements.extend(table.indexes.iter().map(|index| create_index_statement(table.full_name(), index)));
    statements.extend(comments(table));
    statements
}

/// The foreign keys of a table that can only be added once all tables exist.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Team {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     #[belongs_to]
///     pub lead: Option<BelongsTo<Person>>, // teams and people refer to each other
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Person {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     #[belongs_to]
///     pub team: BelongsTo<Team>,
/// }
///
/// let metadata = Base::metadata()?;
/// let later = |table| orm_core::sql::deferred_foreign_keys(table, metadata);
/// let later: Vec<String> = metadata.tables().iter().flat_map(later).collect();
/// assert_eq!(later.len(), 1, "the other one is part of its CREATE TABLE");
/// assert!(later[0].starts_with("ALTER TABLE "));
/// # Ok::<_, orm_core::Error>(())
/// ```
pub fn deferred_foreign_keys(table: &Table, metadata: &Metadata) -> Vec<String> {
    let forward = table.foreign_keys.iter().filter(|fk| points_forward(table, fk, metadata));
    forward
        .map(|fk| format!("ALTER TABLE {} ADD {}", quote_table(table.full_name()), foreign_key_clause(fk)))
        .collect()
}

/// Drops tables that are there, in one statement, so that they may refer to each other. Anything else that refers to
/// them makes it fail: it is not ours to drop.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Base;
/// use orm_core::sql::drop_tables_statement;
/// let metadata = Base::metadata()?;
/// let both = ["cart", "cart_product"].map(|name| metadata.table(name).unwrap());
/// assert_eq!(drop_tables_statement(both), r#"DROP TABLE IF EXISTS "cart", "cart_product""#);
/// # Ok::<_, orm_core::Error>(())
/// ```
pub fn drop_tables_statement<'a>(tables: impl IntoIterator<Item = &'a Table>) -> String {
    let names: Vec<String> = tables.into_iter().map(|table| quote_table(table.full_name())).collect();
    format!("DROP TABLE IF EXISTS {}", names.join(", "))
}

fn points_forward(table: &Table, foreign_key: &ForeignKey, metadata: &Metadata) -> bool {
    let position = |name| metadata.tables().iter().position(|table| table.full_name() == name);
    position(foreign_key.target()) > position(table.full_name())
}

fn column(column: &Column) -> String {
    let mut out = format!("{} {}", quote(&column.name), column.type_name());
    if let Some(collation) = &column.collation {
        let _ = write!(out, " COLLATE {}", quote(collation));
    }
    match &column.default {
        Some(ColumnDefault::Identity(identity)) => push_identity(&mut out, *identity),
        Some(ColumnDefault::Expression(expression)) => {
            let _ = write!(out, " DEFAULT {expression}");
        }
        Some(ColumnDefault::Generated(expression)) => {
            let _ = write!(out, " GENERATED ALWAYS AS ({expression}) STORED");
        }
        None => {}
    }
    if !column.nullable {
        out.push_str(" NOT NULL");
    }
    out
}

fn push_identity(out: &mut String, Identity { always, start, increment }: Identity) {
    let when = if always { "ALWAYS" } else { "BY DEFAULT" };
    let _ = write!(out, " GENERATED {when} AS IDENTITY");
    let start = start.map(|start| format!("START WITH {start}"));
    let increment = increment.map(|step| format!("INCREMENT BY {step}"));
    let options: Vec<String> = start.into_iter().chain(increment).collect();
    if !options.is_empty() {
        let _ = write!(out, " ({})", options.join(" "));
    }
}

fn named_key(name: &str, kind: &str, columns: &[String]) -> String {
    format!("CONSTRAINT {} {kind} ({})", quote(name), list(columns))
}

fn foreign_key_clause(foreign_key: &ForeignKey) -> String {
    let mut out = format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({})",
        quote(&foreign_key.name),
        list(&foreign_key.columns),
        quote_table(foreign_key.target()),
        list(&foreign_key.target_columns)
    );
    for (event, action) in [("DELETE", &foreign_key.on_delete), ("UPDATE", &foreign_key.on_update)] {
        if action != "NO ACTION" {
            let _ = write!(out, " ON {event} {action}");
        }
        if event == "DELETE" && !foreign_key.set_columns.is_empty() {
            let _ = write!(out, " ({})", list(&foreign_key.set_columns));
        }
    }
    if foreign_key.deferrable != Deferrable::Never {
        let _ = write!(out, " {}", foreign_key.deferrable.sql());
    }
    out
}

fn list(columns: &[String]) -> String {
    let mut out = String::new();
    push_list(&mut out, "", columns.iter().map(String::as_str));
    out
}

fn comments(table: &Table) -> Vec<String> {
    let of_table = table
        .comment
        .iter()
        .map(|text| format!("COMMENT ON TABLE {} IS {}", quote_table(table.full_name()), literal(text)));
    let of_columns = table.columns.iter().filter_map(|column| {
        let text = literal(column.comment.as_deref()?);
        Some(format!(
            "COMMENT ON COLUMN {}.{} IS {text}",
            quote_table(table.full_name()),
            quote(&column.name)
        ))
    });
    of_table.chain(of_columns).collect()
}
