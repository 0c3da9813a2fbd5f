//! The statements of the calls that take many rows: one a shape, which is the set of columns that rows give.

use super::{Values, mapper, unset};
use crate::engine::Reply;
use crate::error::{Error, ErrorKind, Result};
use crate::load::raw_column;
use crate::mapper::{Criteria, DeclarativeBase, Mapper, Model, read_only};
use crate::sql::{self, ArrayParam, Expr, InsertKeys, Param, Statement, restriction};
use crate::types::{AnyScalar, ColumnValue, KeyBytes, SqlType, WireError};
use bytes::BytesMut;
use std::any::Any;
use std::collections::HashMap;

/// What a row gives, one value a column of the model.
type Given<'a> = Vec<ColumnValue<'a>>;

/// A statement on its way, and what its answer means.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) statement: Statement,
    expect: Expect,
}

#[derive(Debug)]
enum Expect {
    Nothing,
    /// So many rows are updated; some may be hidden.
    Updated {
        rows: u64,
        may_hide: bool,
    },
    /// Columns that the database filled, of these rows; the first column tells which where there are several.
    Returned {
        rows: Vec<usize>,
        columns: Vec<usize>,
    },
}

/// Whether what the database fills in comes back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    None,
    /// By numbers that are drawn with the keys.
    Drawn,
    /// One statement a row, where the sequence of the keys may not be used.
    OneByOne,
}

/// The most rows of one statement, as in a flush.
const CHUNK: usize = 20_000;

/// The statements that insert rows.
///
/// # Errors
/// [`Unset`](ErrorKind::Unset) for a required column without a value, naming row and column.
pub(crate) fn insert_values<T: Model>(rows: &[Values<T>]) -> Result<Vec<Sent>> {
    let mapper = mapper::<T>()?;
    let made: Vec<Vec<(usize, Made)>> = rows.iter().map(defaults).collect();
    let mut all = Vec::with_capacity(rows.len());
    for (n, (row, made)) in rows.iter().zip(&made).enumerate() {
        let mut row = row.row();
        leave_out::<T>(&mut row, true)?;
        made.iter().for_each(|(column, made)| row[*column] = made.value());
        for (column, (value, def)) in row.iter_mut().zip(T::def().columns).enumerate() {
            match value {
                ColumnValue::Unset if def.auto || def.version.is_some() => {}
                ColumnValue::Unset if def.nullable => *value = ColumnValue::Null,
                ColumnValue::Unset => return Err(unset::<T>(n, column, "has no value")),
                _ => {}
            }
        }
        no_nulls::<T>(n, &row)?;
        all.push((n, row));
    }
    inserts(mapper, &all, Answer::None)
}

/// The defaults of the program for what a row does not give.
fn defaults<T: Model>(row: &Values<T>) -> Vec<(usize, Made)> {
    let given = row.row();
    let columns = T::def().columns.iter().enumerate();
    let unset = columns.filter(|(column, def)| {
        let is_left = def.auto || def.version.is_some() || !def.is_given();
        !is_left && matches!(given[*column], ColumnValue::Unset)
    });
    unset
        .filter_map(|(column, def)| Some((column, Made { ty: def.sql_type, param: def.default?() })))
        .collect()
}

/// A value that a default made, among those that the program gave.
#[derive(Debug)]
struct Made {
    ty: SqlType,
    param: Param,
}

impl Made {
    fn value(&self) -> ColumnValue<'_> {
        match self.param.raw() {
            Ok(None) => ColumnValue::Null,
            _ => ColumnValue::Value(self),
        }
    }
}

impl AnyScalar for Made {
    fn encode(&self, out: &mut BytesMut) -> Result<(), WireError> {
        let raw = self.param.raw().map_err(str::to_owned)?;
        out.extend_from_slice(raw.unwrap_or_default());
        Ok(())
    }

    fn same_as(&self, _: &dyn AnyScalar) -> bool {
        false
    }

