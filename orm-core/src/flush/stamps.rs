//! What the flush itself writes into rows: versions, and columns with `onupdate`.

use super::plan::{Plan, Rows, Step};
use crate::error::{Error, Result};
use crate::mapper::{first_version, next_version, refuse_written};
use crate::sql::{ArrayParam, Param};
use crate::state::{Arena, At, ObjectState};
use crate::types::ColumnValue;
use std::collections::HashMap;

/// Values that stand for those of the objects until the flush has succeeded.
#[derive(Debug, Default)]
pub(crate) struct Stamps(HashMap<(At, usize), Param>);

impl Stamps {
    /// What a statement sends for a column of a row.
    pub(super) fn param(&self, arena: &Arena, at: At, column: usize) -> Param {
        match self.0.get(&(at, column)) {
            Some(stamp) => stamp.clone(),
            None => {
                let sql_type = arena.stores[at.store].mapper.def.columns[column].sql_type;
                Param::of_column(arena.object(at).column(column), sql_type)
            }
        }
    }

    /// [`param`](Self::param) of many rows.
    pub(super) fn array(&self, arena: &Arena, rows: &Rows, column: usize) -> Param {
        let sql_type = arena.stores[rows.store].mapper.def.columns[column].sql_type;
        let mut array = ArrayParam::with_capacity(sql_type, rows.slots.len());
        for slot in &rows.slots {
            let at = At { store: rows.store, slot: *slot };
            match self.0.get(&(at, column)) {
                Some(stamp) => array.push_param(stamp),
                None => array.push(arena.object(at).column(column)),
            }
        }
        array.finish()
    }

    pub(super) fn get(&self, at: At, column: usize) -> Option<&Param> {
        self.0.get(&(at, column))
    }
}

/// Makes the values of the rows that a plan writes.
///
/// # Errors
/// [`Encode`](crate::ErrorKind::Encode) for a version that has no binary form.
pub(crate) fn stamp(arena: &Arena, plan: &mut Plan) -> Result<()> {
    let mut stamps = Stamps::default();
    for step in &plan.steps {
        match step {
            Step::Insert { rows, .. } => first_versions(arena, rows, &mut stamps),
            Step::Update { rows, columns, .. } => updates(arena, plan, rows, columns, &mut stamps)?,
            _ => {}
        }
    }
    plan.stamps = stamps;
    Ok(())
}

fn first_versions(arena: &Arena, rows: &Rows, stamps: &mut Stamps) {
    let mapper = arena.stores[rows.store].mapper;
    let Some(column) = mapper.written_version() else { return };
    let first = first_version(mapper.def.columns[column].sql_type);
    for slot in &rows.slots {
        stamps.0.insert((At { store: rows.store, slot: *slot }, column), first.clone());
    }
}

fn updates(arena: &Arena, plan: &Plan, rows: &Rows, columns: &[usize], stamps: &mut Stamps) -> Result<()> {
    let mapper = arena.stores[rows.store].mapper;
    let version = mapper.written_version().filter(|column| columns.contains(column));
    let on_update = mapper.on_update.iter().filter(|column| columns.contains(column));
    let on_update: Vec<usize> = on_update.copied().collect();
    for slot in &rows.slots {
        let at = At { store: rows.store, slot: *slot };
        let (object, row) = (arena.object(at), plan.row(arena, at));
        if let Some(column) = version {
            let sql_type = mapper.def.columns[column].sql_type;
            let next = next_version(sql_type, row.column(column))?;
            stamps.0.insert((at, column), next);
        }
        for column in &on_update {
            // What the program changed itself stays.
            let value = object.column(*column);
            let given = !matches!(value, ColumnValue::Unset) && !row.column(*column).same_as(&value);
            if let Some(make) = mapper.def.columns[*column].on_update.filter(|_| !given) {
                let def = &mapper.def.columns[*column];
                stamps.0.insert((at, *column), def.fit(mapper.def.name, make())?);
            }
        }
    }
    Ok(())
}

/// Writes the values of a flush that succeeded into the objects.
///
/// # Errors
/// [`Decode`](crate::ErrorKind::Decode) for a value that its field does not take back.
pub(super) fn take_stamps(arena: &mut Arena, stamps: &Stamps) -> Result<()> {
    for ((at, column), stamp) in &stamps.0 {
        let def = arena.stores[at.store].mapper.def;
        let raw = stamp.raw().map_err(|why| Error::encode(format_args!("`{}`", def.name), why.into()))?;
        arena.slot_mut(*at).get_mut().set_generated(*column, &stamp.ty(), raw)?;
    }
    Ok(())
}

/// Refuses values that the program wrote into columns which are not its own.
///
/// # Errors
/// [`ReadOnly`](crate::ErrorKind::ReadOnly)
pub(crate) fn check_read_only(arena: &Arena) -> Result<()> {
    for at in arena.touched() {
        if arena.stores[at.store].mapper.guards_columns() {
            let slot = arena.slot(at);
            match (slot.state, slot.original.as_deref()) {
                (ObjectState::Pending, _) => refuse_written(slot.get(), None)?,
                (ObjectState::Persistent, Some(original)) => refuse_written(slot.get(), Some(original))?,
                _ => {}
            }
        }
    }
    Ok(())
}
