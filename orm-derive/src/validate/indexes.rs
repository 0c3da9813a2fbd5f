//! The rules for indexes and EXCLUDE constraints: their columns are there, and their method can what they ask for.

use super::{check_once, columns_of};
use crate::ctxt::Ctxt;
use crate::ir::{Constraint, Exclude, Index, IndexKey, Method, Model};
use crate::names::Name;

/// Checks one, and gives its keys the names of columns.
pub(super) fn resolve(constraint: &mut Constraint, model: &Model, cx: &Ctxt) {
    match constraint {
        Constraint::Index(index) => {
            index.keys = index.keys.drain(..).flat_map(|key| keys_of(model, key, cx)).collect();
            let columns: Vec<Name> = columns(&index.keys).cloned().collect();
            check_once(&columns, cx);
            index.include = index.include.iter().flat_map(|name| columns_of(model, name, cx)).collect();
            check_once(&columns.into_iter().chain(index.include.iter().cloned()).collect::<Vec<_>>(), cx);
            check_index(index, cx);
        }
        Constraint::Exclude(exclude) => {
            let keys = exclude.keys.drain(..).flat_map(|(key, operator)| {
                keys_of(model, key, cx).into_iter().map(move |key| (key, operator.clone()))
            });
            exclude.keys = keys.collect();
            check_exclude(exclude, cx);
        }
        Constraint::Unique(_) | Constraint::Check { .. } => {}
    }
}

fn columns(keys: &[IndexKey]) -> impl Iterator<Item = &Name> {
    keys.iter().filter(|key| !key.is_expression).map(|key| &key.of)
}

/// The keys that one means: a field may have several columns. A word behind the column is its operator class.
fn keys_of(model: &Model, mut key: IndexKey, cx: &Ctxt) -> Vec<IndexKey> {
    if key.is_expression {
        return vec![key];
    }
    let is_known = |name: &str| {
        model.columns().iter().any(|column| column.name.text == name || column.field.name() == name)
    };
    if !is_known(&key.of.text)
        && let Some((column, class)) = key.of.text.rsplit_once(' ')
    {
        key.operator_class = Some(Name::new(class, key.of.span));
        key.of = Name::new(column.trim_end(), key.of.span);
    }
    let columns = columns_of(model, &key.of, cx);
    columns.into_iter().map(|of| IndexKey { of, ..key.clone() }).collect()
}

fn check_index(index: &Index, cx: &Ctxt) {
    if let (Some(span), None) = (index.nulls_not_distinct, index.unique) {
        cx.error(span, "only a unique index tells `NULL`s apart: add `unique`");
    }
    let Some((method, span)) = index.method else { return };
    let (keys, name) = (&index.keys, method.name());
    if index.unique.is_some() && method != Method::Btree {
        cx.error(span, format_args!("an index of the method `{name}` cannot be unique: `btree` can"));
    }
    if method != Method::Btree && keys.iter().any(|key| key.descending || key.nulls_first.is_some()) {
        cx.error(span, format_args!("an index of the method `{name}` has no order: `btree` has"));
    }
    if !index.include.is_empty() && !matches!(method, Method::Btree | Method::Gist | Method::Spgist) {
        let message = "includes no other columns: `btree`, `gist` and `spgist` do";
        cx.error(span, format_args!("an index of the method `{name}` {message}"));
    }
    if method == Method::Hash && keys.len() > 1 {
        cx.error(span, "an index of the method `hash` has one key");
    }
}

fn check_exclude(exclude: &Exclude, cx: &Ctxt) {
    if let Some((method @ (Method::Gin | Method::Brin), span)) = exclude.method {
        let name = method.name();
        cx.error(span, format_args!("an index of the method `{name}` cannot exclude rows: `gist` can"));
    }
    for (key, _) in exclude.keys.iter().filter(|(key, _)| key.descending || key.nulls_first.is_some()) {
        cx.error(key.of.span, "what is excluded has no order");
    }
}
