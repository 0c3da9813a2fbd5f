//! What rows have to meet to be seen, wherever they are read.

use super::{ModelDef, Registry};
use crate::sql::{Expr, Restrict, Select};

/// The conditions of a session; those of the models stand beside them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Criteria {
    own: Vec<(&'static ModelDef, Expr)>,
    /// Whether everything is seen, whatever the models say.
    lifted: bool,
}

impl Criteria {
    /// Adds a condition on the rows of a model.
    pub(crate) fn add(&mut self, model: &'static ModelDef, condition: Expr) {
        self.own.push((model, condition));
    }

    /// Has everything seen, or not any more; gives what was before.
    pub(crate) const fn lift(&mut self, lifted: bool) -> bool {
        std::mem::replace(&mut self.lifted, lifted)
    }

    /// Whether there may be rows of a table that are not seen.
    pub(crate) fn hide(&self, registry: &Registry, table: &str) -> bool {
        self.is_needed(registry) && registry.def_of(table).is_some_and(|def| self.are_on(def))
    }

    fn are_on(&self, def: &ModelDef) -> bool {
        !def.criteria.is_empty() || self.own.iter().any(|(model, _)| *model == def)
    }

    /// Puts the conditions on all tables of a query in.
    pub(crate) fn restrict(&self, registry: &Registry, select: &mut Select) {
        if self.is_needed(registry) {
            Restrict::new(&|table| self.of(registry, table)).select(select);
        }
    }

    /// The conditions on the rows of a table, with those of other tables inside; `None` when all of its rows are seen.
    pub(crate) fn on(&self, registry: &Registry, table: &str) -> Option<Vec<Expr>> {
        let conditions = |table: &str| self.of(registry, table);
        self.hide(registry, table).then(|| Restrict::new(&conditions).conditions_of(table))
    }

    /// Puts the conditions on all tables inside of conditions in, where there may be some; tells whether there may.
    pub(crate) fn restrict_all<'e>(
        &self,
        registry: &Registry,
        expressions: impl IntoIterator<Item = &'e mut Expr>,
    ) -> bool {
        let is_needed = self.is_needed(registry);
        if is_needed {
            let conditions = |table: &str| self.of(registry, table);
            expressions.into_iter().for_each(|expr| Restrict::new(&conditions).expr(expr));
        }
        is_needed
    }

    /// A number that changes with the conditions of the session.
    pub(crate) const fn number(&self) -> usize {
        self.own.len()
    }

    fn is_needed(&self, registry: &Registry) -> bool {
        !self.lifted && (!self.own.is_empty() || registry.has_criteria())
    }

    /// The conditions on the rows of a table: of its model, and of the session.
    fn of(&self, registry: &Registry, table: &str) -> Vec<Expr> {
        let Some(def) = registry.def_of(table) else { return Vec::new() };
        let own = self.own.iter().filter(|(model, _)| *model == def).map(|(_, expr)| expr.clone());
        def.criteria.iter().map(|condition| condition()).chain(own).collect()
    }
}
