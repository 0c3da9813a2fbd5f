//! A query of objects, with the relations that come with it: planned, sent by the caller, and taken over.

use super::Session;
use crate::engine::TakeRows;
use crate::error::{Error, ErrorKind, Result};
use crate::load::{Joined, JoinedRows, Known, Subqueries};
use crate::mapper::{Layout, Source, statement_of};
use crate::query::{Scope, Select, Steps, Tree};
use crate::sql::{self, Expr, Statement};
use std::borrow::Cow;
use tokio_postgres::Row;

/// What a query asks for, of one model.
pub(super) struct Asked<'q> {
    pub(super) store: usize,
    /// With all conditions that its rows have to meet.
    pub(super) query: sql::Select,
    pub(super) paths: &'q [Steps],
    pub(super) layout: &'q Cow<'static, Layout>,
    pub(super) known: Known,
}

/// What takes the answers to a query, and what they mean.
#[derive(Debug)]
pub(super) struct Planned {
    store: usize,
    tree: Tree,
    joined: Joined,
    rows: JoinedRows,
    subqueries: Subqueries,
    known: Known,
}

impl Planned {
    /// What takes the rows of the statements, in their order.
    pub(super) fn takers(&mut self) -> impl Iterator<Item = &mut dyn TakeRows> {
        std::iter::once(&mut self.rows as &mut dyn TakeRows).chain(self.subqueries.takers())
    }

    /// [`takers`](Self::takers), where the rows of the query itself go elsewhere first; [`take`](Self::take) takes those that count.
    pub(super) fn takers_beside<'a>(
        &'a mut self,
        rows: &'a mut Vec<Row>,
    ) -> impl Iterator<Item = &'a mut dyn TakeRows> {
        std::iter::once(rows as &mut dyn TakeRows).chain(self.subqueries.takers())
    }

    /// Takes rows of the query itself.
    pub(super) fn take(&mut self, rows: Vec<Row>) {
        rows.into_iter().for_each(|row| self.rows.take(row));
    }
}

impl Session {
    /// The query with all conditions that its rows have to meet: criteria, and members where a path joins them in
    /// (`contains_eager`).
    ///
    /// # Errors
    /// As [`plan_query`](Self::plan_query).
    pub(super) fn restricted<S: Scope, R>(&mut self, select: &Select<S, R>) -> Result<sql::Select> {
        let mut query = select.restricted(self.arena.criteria())?;
        let of =
            select.registry().and_then(|registry| Some((registry, registry.mapper_of(S::Root::table())?)));
        if let Some((registry, mapper)) = of.filter(|_| !select.paths.is_empty()) {
            let store = self.arena.store_of(registry, mapper.def)?;
            query.filter.extend(self.conditions_of_paths(store, &select.paths)?);
        }
        Ok(query)
    }

    /// What rows have to meet for the members that paths join in.
    ///
    /// # Errors
    /// As [`plan_query`](Self::plan_query).
    pub(super) fn conditions_of_paths(&mut self, store: usize, paths: &[Steps]) -> Result<Vec<Expr>> {
        let mut tree = self.tree_of(store, paths, true)?;
        let joined = Joined::plan(&mut self.arena, store, &mut tree)?;
        Ok(joined.conditions(&self.arena))
    }

    /// The statements of a query, which are to leave in one flight, and what their answers mean.
    ///
    /// # Errors
    /// [`LoadRefused`](ErrorKind::LoadRefused), [`Mapping`](ErrorKind::Mapping).
    pub(super) fn plan_query(&mut self, asked: Asked<'_>) -> Result<(Vec<Statement>, Planned)> {
        let Asked { store, mut query, paths, layout, known } = asked;
        let mut tree = self.tree_of(store, paths, true)?;
        if known == Known::Replace {
            tree.populate_existing();
        }
        let joined = Joined::plan(&mut self.arena, store, &mut tree)?;
        // These have what members have to meet to be seen already.
        query.filter.extend(joined.conditions(&self.arena));
        let subqueries = Subqueries::plan(&mut self.arena, store, &mut tree, &query)?;
        let mut statements = vec![match joined.is_empty() {
            true => statement_of(layout, &query).map_err(|why| Error::new(ErrorKind::Mapping, why))?,
            false => joined.statement(&self.arena, store, query, layout)?,
        }];
        statements.extend(subqueries.statements.iter().cloned());
        let rows = joined.rows(&self.arena, store, layout.clone());
        Ok((statements, Planned { store, tree, joined, rows, subqueries, known }))
    }

    /// Takes the answers over, and loads what did not come with them; gives the objects.
    ///
    /// # Errors
    /// [`Decode`](ErrorKind::Decode) for a row that does not fit; the server's.
    pub(super) async fn take_planned(&mut self, planned: Planned) -> Result<Vec<u32>> {
        let Planned { store, tree, joined, rows, subqueries, known } = planned;
        let slots = joined.attach(&mut self.arena, store, rows, known);
        let slots = slots.and_then(|slots| {
            subqueries.attach(&mut self.arena, &slots)?;
            Ok(slots)
        });
        self.tell_notes();
        let slots = slots?;
        self.load_with(store, slots.clone(), tree).await?;
        Ok(slots)
    }
}
