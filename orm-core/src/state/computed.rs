//! Columns whose next value the database computes.

use crate::mapper::Object;
use crate::sql::{Expr, Param, computed};
use std::collections::{BTreeMap, HashMap};

/// A column that the next flush sets to an expression.
#[derive(Debug)]
pub(crate) struct Computed {
    pub(crate) expr: Expr,
    /// The text of the expression with its values left out: rows that have the same one travel in one statement.
    pub(crate) shape: String,
    /// The values inside the expression.
    pub(crate) params: Vec<Param>,
    /// What the object held when the expression was set: where it holds something else now, the program has changed its
    /// mind.
    held: Param,
}

/// The expressions of the objects of a store, by slot and column.
#[derive(Debug, Default)]
pub(crate) struct Expressions(HashMap<u32, BTreeMap<usize, Computed>>);

impl Expressions {
    /// Has the next flush set a column to an expression.
    pub(crate) fn set(&mut self, slot: u32, object: &dyn Object, column: usize, expr: Expr) {
        let (shape, params) = computed(&expr);
        let held = held(object, column);
        self.0.entry(slot).or_default().insert(column, Computed { expr, shape, params, held });
    }

    /// Forgets the expression of a column.
    pub(crate) fn remove(&mut self, slot: u32, column: usize) {
        if let Some(columns) = self.0.get_mut(&slot) {
            columns.remove(&column);
        }
    }

    /// Forgets the expressions of an object.
    pub(crate) fn forget(&mut self, slot: u32) {
        self.0.remove(&slot);
    }

    /// The object was read again: its expressions stay.
    pub(crate) fn keep(&mut self, slot: u32, before: &dyn Object, after: &dyn Object) {
        let Some(columns) = self.0.get_mut(&slot) else { return };
        columns.retain(|column, computed| held(before, *column) == computed.held);
        for (column, computed) in columns {
            computed.held = held(after, *column);
        }
    }

    /// Whether the next flush sets a column of an object to an expression.
    pub(crate) fn has(&self, slot: u32, object: &dyn Object) -> bool {
        self.of(slot, object).next().is_some()
    }

    /// The expressions that still hold for an object.
    pub(crate) fn of<'a>(
        &'a self,
        slot: u32,
        object: &'a dyn Object,
    ) -> impl Iterator<Item = (usize, &'a Computed)> {
        let all = self.0.get(&slot).into_iter().flatten();
        all.map(|(column, computed)| (*column, computed))
            .filter(move |(column, computed)| held(object, *column) == computed.held)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

fn held(object: &dyn Object, column: usize) -> Param {
    Param::of_column(object.column(column), object.def().columns[column].sql_type)
}
