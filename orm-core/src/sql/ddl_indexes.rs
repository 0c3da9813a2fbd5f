//! CREATE INDEX, and the constraints that are indexes with other operators.

use super::ident::{push_list, quote, quote_table};
use crate::schema::{Deferrable, Exclusion, Index, IndexKey, IndexOf, IndexParameter, TableName};
use std::fmt::Write;

/// The statement that makes an index of a table or a materialised view.
///
/// ```
/// use orm_core::schema::{Index, IndexKey};
/// use orm_core::sql::create_index_statement;
/// let plain = Index::of("cart", ["customer_id"]);
/// assert_eq!(
///     create_index_statement("cart", &plain),
///     r#"CREATE INDEX "ix_cart_customer_id" ON "cart" ("customer_id")"#
/// );
/// let newest = IndexKey { descending: true, ..IndexKey::column("id") };
/// let open = Index { keys: vec![newest], filter: Some("invoice IS NULL".into()), name: "open".into(), ..plain };
/// assert_eq!(
///     create_index_statement("cart", &open),
///     r#"CREATE INDEX "open" ON "cart" ("id" DESC) WHERE (invoice IS NULL)"#
/// );
/// ```
pub fn create_index_statement<'a>(of: impl Into<TableName<'a>>, index: &Index) -> String {
    let unique = if index.is_unique { "UNIQUE " } else { "" };
    let mut out = format!("CREATE {unique}INDEX {} ON {}", quote(&index.name), quote_table(of));
    if index.method != Index::DEFAULT_METHOD {
        let _ = write!(out, " USING {}", quote(&index.method));
    }
    let keys: Vec<String> = index.keys.iter().map(key).collect();
    let _ = write!(out, " ({})", keys.join(", "));
    if !index.include.is_empty() {
        out.push_str(" INCLUDE (");
        push_list(&mut out, "", index.include.iter().map(String::as_str));
        out.push(')');
    }
    if index.nulls_not_distinct {
        out.push_str(" NULLS NOT DISTINCT");
    }
    if !index.parameters.is_empty() {
        let set = |parameter: &IndexParameter| format!("{} = {}", quote(&parameter.name), parameter.value);
        let all: Vec<String> = index.parameters.iter().map(set).collect();
        let _ = write!(out, " WITH ({})", all.join(", "));
    }
    if let Some(filter) = &index.filter {
        let _ = write!(out, " WHERE ({filter})");
    }
    out
}

/// `CONSTRAINT … EXCLUDE …`
pub(super) fn exclusion_clause(exclusion: &Exclusion) -> String {
    let compared: Vec<String> = exclusion
        .keys
        .iter()
        .map(|compared| format!("{} WITH {}", key(&compared.key), compared.operator))
        .collect();
    let (name, method) = (quote(&exclusion.name), quote(&exclusion.method));
    let mut out = format!("CONSTRAINT {name} EXCLUDE USING {method} ({})", compared.join(", "));
    if let Some(filter) = &exclusion.filter {
        let _ = write!(out, " WHERE ({filter})");
    }
    if exclusion.deferrable != Deferrable::Never {
        let _ = write!(out, " {}", exclusion.deferrable.sql());
    }
    out
}

fn key(key: &IndexKey) -> String {
    let mut out = match &key.of {
        IndexOf::Column(name) => quote(name),
        IndexOf::Expression(expression) => format!("({expression})"),
    };
    if let Some(class) = &key.operator_class {
        out.push(' ');
        out.push_str(&quote(class));
    }
    if key.descending {
        out.push_str(" DESC");
    }
    match key.nulls_first {
        Some(true) => out.push_str(" NULLS FIRST"),
        Some(false) => out.push_str(" NULLS LAST"),
        None => {}
    }
    out
}
