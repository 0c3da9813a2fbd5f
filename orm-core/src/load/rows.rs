//! Rows of a model: read as they come, then taken into the arena through the identity map.

use crate::engine::TakeRows;
use crate::error::{Error, Result};
use crate::mapper::{Layout, Mapper, ModelRow, Object};
use crate::state::Arena;
use crate::types::KeyBytes;
use foldhash::fast::RandomState;
use postgres_types::{FromSql, Type};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
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

/// The rows of one model, each read into an object when it comes; [`load`](Self::load) takes them into the arena.
///
/// They know nothing of the arena, so that it stays as it is until the whole flight is known to have succeeded.
#[derive(Debug)]
pub(crate) struct ObjectRows {
    mapper: &'static Mapper,
    layout: Cow<'static, Layout>,
    /// The column of the rows at which those of the model begin.
    first: usize,
    /// The columns of the rows that are the key.
    key: Vec<usize>,
    found: Vec<(KeyBytes, Box<dyn Object>)>,
    repeated: Option<Repeated>,
    error: Option<Error>,
}

/// What rows say of an object that may come in several of them, or in none.
#[derive(Debug, Default)]
struct Repeated {
    /// Where each object is among those that were found.
    places: HashMap<KeyBytes, usize, RandomState>,
    /// Which object a row has.
    of_rows: Vec<Option<usize>>,
}

impl ObjectRows {
    /// Those whose columns are all of one model.
    pub(crate) fn new(mapper: &'static Mapper, layout: Cow<'static, Layout>) -> Self {
        let key = layout.positions(&mapper.primary_key);
        Self { mapper, layout, first: 0, key, found: Vec::new(), repeated: None, error: None }
    }

    /// Those that have columns of other models beside them: an object may come more than once, and where the key is `NULL`
    /// there is none.
    pub(super) fn beside(mapper: &'static Mapper, layout: Cow<'static, Layout>, first: usize) -> Self {
        Self { repeated: Some(Repeated::default()), ..Self::of(mapper, layout, first, &[]) }
    }

    /// Those that came already, with the column at which those of the model begin.
    pub(crate) fn of(
        mapper: &'static Mapper,
        layout: Cow<'static, Layout>,
        first: usize,
        rows: &[Row],
    ) -> Self {
        let all = Self::new(mapper, layout);
        let key = all.key.iter().map(|column| first + column).collect();
        let mut all = Self { first, key, ..all };
        rows.iter().for_each(|row| all.read(row));
        all
    }

    pub(super) fn clear(&mut self) {
        self.found.clear();
        self.repeated = self.repeated.take().map(|_| Repeated::default());
        self.error = None;
    }

    /// How many columns of the rows are theirs.
    pub(super) fn width(&self) -> usize {
        self.layout.columns().count()
    }

    /// Where columns of the model stand in the rows.
    pub(super) fn positions(&self, columns: &[usize]) -> Vec<usize> {
        self.layout.positions(columns)
    }

    /// Reads the next row. After one that does not fit nothing is read any more.
    pub(super) fn read(&mut self, row: &Row) {
        if self.error.is_none()
            && let Err(error) = self.try_read(row)
        {
            self.error = Some(error);
        }
    }

    fn try_read(&mut self, row: &Row) -> Result<()> {
        let key = raw_key(row, self.key.iter().copied())?;
        let object = || (self.mapper.def.from_row)(ModelRow::new(row, &self.layout, self.first));
        match (key, &mut self.repeated) {
            (Some(key), None) => self.found.push((key, object()?)),
            (None, None) => {
                let place = format_args!("the key of `{}`", self.mapper.def.name);
                return Err(Error::decode(place, "NULL".into()));
            }
            (Some(key), Some(repeated)) => {
                let place = match repeated.places.get(&key) {
                    Some(place) => *place,
                    None => {
                        self.found.push((key.clone(), object()?));
                        repeated.places.insert(key, self.found.len() - 1);
                        self.found.len() - 1
                    }
                };
                repeated.of_rows.push(Some(place));
            }
            (None, Some(repeated)) => repeated.of_rows.push(None),
        }
        Ok(())
    }

    /// Takes the objects into a store; gives the slot of each row.
    ///
    /// # Errors
    /// [`Decode`](crate::ErrorKind::Decode) for a row that does not fit.
    pub(crate) fn load(self, arena: &mut Arena, at: usize, known: Known) -> Result<Vec<u32>> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(take_objects(arena, at, &self.layout, self.found, known)),
        }
    }

    /// [`load`](Self::load) of those that were [`beside`](Self::beside) others: a row need not have an object.
    pub(super) fn load_part(
        mut self,
        arena: &mut Arena,
        at: usize,
        known: Known,
    ) -> Result<Vec<Option<u32>>> {
        let of_rows = self.repeated.take().unwrap_or_default().of_rows;
        let slots = self.load(arena, at, known)?;
        Ok(of_rows.into_iter().map(|place| place.map(|place| slots[place])).collect())
    }
}

impl TakeRows for ObjectRows {
    fn begin(&mut self) {
        self.clear();
    }

    fn take(&mut self, row: Row) {
        self.read(&row);
    }
}

/// Takes objects as rows say them into a store; gives the slot of each.
fn take_objects(
    arena: &mut Arena,
    at: usize,
    layout: &Layout,
    found: Vec<(KeyBytes, Box<dyn Object>)>,
    known: Known,
) -> Vec<u32> {
    let store = &mut arena.stores[at];
    let extra: Vec<usize> =
        store.mapper.deferred().filter(|column| layout.position(*column).is_some()).collect();
    let (count, mut has_new) = (found.len(), false);
    let (mut slots, mut read, mut replaced) = (Vec::with_capacity(count), Vec::new(), HashSet::new());
    for (key, object) in found {
        let slot = match store.find_or_load(key, object) {
            Err((slot, object))
                if known == Known::Keep && !store.is_expired(slot) || replaced.contains(&slot) =>
            {
                slots.push(slot);
                if extra.iter().any(|column| store.slot(slot).lacks(*column)) {
                    store.complete(slot, object.as_ref());
                    read.push(slot);
                }
                continue;
            }
            Err((slot, object)) => {
                store.renew(slot, object, known != Known::Replace);
                slot
            }
            Ok(slot) => {
                // The first row that is new: those before it were here.
                if !std::mem::replace(&mut has_new, true) {
                    store.reserve(count - slots.len() - 1);
                }
                slot
            }
        };
        if known != Known::Keep {
            replaced.insert(slot);
        }
        slots.push(slot);
        read.push(slot);
    }
    store.came_together(&slots);
    arena.was_read(at, read);
    slots
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
