//! Reading rows again, and columns that were left out.

use super::select_in::{arrays, names};
use super::{ObjectRows, raw_column, raw_key};
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{Layout, Mapper, Object};
use crate::sql::{Owners, Select, Statement};
use crate::state::Arena;
use crate::types::ColumnValue;
use std::borrow::Cow;
use tokio_postgres::Row;

/// The statement that reads the rows of some objects by their primary keys, and what takes them. Of deferred columns they have those
/// that one of the objects has loaded.
///
/// # Errors
/// [`Mapping`](ErrorKind::Mapping) when the models contradict each other.
pub(crate) fn by_keys(
    arena: &Arena,
    store: usize,
    objects: &[&dyn Object],
) -> Result<(Statement, ObjectRows)> {
    let mapper = arena.stores[store].mapper;
    let is_loaded = |column: &usize| {
        let not_loaded = |object: &&dyn Object| matches!(object.column(*column), ColumnValue::NotLoaded);
        !objects.iter().all(not_loaded)
    };
    let (loaded, left): (Vec<usize>, Vec<usize>) = mapper.deferred().partition(is_loaded);
    let layout = mapper.layout.with(&loaded, true).with(&left, false);
    let statement = seen(arena, store, rows_of(arena, store, &layout, mapper, objects))?;
    Ok((statement, ObjectRows::new(mapper, Cow::Owned(layout))))
}

/// The statement that reads some columns of objects, and what its rows have.
///
/// # Errors
/// As [`by_keys`].
pub(super) fn columns_of(
    arena: &Arena,
    store: usize,
    columns: &[usize],
    objects: &[&dyn Object],
) -> Result<(Statement, Layout)> {
    let mapper = arena.stores[store].mapper;
    let is_read = |column| columns.contains(&column) || mapper.primary_key.contains(&column);
    let layout = Layout::new(mapper.def.columns.len(), is_read);
    Ok((seen(arena, store, rows_of(arena, store, &layout, mapper, objects))?, layout))
}

/// The statement that reads the rows of a store's model that have the keys of objects of another one: as far as they are seen,
/// or all of them.
///
/// # Errors
/// As [`by_keys`].
pub(crate) fn halves_of(
    arena: &Arena,
    store: usize,
    of: &'static Mapper,
    objects: &[&dyn Object],
    all: bool,
) -> Result<Statement> {
    let select = rows_of(arena, store, &arena.stores[store].mapper.layout, of, objects);
    if all { rendered(&select) } else { seen(arena, store, select) }
}

/// The statement of a query of rows as far as they are seen.
fn seen(arena: &Arena, store: usize, mut select: Select) -> Result<Statement> {
    arena.criteria().restrict(arena.stores[store].registry, &mut select);
    rendered(&select)
}

fn rendered(select: &Select) -> Result<Statement> {
    select.render().map_err(|why| Error::new(ErrorKind::Mapping, why))
}

/// Columns of the rows that have the keys of objects of the model `of`.
fn rows_of(
    arena: &Arena,
    store: usize,
    layout: &Layout,
    of: &'static Mapper,
    objects: &[&dyn Object],
) -> Select {
    let mapper = arena.stores[store].mapper;
    let owners = Owners::Keys(arrays(of, &of.primary_key, objects));
    let mut select = Select::new(mapper.def.table, layout.select_list(mapper.def));
    select.filter.push(owners.contain(&names(mapper, &mapper.primary_key)));
    select
}

/// Takes columns over into objects that do not have them yet; gives the slots of all rows.
///
/// # Errors
/// [`Decode`](ErrorKind::Decode) for a value that does not fit.
pub(super) fn take_columns(
    arena: &mut Arena,
    at: usize,
    rows: &[Row],
    layout: &Layout,
    columns: &[usize],
) -> Result<Vec<u32>> {
    let store = &mut arena.stores[at];
    let key = layout.positions(&store.mapper.primary_key);
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(slot) = raw_key(row, key.iter().copied())?.and_then(|key| store.find(&key)) else {
            continue;
        };
        found.push(slot);
        for (column, position) in columns.iter().filter_map(|c| Some((*c, layout.position(*c)?))) {
            let (ty, raw) = (row.columns()[position].type_(), raw_column(row, position)?);
            for object in store.slot_mut(slot).images_mut() {
                if matches!(object.column(column), ColumnValue::NotLoaded) {
                    object.set_generated(column, ty, raw)?;
                }
            }
        }
    }
    arena.was_read(at, found.iter().copied());
    Ok(found)
}
