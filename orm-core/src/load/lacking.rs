//! Deferred columns that objects of the session lack.

use super::by_keys::{columns_of, take_columns};
use crate::error::Result;
use crate::mapper::Layout;
use crate::sql::Statement;
use crate::state::Arena;
use tokio_postgres::Row;

/// Columns that some objects lack.
#[derive(Debug)]
pub(crate) struct Lacking {
    store: usize,
    columns: Vec<usize>,
    layout: Layout,
    /// Reads them.
    pub(crate) statement: Statement,
}

impl Lacking {
    /// What some objects, and with `siblings` those that came with them, lack of these columns; `None` when it is nothing.
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping) when the models contradict each other.
    pub(crate) fn of(
        arena: &Arena,
        store: usize,
        slots: &[u32],
        columns: &[usize],
        siblings: bool,
    ) -> Result<Option<Self>> {
        let mut slots = lacking(arena, store, slots, columns);
        if slots.is_empty() {
            return Ok(None);
        }
        let known = &arena.stores[store];
        if siblings {
            let others = lacking(arena, store, &known.siblings(&slots), columns);
            let others: Vec<u32> = others.into_iter().filter(|slot| !slots.contains(slot)).collect();
            slots.extend(others);
        }
        let is_missing = |column: &usize| slots.iter().any(|slot| known.slot(*slot).lacks(*column));
        let columns: Vec<usize> = columns.iter().copied().filter(is_missing).collect();
        let objects: Vec<_> = slots.iter().map(|slot| known.slot(*slot).stored()).collect();
        let (statement, layout) = columns_of(arena, store, &columns, &objects)?;
        Ok(Some(Self { store, columns, layout, statement }))
    }

    /// Takes the rows over into the objects; gives the slots of all rows.
    ///
    /// # Errors
    /// [`Decode`](crate::ErrorKind::Decode) for a value that does not fit.
    pub(crate) fn take(&self, arena: &mut Arena, rows: &[Row]) -> Result<Vec<u32>> {
        take_columns(arena, self.store, rows, &self.layout, &self.columns)
    }
}

/// The objects that have rows, but not all of these columns.
pub(crate) fn lacking(arena: &Arena, store: usize, slots: &[u32], columns: &[usize]) -> Vec<u32> {
    let lacks = |slot: &u32| {
        let slot = arena.stores[store].slot(*slot);
        slot.in_database() && columns.iter().any(|column| slot.lacks(*column))
    };
    slots.iter().copied().filter(lacks).collect()
}
