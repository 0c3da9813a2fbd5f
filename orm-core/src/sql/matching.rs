//! UPDATE and DELETE of the rows that a condition finds.

use super::{Expr, Renderer, Statement};

/// UPDATE of every row that meets a condition.
#[derive(Clone, Debug)]
pub struct UpdateMatching<'a> {
    /// The table.
    pub table: &'a str,
    /// The columns, and what they are set to.
    pub set: &'a [(&'static str, Expr)],
    /// What a row has to meet.
    pub filter: Expr,
    /// The list of what comes back.
    pub returning: &'a [&'static str],
}

impl UpdateMatching<'_> {
    /// The statement.
    ///
    /// # Errors
    /// Why a part of it cannot be written.
    pub fn render(&self) -> Result<Statement, String> {
        let mut out = Renderer::new(self.table);
        out.push("UPDATE ").name(self.table).push(" SET ");
        for (i, (column, value)) in self.set.iter().enumerate() {
            out.push(if i == 0 { "" } else { ", " }).name(column).push(" = ").expr(value);
        }
        out.push(" WHERE ").expr(&self.filter).returning(self.returning);
        out.finish()
    }
}

/// DELETE of every row that meets a condition.
#[derive(Clone, Debug)]
pub struct DeleteMatching<'a> {
    /// The table.
    pub table: &'a str,
    /// What a row has to meet.
    pub filter: Expr,
    /// The list of what comes back.
    pub returning: &'a [&'static str],
}

impl DeleteMatching<'_> {
    /// The statement.
    ///
    /// # Errors
    /// Why a part of it cannot be written.
    pub fn render(&self) -> Result<Statement, String> {
        let mut out = Renderer::new(self.table);
        out.push("DELETE FROM ").name(self.table).push(" WHERE ").expr(&self.filter);
        out.returning(self.returning);
        out.finish()
    }
}
