//! A query of objects, with the relations that come with it: planned, sent by the caller, and taken over.

use super::Session;
use crate::engine::Reply;
use crate::error::{Error, ErrorKind, Result};
use crate::load::{Joined, Known, Subqueries};
use crate::mapper::{Layout, Source};
use crate::query::{Scope, Select, Steps, Tree};
use crate::sql::{self, Expr, Statement};
use std::borrow::Cow;

/// What a query asks for, of one model.
pub(super) struct Asked<'q> {
    pub(super) store: usize,
    /// With all conditions that its rows have to meet.
    pub(super) query: sql::Select,
    pub(super) paths: &'q [Steps],
    pub(super) layout: &'q Cow<'static, Layout>,
    pub(super) known: Known,
}

/// What the answers to a query mean.
#[derive(Debug)]
pub(super) struct Planned {
    store: usize,
    tree: Tree,
    joined: Joined,
    subqueries: Subqueries,
    layout: Cow<'static, Layout>,
    known: Known,
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
            true => query.render().map_err(|why| Error::new(ErrorKind::Mapping, why))?,
            false => joined.statement(&self.arena, store, query, layout)?,
        }];
        statements.extend(subqueries.statements.iter().cloned());
        Ok((statements, Planned { store, tree, joined, subqueries, layout: layout.clone(), known }))
    }

    /// Takes the answers over, and loads what did not come with them; gives the objects.
    ///
    /// # Errors
    /// [`Decode`](ErrorKind::Decode) for a row that does not fit; the server's.
    pub(super) async fn take_planned(&mut self, planned: Planned, replies: &[Reply]) -> Result<Vec<u32>> {
        let Planned { store, tree, joined, subqueries, layout, known } = planned;
        let (rows, members) = replies.split_first().map_or((&[][..], &[][..]), |(r, m)| (&r.rows, m));
        let slots = joined.attach(&mut self.arena, store, rows, &layout, known);
        let slots = slots.and_then(|slots| {
            subqueries.attach(&mut self.arena, &slots, members)?;
            Ok(slots)
        });
        self.tell_notes();
        let slots = slots?;
        self.load_with(store, slots.clone(), tree).await?;
        Ok(slots)
    }
}
