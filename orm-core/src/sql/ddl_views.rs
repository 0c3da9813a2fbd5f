//! CREATE, DROP and REFRESH of views.

use super::ddl_indexes::create_index_statement;
use super::ident::{literal, push_list, quote, quote_table};
use crate::schema::{TableName, View, ViewKind};
use std::fmt::Write;

/// The statements that make a view with its indexes and comments; none for a view that somebody else makes.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)]
/// # #[model(base = Base)]
/// # pub struct Book { #[model(primary_key)] pub id: Auto<i64>, pub copies: i32 }
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base, view = lendable)]
/// pub struct Lendable {
///     #[model(primary_key)]
///     pub id: i64,
/// }
///
/// fn lendable() -> impl orm_core::query::Defines<(i64,)> {
///     columns((Book::ID,)).filter(Book::COPIES.gt(0))
/// }
/// let view = Base::metadata()?.view("lendable").unwrap();
/// assert_eq!(
///     orm_core::sql::create_view_statements(view),
///     [r#"CREATE VIEW "lendable" ("id") AS SELECT "id" FROM "book" WHERE "copies" > '0'::integer"#]
/// );
/// # Ok::<_, orm_core::Error>(())
/// ```
pub fn create_view_statements(view: &View) -> Vec<String> {
    let Some(definition) = &view.definition else { return Vec::new() };
    let mut create = format!("CREATE {} {} (", view.kind.sql(), quote_table(view.full_name()));
    push_list(&mut create, "", view.columns.iter().map(|column| column.name.as_str()));
    let invoker = if view.security_invoker { " WITH (security_invoker = true)" } else { "" };
    let _ = write!(create, "){invoker} AS {definition}");
    let indexes = view.indexes.iter().map(|index| create_index_statement(view.full_name(), index));
    std::iter::once(create).chain(indexes).chain(comments(view)).collect()
}

/// The statements that drop views that are there, each before those that it reads; views that somebody else makes stay.
///
/// ```
/// use orm_core::schema::{View, ViewKind};
/// use orm_core::sql::drop_view_statements;
/// let view = |name: &str, kind| View {
///     schema: None,
///     name: name.into(),
///     kind,
///     columns: Vec::new(),
///     definition: Some("SELECT".into()),
///     security_invoker: false,
///     indexes: Vec::new(),
///     comment: None,
/// };
/// let views = [view("sales", ViewKind::Plain), view("best", ViewKind::Materialized)];
/// assert_eq!(
///     drop_view_statements(&views),
///     [r#"DROP MATERIALIZED VIEW IF EXISTS "best""#, r#"DROP VIEW IF EXISTS "sales""#]
/// );
/// ```
pub fn drop_view_statements(views: &[View]) -> Vec<String> {
    let made = views.iter().rev().filter(|view| view.definition.is_some());
    made.map(|view| format!("DROP {} IF EXISTS {}", view.kind.sql(), quote_table(view.full_name()))).collect()
}

/// The statement that has a materialised view run its query again.
pub(crate) fn refresh_statement(view: TableName<'_>, concurrently: bool) -> String {
    let how = if concurrently { "CONCURRENTLY " } else { "" };
    format!("REFRESH {} {how}{}", ViewKind::Materialized.sql(), quote_table(view))
}

fn comments(view: &View) -> impl Iterator<Item = String> + '_ {
    let of_view = view.comment.iter().map(|text| {
        format!("COMMENT ON {} {} IS {}", view.kind.sql(), quote_table(view.full_name()), literal(text))
    });
    let of_columns = view.columns.iter().filter_map(|column| {
        let text = literal(column.comment.as_deref()?);
        Some(format!("COMMENT ON COLUMN {}.{} IS {text}", quote_table(view.full_name()), quote(&column.name)))
    });
    of_view.chain(of_columns)
}
