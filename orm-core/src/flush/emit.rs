//! From the plan to statements.

use super::change::{Change, clear, delete, unlink_all, update};
use super::plan::{KeySource, Plan, Rows, Step};
use super::shared::check_shared;
use super::stamps::Stamps;
use super::switch::in_database;
use crate::error::{Error, ErrorKind, Result};
use crate::load::own_columns;
use crate::mapper::{Association, ColumnDef, Object, first_version};
use crate::sql::{ArrayParam, Delete, Insert, InsertKeys, Param, Statement, TypedColumn, reserve_keys};
use crate::state::{Arena, At};
use crate::types::{ColumnValue, SqlType};
use std::collections::HashSet;

/// A statement on its way, and what its answer means.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) statement: Statement,
    pub(crate) expect: Expect,
}

/// What the answer to a statement holds.
#[derive(Debug)]
pub(crate) enum Expect {
    /// Nothing of interest.
    Nothing,
    /// Columns that the database made in rows that were changed; where they are counted, as many as there are rows.
    Changed { rows: Rows, columns: Vec<usize>, by: MatchedBy, counted: bool },
    /// Generated columns of inserted rows.
    Returned { rows: Rows, columns: Vec<usize>, by: MatchedBy },
}

/// How the rows of an answer find their objects; never by their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MatchedBy {
    /// There is one row.
    Only,
    /// The first column is the number of the object in the statement, from 1.
    Ordinal,
    /// The first columns are the primary key.
    Key,
}

/// The most rows of one statement: more travel as several, in the same flight.
const CHUNK: usize = 20_000;

/// The statements that reserve keys, one a table.
pub(crate) fn reservations(arena: &Arena, plan: &Plan) -> Vec<Statement> {
    let statement = |rows: &Rows| {
        let mapper = arena.stores[rows.store].mapper;
        let expression = mapper.generated_key.as_ref().map_or("NULL", |key| key.expression.as_str());
        let count = i64::try_from(rows.slots.len()).unwrap_or(i64::MAX);
        Statement { text: reserve_keys(expression).into(), params: vec![Param::int8(count)] }
    };
    plan.reserved.iter().map(statement).collect()
}

/// The statements of one flight of the plan, once all keys are known that it refers to.
///
/// `guarded` says that COMMIT travels with them, so that an update which misses rows has to fail by itself; one of rows with
/// versions does so wherever others follow.
///
/// # Errors
/// [`Unset`](ErrorKind::Unset) when a key that is needed has no value; [`Contradiction`](ErrorKind::Contradiction) between fields
/// that share a column; [`Encode`](ErrorKind::Encode) for a value without a binary form, naming its column.
pub(crate) fn statements(
    arena: &Arena,
    plan: &Plan,
    flight: &[Step],
    guarded: bool,
) -> Result<Vec<Outgoing>> {
    let late = late_columns(arena, plan);
    // What a stale row keeps may be what the next statement takes: its own statement has to say that it is stale.
    let guarded = |rows: &Rows| {
        let has_version = arena.stores[rows.store].mapper.version.is_some();
        guarded || (flight.len() > 1 && has_version)
    };
    let mut out = Vec::with_capacity(flight.len());
    for step in flight {
        check_shared(arena, step)?;
        match step {
            Step::Insert { rows, columns, keys } => {
                // Rows whose keys come back without a number travel one by one, in the same flight.
                let size = if matches!(keys, KeySource::Returned { .. }) { 1 } else { CHUNK };
                for chunk in chunks(rows, size) {
                    let drawn = *keys == KeySource::Drawn;
                    out.push(insert(arena, &plan.stamps, &chunk, columns, drawn, &late)?);
                }
            }
            Step::Update { rows, columns, computed, checked } => {
                let change = Change { columns, computed, checked: *checked };
                for chunk in chunks(rows, CHUNK) {
                    out.push(update(arena, plan, chunk, &change, guarded(rows))?);
                }
            }
            Step::Clear { rows, columns } => out.push(clear(arena, plan, rows, columns)),
            Step::Link { association, pairs } => {
                for pairs in pairs.chunks(CHUNK) {
                    out.push(link(arena, association, pairs)?);
                }
            }
            Step::Unlink { association, pairs } => {
                for pairs in pairs.chunks(CHUNK) {
                    out.push(unlink(arena, association, pairs)?);
                }
            }
            Step::UnlinkAll { association, rows } => {
                out.push(unlink_all(arena, plan, association.table, &association.owner_columns, rows));
            }
            Step::Delete { rows, checked } => {
                let own = Rows { store: rows.store, slots: rows.slots.clone() };
                out.push(delete(arena, plan, own, *checked, guarded(rows)));
            }
        }
    }
    Ok(out)
}

