//! Several relations of several models, and columns of their objects, loaded in one flight.

use super::{Fetch, Lacking};
use crate::engine::Reply;
use crate::error::Result;
use crate::query::Step;
use crate::sql::Statement;
use crate::state::Arena;

/// Relations and columns that are loaded together.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    asked: Vec<Asked>,
    /// Sent in one flight, in this order.
    pub(crate) statements: Vec<Statement>,
}

#[derive(Debug)]
enum Asked {
    Relation(Fetch),
    Columns(Lacking),
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
        self.asked.push(Asked::Relation(fetch));
        self.statements.push(statement);
        Ok(missing)
    }

    /// Adds columns that some objects lack.
    pub(crate) fn add_columns(&mut self, columns: Lacking) {
        self.statements.push(columns.statement.clone());
        self.asked.push(Asked::Columns(columns));
    }

    /// Takes the answers to all statements over, in the order in which they were given.
    ///
    /// # Errors
    /// As [`Fetch::attach`].
    pub(crate) fn attach(&self, arena: &mut Arena, replies: &[Reply]) -> Result<()> {
        self.asked.iter().zip(replies).try_for_each(|(asked, reply)| match asked {
            Asked::Relation(fetch) => fetch.attach(arena, reply),
            Asked::Columns(columns) => columns.take(arena, &reply.rows).map(drop),
        })
    }
}
