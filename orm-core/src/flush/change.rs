//! Statements that change and delete rows.

use super::emit::{Expect, MatchedBy, Outgoing, array};
use super::plan::{Plan, Rows};
use crate::error::Result;
use crate::mapper::Mapper;
use crate::schema::TableName;
use crate::sql::{Delete, Expr, Param, Statement, TypedColumn, Update};
use crate::state::{Arena, At};
use crate::types::ColumnValue;

/// What an UPDATE of some rows sets.
pub(super) struct Change<'a> {
    pub(super) columns: &'a [usize],
    /// The columns that are set to expressions, of the same shape in all rows.
    pub(super) computed: &'a [usize],
    /// Whether the versions are compared. Rows that the same flush has written before are locked: nobody else can have
    /// changed them.
    pub(super) checked: bool,
}

/// An UPDATE; `guarded` says that COMMIT travels with it, so that it has to fail by itself when it misses rows.
///
/// # Errors
/// [`Encode`](crate::ErrorKind::Encode) for a value without a binary form, naming its column.
pub(super) fn update(
    arena: &Arena,
    plan: &Plan,
    rows: Rows,
    change: &Change<'_>,
    guarded: bool,
) -> Result<Outgoing> {
    let mapper = arena.stores[rows.store].mapper;
    let one = rows.slots.len() == 1;
    let guarded = guarded || !one;
    let key = mapper.typed(&mapper.primary_key);
    let version = mapper.version.filter(|_| change.checked);
    let columns = mapper.typed(change.columns);
    let computed = expressions(arena, At { store: rows.store, slot: rows.slots[0] }, mapper, change.computed);
    let back = coming_back(mapper, change.computed);
    let mut returned = back.clone();
    if !one && !back.is_empty() {
        returned.splice(0..0, mapper.primary_key.iter().copied());
    }
    let returning: Vec<&str> = returned.iter().map(|i| mapper.def.columns[*i].name).collect();
    let update = Update {
        table: mapper.def.table,
        key: &key,
        version: version.map(|column| mapper.typed(&[column])[0]),
        columns: &columns,
        computed: &computed,
        restriction: "",
        returning: &returning,
        guarded,
    };
    let mut params = compared(arena, plan, &rows, &mapper.primary_key, version);
    let values = change.columns.iter().map(|column| match rows.slots[..] {
        [slot] => plan.stamps.param(arena, At { store: rows.store, slot }, *column),
        _ => plan.stamps.array(arena, &rows, *column),
    });
    let compared = params.len();
    params.extend(values);
    mapper.check_sendable(change.columns, &params[compared..])?;
    params.extend(inside(arena, &rows, change.computed));
    let text = if one { update.one() } else { update.many() };
    let by = if one { MatchedBy::Only } else { MatchedBy::Key };
    let expect = match (guarded, back.is_empty()) {
        (true, true) => Expect::Nothing,
        _ => Expect::Changed { rows, columns: back, by, counted: !guarded },
    };
    Ok(Outgoing { statement: Statement { text: text.into(), params }, expect })
}

/// The columns that the database makes with an UPDATE.
fn coming_back(mapper: &Mapper, computed: &[usize]) -> Vec<usize> {
    let mut back: Vec<usize> = mapper.generated.iter().chain(computed).copied().collect();
    back.sort_unstable();
    back.dedup();
    back
}

/// The expressions of one row.
fn expressions<'a>(
    arena: &'a Arena,
    at: At,
    mapper: &Mapper,
    columns: &[usize],
) -> Vec<(&'static str, &'a Expr)> {
    let all = arena.stores[at.store].expressions.of(at.slot, arena.object(at));
    let of_step = all.filter(|(column, _)| columns.contains(column));
    of_step.map(|(column, computed)| (mapper.def.columns[column].name, &computed.expr)).collect()
}

/// The values inside the expressions of some rows: of one row as they are, of many an array each.
fn inside(arena: &Arena, rows: &Rows, columns: &[usize]) -> Vec<Param> {
    let store = &arena.stores[rows.store];
    let of_row = |slot: &u32| -> Vec<Param> {
        let all = store.expressions.of(*slot, store.slot(*slot).get());
        let of_step = all.filter(|(column, _)| columns.contains(column));
        of_step.flat_map(|(_, computed)| computed.params.iter().cloned()).collect()
    };
    if let [slot] = &rows.slots[..] {
        return of_row(slot);
    }
    if columns.is_empty() {
        return Vec::new();
    }
    let all: Vec<Vec<Param>> = rows.slots.iter().map(of_row).collect();
    let count = all.first().map_or(0, Vec::len);
    (0..count).map(|value| Param::array_of(all.iter().map(|row| &row[value]))).collect()
}