fn chunks(rows: &Rows, size: usize) -> impl Iterator<Item = Rows> + '_ {
    rows.slots.chunks(size).map(|slots| Rows { store: rows.store, slots: slots.to_vec() })
}

/// The foreign key columns that are inserted as `NULL` because an update sets them at the end.
fn late_columns(arena: &Arena, plan: &Plan) -> HashSet<(At, usize)> {
    let columns = plan.late.iter().flat_map(|(at, relation)| {
        let own = own_columns(arena.stores[at.store].mapper, *relation);
        own.iter().map(|column| (*at, *column))
    });
    columns.collect()
}

fn insert(
    arena: &Arena,
    stamps: &Stamps,
    rows: &Rows,
    columns: &[usize],
    drawn: bool,
    late: &HashSet<(At, usize)>,
) -> Result<Outgoing> {
    let mapper = arena.stores[rows.store].mapper;
    let is_left = |column: usize, slot: &u32| {
        let at = At { store: rows.store, slot: *slot };
        stamps.get(at, column).is_none()
            && mapper.def.columns[column].auto
            && matches!(arena.object(at).column(column), ColumnValue::Unset | ColumnValue::NotLoaded)
    };
    // Rows of different shapes can be in one statement: what one leaves to the database another may give.
    let mut columns = columns.to_vec();
    columns.retain(|column| !rows.slots.iter().all(|slot| is_left(*column, slot)));
    let mixed = |column: &usize| rows.slots.iter().any(|slot| is_left(*column, slot));
    let defaults: Vec<Option<&str>> = columns
        .iter()
        .map(|column| mapper.def.columns[*column].server_default.filter(|_| mixed(column)))
        .collect();
    let given = mapper.typed(&columns);
    let generated: Vec<usize> = (0..mapper.def.columns.len())
        .filter(|column| mapper.def.columns[*column].auto && (!columns.contains(column) || mixed(column)))
        .collect();
    let one = rows.slots.len() == 1;
    let by = match (one, drawn) {
        (true, _) => MatchedBy::Only,
        (false, true) => MatchedBy::Ordinal,
        (false, false) => MatchedBy::Key,
    };
    let mut returned = generated.clone();
    if by == MatchedBy::Key && !generated.is_empty() {
        returned.splice(0..0, mapper.primary_key.iter().copied());
    }
    let returning: Vec<&str> = returned.iter().map(|i| mapper.def.columns[*i].name).collect();
    let keys = match &mapper.generated_key {
        Some(key) if drawn => InsertKeys::Drawn(mapper.def.columns[key.column].name, &key.expression),
        _ => InsertKeys::Given,
    };
    let insert = Insert {
        table: mapper.def.table,
        columns: &given,
        defaults: &defaults,
        keys,
        returning: &returning,
        skip_existing: false,
    };
    let value = |slot: u32, column: usize| {
        let at = At { store: rows.store, slot };
        if late.contains(&(at, column)) { ColumnValue::Null } else { arena.object(at).column(column) }
    };
    let statement = if one {
        let params = columns.iter().zip(&given);
        let at = At { store: rows.store, slot: rows.slots[0] };
        let params = params.map(|(i, c)| match stamps.get(at, *i) {
            Some(stamp) => stamp.clone(),
            None => Param::of_column(value(at.slot, *i), c.sql_type),
        });
        let params = params.collect();
        Statement { text: insert.one().into(), params }
    } else if columns.is_empty() {
        let count = i64::try_from(rows.slots.len()).unwrap_or(i64::MAX);
        Statement { text: insert.many().into(), params: vec![Param::int8(count)] }
    } else {
        let params = columns
            .iter()
            .zip(&given)
            .map(|(column, c)| match mapper.written_version() == Some(*column) {
                true => stamps.array(arena, rows, *column),
                false => array(c.sql_type, rows.slots.iter().map(|slot| value(*slot, *column))),
            })
            .collect();
        Statement { text: insert.many().into(), params }
    };
    mapper.check_sendable(&columns, &statement.params)?;
    let rows = Rows { store: rows.store, slots: rows.slots.clone() };
    let expect = match returned.is_empty() {
        true => Expect::Nothing,
        false => Expect::Returned { rows, columns: generated, by },
    };
    Ok(Outgoing { statement, expect })
}

/// An array of one column of many rows.
pub(super) fn array<'a>(ty: SqlType, values: impl ExactSizeIterator<Item = ColumnValue<'a>>) -> Param {
    let mut array = ArrayParam::with_capacity(ty, values.len());
    values.for_each(|value| array.push(value));
    array.finish()
}

