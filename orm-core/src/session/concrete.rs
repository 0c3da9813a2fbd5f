//! Objects of several models that have nothing in common.

use super::Session;
use super::planned::{Asked, Planned};
use crate::error::Result;
use crate::load::Known;
use crate::mapper::AnyHandle;
use crate::query::Concrete;

impl Session {
    /// The objects of several models that have no base in common: one query each, in one round trip, one kind after the other.
    ///
    /// What the queries load with their rows is loaded, as by [`all`](Self::all).
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use orm_core::query::Concrete;
    /// async fn of<C: Concrete>(session: &mut Session, queries: C::Queries) -> orm_core::Result<Vec<C>> {
    ///     session.all_kinds(queries).await
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub async fn all_kinds<C: Concrete>(&mut self, queries: C::Queries) -> Result<Vec<C>> {
        let queries = C::queries(queries);
        let (mut statements, mut planned, mut locks) = (Vec::new(), Vec::new(), false);
        for query in &queries {
            let store = self.arena.store_of((query.registry)()?, query.def)?;
            let restricted = query.restricted(self.arena.criteria())?;
            let (paths, layout) = (&query.paths, &query.layout);
            let known = if restricted.lock.is_some() { Known::Renew } else { Known::Keep };
            locks |= known == Known::Renew;
            let asked = Asked { store, query: restricted, paths, layout, known };
            let (of_query, plan) = self.plan_query(asked)?;
            planned.push(plan);
            statements.extend(of_query);
        }
        self.flush_before_query().await?;
        let mut takers: Vec<_> = planned.iter_mut().flat_map(Planned::takers).collect();
        self.read_and_lock(locks, statements, &mut takers).await?;
        let mut found = Vec::new();
        for ((variant, query), plan) in queries.iter().enumerate().zip(planned) {
            let slots = self.take_planned(plan).await?;
            let handles = slots.iter().map(|slot| AnyHandle::new(self.id(), *slot, query.def));
            found.extend(handles.filter_map(|handle| C::of(variant, handle)));
        }
        Ok(found)
    }
}
