//! Rows of a model into the arena, through the identity map.

use crate::error::{Error, Result};
use crate::mapper::{Layout, ModelRow};
use crate::state::{Arena, ObjectState};
use crate::types::KeyBytes;
use postgres_types::{FromSql, Type};
use std::collections::HashSet;
use std::error::Error as StdError;
use tokio_postgres::Row;

/// The binary form of a column, whatever its type.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The key made of some columns of a row; `None` when one is `NULL`.
///
/// # Errors
/// A column that the row does not have.
pub(crate) fn raw_key(row: &Row, columns: impl Iterator<Item = usize>) -> Result<Option<KeyBytes>> {
    let parts = columns.map(|at| Ok(row.try_get::<_, Option<Raw<'_>>>(at)?.map(|raw| raw.0)));
    KeyBytes::of_raw(parts).map_err(|source: tokio_postgres::Error| Error::decode("the key", source.into()))
}

/// The binary form of one column.
///
/// # Errors
/// A column that the row does not have.
pub(crate) fn raw_column(row: &Row, at: usize) -> Result<Option<&[u8]>> {
    let raw = row.try_get::<_, Option<Raw<'_>>>(at);
    raw.map(|raw| raw.map(|raw| raw.0)).map_err(|source| Error::decode("a generated value", source.into()))
}

/// What becomes of an object that the session has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Known {
    /// It stays as the session has it, unless that is stale; unsaved changes always stay.
    #[default]
    Keep,
    /// It becomes what the row says, with unsaved changes on top.
    Renew,
    /// It becomes what the row says, unsaved changes or not.
    Replace,
}

/// [`load_rows_as`], of rows that have what a SELECT reads when it does not say otherwise.
///
/// # Errors
/// As there.
pub(crate) fn load_rows(arena: &mut Arena, at: usize, rows: &[Row], known: Known) -> Result<Vec<u32>> {
    let layout = &arena.stores[at].mapper.layout;
    load_rows_as(arena, at, rows, layout, known)
}

/// Takes rows into a store; gives the slot of each.
///
/// # Errors
/// [`Decode`](crate::ErrorKind::Decode) for a row that does not fit.
pub(crate) fn load_rows_as(
    arena: &mut Arena,
    at: usize,
    rows: &[Row],
    layout: &Layout,
    known: Known,
) -> Result<Vec<u32>> {
    load_rows_at(arena, at, rows, (layout, 0), known)
}

/// [`load_rows_as`] of columns that begin at a position.
///
/// # Errors
/// As there.
pub(crate) fn load_rows_at(
    arena: &mut Arena,
    at: usize,
    rows: &[Row],
    (layout, first): (&Layout, usize),
    known: Known,
) -> Result<Vec<u32>> {
    let slots = load_part(arena, at, rows, (layout, first), known)?;
    let name = arena.stores[at].mapper.def.name;
    let no_key = || Error::decode(format_args!("the key of `{name}`"), "NULL".into());
    slots.into_iter().map(|slot| slot.ok_or_else(no_key)).collect()
}

/// [`load_rows_as`] of columns that begin at a position of rows that have others beside them: an object may come more than
/// once, and where the key is `NULL` there is none.
///
/// # Errors
/// As there.
pub(super) fn load_part(
    arena: &mut Arena,
    at: usize,
    rows: &[Row],
    (layout, first): (&Layout, usize),
    known: Known,
) -> Result<Vec<Option<u32>>> {
    let store = &mut arena.stores[at];
    let mapper = store.mapper;
    let key_columns = layout.positions(&mapper.primary_key);
    let extra: Vec<usize> = mapper.deferred().filter(|column| layout.position(*column).is_some()).collect();
    let object = |row| (mapper.def.from_row)(ModelRow::new(row, layout, first));
    let (mut slots, mut read, mut replaced) = (Vec::with_capacity(rows.len()), Vec::new(), HashSet::new());
    let mut has_new = false;
    for row in rows {
        let Some(key) = raw_key(row, key_columns.iter().map(|column| first + column))? else {
            slots.push(None);
            continue;
        };
        let found = store.find(&key).filter(|slot| store.slot(*slot).state != ObjectState::Deleted);
        let slot = match found {
            Some(slot) if known == Known::Keep && !store.is_expired(slot) || replaced.contains(&slot) => {
                slots.push(Some(slot));
                if extra.iter().any(|column| store.slot(slot).lacks(*column)) {
                    store.complete(slot, object(row)?.as_ref());
                    read.push(slot);
                }
                continue;
            }
            Some(slot) => {
                store.renew(slot, object(row)?, known != Known::Replace);
                slot
            }
            None => {
                // The first row that is new: those before it were here.
                if !std::mem::replace(&mut has_new, true) {
                    store.reserve(rows.len() - slots.len());
                }
                store.load(key, object(row)?)
            }
        };
        if known != Known::Keep {
            replaced.insert(slot);
        }
        slots.push(Some(slot));
        read.push(slot);
    }
    let together: Vec<u32> = slots.iter().copied().flatten().collect();
    store.came_together(&together);
    arena.was_read(at, read);
    Ok(slots)
}

/// Takes the columns of rows, which begin at a position, over into the objects that the session has of them; unsaved changes stay on top. The open
/// transaction wrote the rows, so that its rollback takes this back.
///
/// # Errors
/// [`Decode`](crate::ErrorKind::Decode) for a row that does not fit.
pub(crate) fn take_values(
    arena: &mut Arena,
    at: usize,
    rows: &[Row],
    (layout, first): (&Layout, usize),
) -> Result<()> {
    let store = &mut arena.stores[at];
    let mapper = store.mapper;
    let key_columns = layout.positions(&mapper.primary_key);
    for row in rows {
        let key = raw_key(row, key_columns.iter().map(|column| first + column))?;
        if let Some(slot) = key.and_then(|key| store.find(&key)) {
            store.take_values(slot, (mapper.def.from_row)(ModelRow::new(row, layout, first))?.as_ref());
        }
    }
    Ok(())
}