    fn json(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    fn sql_type(&self) -> SqlType {
        self.ty
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The statements that update rows, as far as they are seen.
///
/// # Errors
/// [`Unset`](ErrorKind::Unset) for a key that is not complete, naming row and column.
pub(crate) fn update_values<T: Model>(rows: &[Values<T>], criteria: &Criteria) -> Result<Vec<Sent>> {
    let mapper = mapper::<T>()?;
    let mut all = Vec::with_capacity(rows.len());
    for (n, row) in rows.iter().enumerate() {
        let mut row = row.row();
        leave_out::<T>(&mut row, true)?;
        let missing = mapper.primary_key.iter().find(|key| !matches!(row[**key], ColumnValue::Value(_)));
        if let Some(key) = missing {
            return Err(unset::<T>(n, *key, "has no value, and it is part of the key"));
        }
        no_nulls::<T>(n, &row)?;
        all.push((n, row));
    }
    updates(mapper, all, seen::<T>(criteria)?.as_ref())
}

/// What rows have to meet to be seen.
fn seen<T: Model>(criteria: &Criteria) -> Result<Option<Expr>> {
    Ok(criteria.on(T::Base::registry()?, T::def().table).map(Expr::And))
}

/// The statements that save objects: those with a key are updated as far as they are seen, then the others inserted.
///
/// # Errors
/// [`Unset`](ErrorKind::Unset) for a required column without a value, naming object and column;
/// [`Contradiction`](ErrorKind::Contradiction) between fields that share a column.
pub(crate) fn save<T: Model>(objects: &[T], answer: Answer, criteria: &Criteria) -> Result<Vec<Sent>> {
    let mapper = mapper::<T>()?;
    let (mut new, mut known) = (Vec::new(), Vec::new());
    for (n, object) in objects.iter().enumerate() {
        let mut row: Given<'_> = (0..T::def().columns.len()).map(|column| object.column(column)).collect();
        let is_new = object.key().is_none();
        mapper.check_shared(object)?;
        leave_out::<T>(&mut row, is_new)?;
        for (column, (value, def)) in row.iter_mut().zip(T::def().columns).enumerate() {
            *value = if is_new { def.inserted(*value) } else { *value };
            match value {
                // What is not loaded is not written.
                ColumnValue::NotLoaded => *value = ColumnValue::Unset,
                ColumnValue::Unset if def.auto || def.version.is_some() => {}
                ColumnValue::Unset => return Err(unset::<T>(n, column, "has no value")),
                ColumnValue::Pending => {
                    let why = "refers to an object, and a bulk call writes keys: give the key";
                    return Err(unset::<T>(n, column, why));
                }
                _ => {}
            }
        }
        if is_new { &mut new } else { &mut known }.push((n, row));
    }
    let mut all = updates(mapper, known, seen::<T>(criteria)?.as_ref())?;
    all.extend(inserts(mapper, &new, answer)?);
    Ok(all)
}

/// Leaves what the database makes to it: generated columns, and the versions of new rows; `given` says that the program
/// gave each value of the row on purpose.
fn leave_out<T: Model>(row: &mut Given<'_>, given: bool) -> Result<()> {
    for (value, column) in row.iter_mut().zip(T::def().columns) {
        if !column.is_given() || column.version.is_some() {
            if given && !column.is_given() && !matches!(value, ColumnValue::Unset) {
                return Err(read_only(T::def(), column));
            }
            *value = ColumnValue::Unset;
        }
    }
    Ok(())
}

/// A bulk call compares no versions, so it must not change rows that have one.
fn check_no_version(mapper: &Mapper, rows: &[(usize, Given<'_>)]) -> Result<()> {
    if mapper.version.is_none() || rows.is_empty() {
        return Ok(());
    }
    let name = mapper.def.name;
    let why =
        format!("rows of `{name}` have versions, which bulk calls do not compare: update them in a session");
    Err(Error::new(ErrorKind::WrongState, why).with_model(name))
}

fn no_nulls<T: Model>(n: usize, row: &Given<'_>) -> Result<()> {
    let columns = T::def().columns;
    let wrong = (0..row.len()).find(|i| matches!(row[*i], ColumnValue::Null) && !columns[*i].nullable);
    wrong.map_or(Ok(()), |column| Err(unset::<T>(n, column, "is NULL, and its column cannot be")))
}

/// Rows that give the same columns, with their numbers.
type Shape<'r, 'a> = (Vec<usize>, Vec<&'r (usize, Given<'a>)>);

fn shapes<'r, 'a>(rows: &'r [(usize, Given<'a>)]) -> Vec<Shape<'r, 'a>> {
    let mut found: Vec<Shape<'r, 'a>> = Vec::new();
    let mut index: HashMap<Vec<usize>, usize> = HashMap::new();
    for row in rows {
        let given = |column: &usize| !matches!(row.1[*column], ColumnValue::Unset);
        let columns: Vec<usize> = (0..row.1.len()).filter(given).collect();
        let at = *index.entry(columns.clone()).or_insert_with(|| {
            found.push((columns, Vec::new()));
            found.len() - 1
        });
        found[at].1.push(row);
    }
    found
}

/// The values of some columns: one a column for one row, an array a column for more.
fn params(mapper: &Mapper, columns: &[usize], rows: &[&(usize, Given<'_>)]) -> Result<Vec<Param>> {
    let param = |column: &usize| {
        let def = &mapper.def.columns[*column];
        let fitted = |value: ColumnValue<'_>| def.fit(mapper.def.name, Param::of_column(value, def.sql_type));
        if let [(_, row)] = rows {
            return fitted(row[*column]);
        }
        let mut array = ArrayParam::with_capacity(def.sql_type, rows.len());
        for (_, row) in rows {
            match def.modifier {
                Some(_) => array.push_param(&fitted(row[*column])?),
                None => array.push(row[*column]),
            }
        }
        def.sendable(mapper.def.name, array.finish())
    };
    columns.iter().map(param).collect()
}

fn inserts(mapper: &Mapper, rows: &[(usize, Given<'_>)], answer: Answer) -> Result<Vec<Sent>> {
    let size = if answer == Answer::OneByOne { 1 } else { CHUNK };
    let mut all = Vec::new();
    for (columns, rows) in shapes(rows) {
        for rows in rows.chunks(size) {
            all.push(insert_shape(mapper, &columns, rows, answer)?);
        }
    }
    Ok(all)
}

fn insert_shape(
    mapper: &Mapper,
    columns: &[usize],
    rows: &[&(usize, Given<'_>)],
    answer: Answer,
) -> Result<Sent> {
    let (defs, one) = (mapper.def.columns, rows.len() == 1);
    let mut columns = columns.to_vec();
    let made = |i: &usize| defs[*i].auto || defs[*i].version.is_some();
    let left: Vec<usize> = (0..defs.len()).filter(|i| made(i) && !columns.contains(i)).collect();
    let key = mapper.generated_key.as_ref().filter(|key| left.contains(&key.column));
    // Without any column there is nothing that could be counted, but a key to draw, or a default to write out.
    let drawn = key.filter(|_| !one && (answer == Answer::Drawn || columns.is_empty()));
    let mut defaults = Vec::new();
    if columns.is_empty() && !one && drawn.is_none() {
        let column = left.iter().copied().find(|i| defs[*i].server_default.is_some());
        let why = format!("rows of `{}` without any value cannot be inserted in bulk", mapper.def.name);
        columns.push(column.ok_or_else(|| Error::new(ErrorKind::Unset, why).with_model(mapper.def.name))?);
        defaults.push(defs[columns[0]].server_default);
    }
    let returned = if answer == Answer::None { Vec::new() } else { left };
    let returning: Vec<&str> = returned.iter().map(|i| defs[*i].name).collect();
    let given = mapper.typed(&columns);
    let keys =
        drawn.map_or(InsertKeys::Given, |key| InsertKeys::Drawn(defs[key.column].name, &key.expression));
    let (table, defaults) = (mapper.def.table, &defaults[..]);
    let insert =
        sql::Insert { table, columns: &given, defaults, keys, returning: &returning, skip_existing: false };
    let text = if one { insert.one() } else { insert.many() };
    let mut params = params(mapper, &columns, rows)?;
    if columns.is_empty() && !one {
        params.push(Param::int8(i64::try_from(rows.len()).unwrap_or(i64::MAX)));
    }
    let expect = match returned.is_empty() {
        true => Expect::Nothing,
        false => Expect::Returned { rows: rows.iter().map(|(n, _)| *n).collect(), columns: returned },
    };
    Ok(Sent { statement: Statement { text: text.into(), params }, expect })
}

/// A row that is given twice is updated once, to what the later one says of each column.
fn updates(mapper: &Mapper, rows: Vec<(usize, Given<'_>)>, seen: Option<&Expr>) -> Result<Vec<Sent>> {
    check_no_version(mapper, &rows)?;
    let mut once: Vec<(usize, Given<'_>)> = Vec::with_capacity(rows.len());
    let mut known: HashMap<KeyBytes, usize> = HashMap::with_capacity(rows.len());
    for (n, row) in rows {
        let parts = mapper.primary_key.iter().filter_map(|key| match row[*key] {
            ColumnValue::Value(value) => Some(value),
            _ => None,
        });
        let key = KeyBytes::of(parts);
        let key = key.map_err(|why| Error::encode(format_args!("the key of `{}`", mapper.def.name), why))?;
        let at = *known.entry(key).or_insert(once.len());
        match once.get_mut(at) {
            None => once.push((n, row)),
            Some((_, earlier)) => {
                let set = earlier.iter_mut().zip(row);
                set.filter(|(_, new)| !matches!(new, ColumnValue::Unset)).for_each(|(old, new)| *old = new);
            }
        }
    }
    let mut all = Vec::new();
    for (columns, rows) in shapes(&once) {
        let set: Vec<usize> = columns.into_iter().filter(|i| !mapper.primary_key.contains(i)).collect();
        if !set.is_empty() {
            for rows in rows.chunks(CHUNK) {
                all.push(update_shape(mapper, &set, rows, seen)?);
            }
        }
    }
    Ok(all)
}

fn update_shape(
    mapper: &Mapper,
    set: &[usize],
    rows: &[&(usize, Given<'_>)],
    seen: Option<&Expr>,
) -> Result<Sent> {
    let (key, columns, table) = (mapper.typed(&mapper.primary_key), mapper.typed(set), mapper.def.table);
    let (many, bound) = (rows.len() > 1, key.len() + columns.len());
    let restriction = seen.map_or(Ok(Default::default()), |seen| restriction(seen, table, bound, many));
    let (restriction, values) = restriction.map_err(|why| Error::new(ErrorKind::Mapping, why))?;
    let update = sql::Update {
        table,
        key: &key,
        version: None,
        columns: &columns,
        computed: &[],
        restriction: &restriction,
        returning: &[],
        guarded: false,
    };
    let text = if many { update.many() } else { update.one() };
    let mut all = params(mapper, &mapper.primary_key, rows)?;
    all.extend(params(mapper, set, rows)?);
    all.extend(values);
    let rows = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let expect = Expect::Updated { rows, may_hide: seen.is_some() };
    Ok(Sent { statement: Statement { text: text.into(), params: all }, expect })
}

/// How many rows were written.
///
/// # Errors
/// [`StaleData`](ErrorKind::StaleData) when rows that were to be updated are not there, or not seen.
pub(crate) fn written<T: Model>(sent: &[Sent], replies: &[Reply]) -> Result<u64> {
    let mut all = 0;
    for (sent, reply) in sent.iter().zip(replies) {
        if let Expect::Updated { rows, may_hide } = sent.expect
            && reply.affected != rows
        {
            let (missing, def) = (rows.saturating_sub(reply.affected), T::def());
            let hidden = if may_hide { ", or hidden by criteria" } else { "" };
            let why = format!("{missing} of {rows} rows of `{}` are not there{hidden}", def.table);
            return Err(Error::new(ErrorKind::StaleData, why).with_model(def.name));
        }
        all += reply.affected;
    }
    Ok(all)
}

/// Takes what the database filled in over into the objects.
///
/// # Errors
/// [`Decode`](ErrorKind::Decode) for an answer that does not fit.
pub(crate) fn fill<T: Model>(objects: &mut [T], sent: &[Sent], replies: &[Reply]) -> Result<()> {
    for (sent, reply) in sent.iter().zip(replies) {
        let Expect::Returned { rows, columns } = &sent.expect else { continue };
        let first = usize::from(rows.len() > 1);
        for row in &reply.rows {
            let at = match first {
                0 => Some(0),
                _ => {
                    let ordinal: i64 =
                        row.try_get(0).map_err(|error| Error::decode("the ordinal", error.into()))?;
                    usize::try_from(ordinal - 1).ok()
                }
            };
            let Some(object) = at.and_then(|at| rows.get(at)).map(|n| &mut objects[*n]) else { continue };
            for (i, column) in columns.iter().enumerate() {
                let ty = T::def().columns[*column].sql_type.element();
                object.set_generated(*column, &ty, raw_column(row, first + i)?)?;
            }
        }
    }
    Ok(())
}
