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