/// The columns of an association table, both sides after each other, with the keys of the pairs.
fn association_params<'a, 'b>(
    arena: &'b Arena,
    association: &'a Association,
    pairs: &[(At, At)],
    object: impl Fn(&'b Arena, At) -> &'b dyn Object,
) -> Result<(Vec<TypedColumn<'a>>, Vec<Param>)> {
    let (mut columns, mut params) = (Vec::new(), Vec::new());
    let Some((first, second)) = pairs.first() else { return Ok((columns, params)) };
    for (names, store, side) in
        [(&association.owner_columns, first.store, 0), (&association.target_columns, second.store, 1)]
    {
        let mapper = arena.stores[store].mapper;
        for (name, key) in names.iter().zip(&mapper.primary_key) {
            let is_shared = columns.iter().any(|column: &TypedColumn<'_>| column.name == name);
            if side == 1 && is_shared {
                check_ends(arena, association, pairs, (name, *key))?;
                continue;
            }
            let sql_type = mapper.def.columns[*key].sql_type;
            let mut array = ArrayParam::with_capacity(sql_type, pairs.len());
            for pair in pairs {
                let value = object(arena, if side == 0 { pair.0 } else { pair.1 }).column(*key);
                if !matches!(value, ColumnValue::Value(_)) {
                    let why =
                        format!("the key of a `{}` in `{}` is not set", mapper.def.name, association.table);
                    return Err(Error::new(ErrorKind::Unset, why).with_model(mapper.def.name));
                }
                array.push(value);
            }
            columns.push(TypedColumn { name, sql_type });
            params.push(array.finish());
        }
    }
    Ok((columns, params))
}

/// Both ends say the same of a column by which the table refers to both.
fn check_ends(
    arena: &Arena,
    association: &Association,
    pairs: &[(At, At)],
    (name, far_key): (&String, usize),
) -> Result<()> {
    let Some(part) = association.owner_columns.iter().position(|column| column == name) else {
        return Ok(());
    };
    for (owner, member) in pairs {
        let (near, far) = (&arena.stores[owner.store], &arena.stores[member.store]);
        let near_key = near.mapper.primary_key[part];
        let (owner, member) = (arena.object(*owner), arena.object(*member));
        if !owner.column(near_key).same_as(&member.column(far_key)) {
            let why = format!(
                "{} and {} differ in what \"{}\" keeps once, in \"{name}\": they cannot be connected",
                near.name_of(owner),
                far.name_of(member),
                association.table,
            );
            return Err(Error::new(ErrorKind::Contradiction, why)
                .with_model(near.mapper.def.name)
                .with_columns(vec![name.clone()]));
        }
    }
    Ok(())
}

/// What the model of an association table gives new rows by itself, beside the keys of both ends.
fn made_by_model(
    arena: &Arena,
    association: &Association,
    pairs: &[(At, At)],
) -> Vec<(TypedColumn<'static>, Param)> {
    let registry = pairs.first().map(|(owner, _)| arena.stores[owner.store].registry);
    let Some(mapper) = registry.and_then(|registry| registry.mapper_of(association.table)) else {
        return Vec::new();
    };
    let ends = || association.owner_columns.iter().chain(&association.target_columns);
    let (version, mut made) = (mapper.written_version(), Vec::new());
    for (at, column) in mapper.def.columns.iter().enumerate() {
        let ColumnDef { name, sql_type, default, .. } = *column;
        let make = |make: fn() -> Param| column.fitted(mapper.def.name, make());
        let is_version = version == Some(at);
        if ends().any(|end| end == name) || default.is_none() && !is_version {
            continue;
        }
        let mut array = ArrayParam::with_capacity(sql_type, pairs.len());
        for _ in pairs {
            array.push_param(&default.map_or_else(|| first_version(sql_type), make));
        }
        made.push((TypedColumn { name, sql_type }, array.finish()));
    }
    made
}

fn link(arena: &Arena, association: &Association, pairs: &[(At, At)]) -> Result<Outgoing> {
    let (mut columns, mut params) = association_params(arena, association, pairs, Arena::object)?;
    for (column, param) in made_by_model(arena, association, pairs) {
        columns.push(column);
        params.push(param);
    }
    let insert = Insert {
        table: association.table,
        columns: &columns,
        defaults: &[],
        keys: InsertKeys::Given,
        returning: &[],
        skip_existing: true,
    };
    let statement = Statement { text: insert.many().into(), params };
    Ok(Outgoing { statement, expect: Expect::Nothing })
}

fn unlink(arena: &Arena, association: &Association, pairs: &[(At, At)]) -> Result<Outgoing> {
    // These go before keys change.
    let (columns, params) = association_params(arena, association, pairs, in_database)?;
    let delete = Delete { table: association.table, key: &columns, version: None, guarded: false };
    let text = delete.many().into();
    Ok(Outgoing { statement: Statement { text, params }, expect: Expect::Nothing })
}