/// The key of each row as the database has it, in case the key itself changed, and the version that was read: of a row that a
/// new object takes over, by the deleted one.
fn compared(arena: &Arena, plan: &Plan, rows: &Rows, key: &[usize], version: Option<usize>) -> Vec<Param> {
    let store = &arena.stores[rows.store];
    let columns = key.iter().copied().chain(version);
    let value = |slot: &u32, column| -> ColumnValue<'_> {
        plan.row(arena, At { store: rows.store, slot: *slot }).column(column)
    };
    let params = columns.map(|column| {
        let sql_type = store.mapper.def.columns[column].sql_type;
        match &rows.slots[..] {
            [slot] => Param::of_column(value(slot, column), sql_type),
            slots => array(sql_type, slots.iter().map(|slot| value(slot, column))),
        }
    });
    params.collect()
}

/// `NULL` in columns of rows that are deleted, or get other values, in the same flush.
///
/// It compares the versions in place of the deletion or the update, which comes after it.
pub(super) fn clear(arena: &Arena, plan: &Plan, rows: &Rows, columns: &[usize]) -> Outgoing {
    let mapper = arena.stores[rows.store].mapper;
    let (key, set) = (mapper.typed(&mapper.primary_key), mapper.typed(columns));
    let update = Update {
        table: mapper.def.table,
        key: &key,
        version: mapper.version.map(|column| mapper.typed(&[column])[0]),
        columns: &set,
        computed: &[],
        restriction: "",
        returning: &[],
        guarded: mapper.version.is_some(),
    };
    let one = rows.slots.len() == 1;
    let text = if one { update.one() } else { update.many() };
    let mut params = compared(arena, plan, rows, &mapper.primary_key, mapper.version);
    params.extend(set.iter().map(|column| match one {
        true => Param::of_column(ColumnValue::Null, column.sql_type),
        false => array(column.sql_type, rows.slots.iter().map(|_| ColumnValue::Null)),
    }));
    Outgoing { statement: Statement { text: text.into(), params }, expect: Expect::Nothing }
}

/// A DELETE of the objects' own rows; `checked` says that their versions are compared.
pub(super) fn delete(arena: &Arena, plan: &Plan, rows: Rows, checked: bool, guarded: bool) -> Outgoing {
    let mapper = arena.stores[rows.store].mapper;
    let key = mapper.typed(&mapper.primary_key);
    let version = mapper.version.filter(|_| checked);
    let one = rows.slots.len() == 1;
    let guarded = version.is_some() && (guarded || !one);
    let delete = Delete {
        table: mapper.def.table,
        key: &key,
        version: version.map(|column| mapper.typed(&[column])[0]),
        guarded,
    };
    let text = if one { delete.one() } else { delete.many() };
    let statement =
        Statement { text: text.into(), params: compared(arena, plan, &rows, &mapper.primary_key, version) };
    let expect = match version.is_some() && !guarded {
        true => Expect::Changed { rows, columns: Vec::new(), by: MatchedBy::Only, counted: true },
        false => Expect::Nothing,
    };
    Outgoing { statement, expect }
}

/// A DELETE of the rows of an association table that belong to some objects.
pub(super) fn unlink_all(
    arena: &Arena,
    plan: &Plan,
    table: TableName<'_>,
    owner_columns: &[String],
    rows: &Rows,
) -> Outgoing {
    let mapper = arena.stores[rows.store].mapper;
    let types = mapper.typed(&mapper.primary_key);
    let columns = owner_columns.iter().zip(&types);
    let key: Vec<TypedColumn<'_>> =
        columns.map(|(name, key)| TypedColumn { name, sql_type: key.sql_type }).collect();
    let delete = Delete { table, key: &key, version: None, guarded: false };
    let text = if rows.slots.len() == 1 { delete.one() } else { delete.many() };
    let params = compared(arena, plan, rows, &mapper.primary_key, None);
    Outgoing { statement: Statement { text: text.into(), params }, expect: Expect::Nothing }
}
