//! Several relations of several models, and columns of their objects, loaded in one flight.

use super::members::MemberRows;
use super::{Fetch, Lacking};
use crate::engine::TakeRows;
use crate::error::Result;
use crate::query::Step;
use crate::sql::Statement;
use crate::state::Arena;
use tokio_postgres::Row;

/// Relations and columns that are loaded together.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    asked: Vec<Asked>,
    /// Sent in one flight, in this order.
    pub(crate) statements: Vec<Statement>,
}

#[derive(Debug)]
enum Asked {
    Relation(Fetch, MemberRows),
    Columns(Lacking, Vec<Row>),
}

impl Batch {
    /// Adds what some owners miss of a relation; gives those.
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping).
    pub(crate) fn add(
        &mut self,
        arena: &mut Arena,
        store: usize,
        step: &Step,
        owners: &[u32],
    ) -> Result<Vec<u32>> {
        let fetch = Fetch::new(arena, store, step, owners)?;
        self.add_fetch(arena, step, fetch)
    }

    /// [`add`](Self::add) of a fetch that was made of the same step.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn add_fetch(&mut self, arena: &Arena, step: &Step, fetch: Fetch) -> Result<Vec<u32>> {
        let Some(statement) = fetch.statement(arena, step)? else { return Ok(Vec::new()) };
        let missing = fetch.missing().to_vec();
        let rows = fetch.rows(arena, step);
        self.asked.push(Asked::Relation(fetch, rows));
        self.statements.push(statement);
        Ok(missing)
    }

    /// Adds columns that some objects lack.
    pub(crate) fn add_columns(&mut self, columns: Lacking) {
        self.statements.push(columns.statement.clone());
        self.asked.push(Asked::Columns(columns, Vec::new()));
    }

    /// What takes the rows of the statements, in their order.
    pub(crate) fn takers(&mut self) -> impl Iterator<Item = &mut dyn TakeRows> {
        self.asked.iter_mut().map(|asked| match asked {
            Asked::Relation(_, rows) => rows as &mut dyn TakeRows,
            Asked::Columns(_, rows) => rows,
        })
    }

    /// Takes what the statements gave over.
    ///
    /// # Errors
    /// As [`Fetch::attach`].
    pub(crate) fn attach(self, arena: &mut Arena) -> Result<()> {
        self.asked.into_iter().try_for_each(|asked| match asked {
            Asked::Relation(fetch, rows) => fetch.attach(arena, rows),
            Asked::Columns(columns, rows) => columns.take(arena, &rows).map(drop),
        })
    }
}
