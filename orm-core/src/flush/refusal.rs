//! What a plan knows about the server's refusal of it.

use super::plan::{Plan, Step};
use crate::error::{Error, ErrorKind};
use crate::mapper::{LinkKind, RelationKind};
use crate::schema::{Table, TableName};
use crate::state::Arena;

/// Says what can be done, where the plan shows why the server refused.
pub(crate) fn refusal(arena: &Arena, error: Error, plan: &Plan) -> Error {
    let told =
        error.database().and_then(|told| arena.stores.iter().find_map(|store| store.registry.told(told)));
    let Some(table) = told.map(Table::full_name) else { return error };
    if error.is_unique_violation() {
        let exchanged = plan.exchanged.iter().any(|at| arena.stores[at.store].mapper.def.table == table);
        let kept = plan.kept_until_end.contains(&table);
        let why = match (exchanged, kept) {
            (true, _) => {
                "rows of this flush exchange this unique value, and PostgreSQL checks row by row: flush with another value \
                 in between, or make the constraint DEFERRABLE"
            }
            (false, true) => {
                "a row that this flush deletes may have it, and goes only at the end, because others move from it to new \
                 rows: flush the new rows, or the deletion, first"
            }
            (false, false) => return error,
        };
        let message = format!("{error}; {why}");
        return error.retold(ErrorKind::ValueTaken, message);
    }
    match unfollowed(arena, &error, table, plan) {
        Some(place) => {
            let message = format!(
                "a key that `{table}` refers to changed, and the rows that refer to it do not follow: declare \
                 `on_update = \"cascade\"` on {place}, and have the table so"
            );
            let kind = error.kind();
            error.retold(kind, message)
        }
        None => error,
    }
}

/// The foreign key that refers to a key which the plan changes, without following it.
fn unfollowed(arena: &Arena, error: &Error, table: TableName<'_>, plan: &Plan) -> Option<String> {
    if !error.is_foreign_key_violation() {
        return None;
    }
    let moved = plan.steps.iter().filter_map(|step| match step {
        Step::Update { rows, columns, .. } => {
            let mapper = arena.stores[rows.store].mapper;
            let moves = columns.iter().any(|column| mapper.primary_key.contains(column));
            moves.then_some((arena.stores[rows.store].registry, mapper))
        }
        _ => None,
    });
    for (registry, owner) in moved {
        let Some(mapper) = registry.mapper_of(table) else { continue };
        for (relation, link) in mapper.def.relations.iter().zip(&mapper.relations) {
            let (RelationKind::BelongsTo { .. }, LinkKind::ToOne { columns, .. }) =
                (&relation.kind, &link.kind)
            else {
                continue;
            };
            let names = columns.iter().map(|column| mapper.def.columns[*column].name);
            if link.target == owner.index && names.eq(error.columns().iter().map(String::as_str)) {
                return Some(format!("`{}::{}`", mapper.def.name, relation.name));
            }
        }
        let plain = mapper.def.columns.iter().enumerate().find(|(at, column)| {
            mapper.refers_to(*at, owner.def) && error.columns().iter().any(|name| name == column.name)
        });
        if let Some((_, column)) = plain {
            return Some(format!("`{}::{}`", mapper.def.name, column.field));
        }
    }
    None
}
