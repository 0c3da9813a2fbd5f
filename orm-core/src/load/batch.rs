//! Several relations of several models, loaded in one flight.

use super::select_in::{Fetch, attach, fetch};
use crate::engine::Reply;
use crate::error::Result;
use crate::sql::Statement;
use crate::state::Arena;

/// Relations that are loaded together.
#[derive(Debug, Default)]
pub(crate) struct Batch(Vec<(Fetch, usize)>);

impl Batch {
    /// Adds a relation of some owners; gives the statements that load it, which may be none.
    ///
    /// # Errors
    /// As [`fetch`].
    pub(crate) fn add(
        &mut self,
        arena: &mut Arena,
        store: usize,
        relation: usize,
        owners: &[u32],
    ) -> Result<Vec<Statement>> {
        let mut fetch = fetch(arena, store, relation, owners)?;
        let statements = std::mem::take(&mut fetch.statements);
        self.0.push((fetch, statements.len()));
        Ok(statements)
    }

    /// Takes the answers to all statements over, in the order in which they were given.
    ///
    /// # Errors
    /// As [`attach`].
    pub(crate) fn attach(&self, arena: &mut Arena, mut replies: &[Reply]) -> Result<()> {
        for (fetch, statements) in &self.0 {
            let (own, others) = replies.split_at(*statements);
            attach(arena, fetch, own)?;
            replies = others;
        }
        Ok(())
    }
}
