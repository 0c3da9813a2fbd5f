//! What rows have to meet to be seen, wherever they are read.

use super::{Mapper, ModelDef, Registry};
use crate::schema::TableName;
use crate::sql::{Exists, Expr, Restrict, Select};
use std::iter;

/// The conditions of a session; those of the models stand beside them.
#[derive(Clone, Debug, Default)]
pub struct Criteria {
    own: Vec<(&'static ModelDef, Expr)>,
    /// Whether everything is seen, whatever the models say.
    lifted: bool,
}

impl Criteria {
    /// None at all, not even those of the models.
    pub(crate) const fn without() -> Self {
        Self { own: Vec::new(), lifted: true }
    }

    /// Adds a condition on the rows of a model.
    pub(crate) fn add(&mut self, model: &'static ModelDef, condition: Expr) {
        self.own.push((model, condition));
    }

    /// Has everything seen, or not any more; gives what was before.
    pub(crate) const fn lift(&mut self, lifted: bool) -> bool {
        std::mem::replace(&mut self.lifted, lifted)
    }

    /// Whether there may be rows of a table that are not seen: by themselves, or since the row that they inherit from is not.
    pub(crate) fn hide(&self, registry: &Registry, table: TableName<'static>) -> bool {
        self.is_needed(registry)
            && registry.mapper_of(table).is_some_and(|mapper| self.are_above(registry, mapper))
    }

    /// Whether there may be rows of a kind that are not seen although the row of the base is.
    pub(crate) fn hide_kind(&self, registry: &Registry, kind: &Mapper, base: &ModelDef) -> bool {
        let mut kinds = lineage(registry, kind).take_while(|mapper| mapper.def != base);
        self.is_needed(registry) && kinds.any(|mapper| self.are_on(mapper.def))
    }

    fn are_on(&self, def: &ModelDef) -> bool {
        !def.criteria.is_empty() || self.own.iter().any(|(model, _)| *model == def)
    }

    /// Whether there are some on a model, or on one that it inherits from.
    fn are_above(&self, registry: &Registry, mapper: &Mapper) -> bool {
        lineage(registry, mapper).any(|mapper| self.are_on(mapper.def))
    }

    /// Puts the conditions on all tables of a query in.
    pub(crate) fn restrict(&self, registry: &Registry, select: &mut Select) {
        if self.is_needed(registry) {
            Restrict::new(&|table| self.of(registry, table)).select(select);
        }
    }

    /// The conditions on the rows of a table, with those of other tables inside; `None` when all of its rows are seen.
    pub(crate) fn on(&self, registry: &Registry, table: TableName<'static>) -> Option<Vec<Expr>> {
        let conditions = |table: TableName<'static>| self.of(registry, table);
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
            let conditions = |table: TableName<'static>| self.of(registry, table);
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

    /// The conditions on the rows of a table: of its model, of the session, and that the row it inherits from is seen.
    fn of(&self, registry: &Registry, table: TableName<'static>) -> Vec<Expr> {
        let Some(mapper) = registry.mapper_of(table) else { return Vec::new() };
        let def = mapper.def;
        let own = self.own.iter().filter(|(model, _)| *model == def).map(|(_, expr)| expr.clone());
        let parent = parent_of(registry, mapper).filter(|parent| self.are_above(registry, parent));
        let inherited = parent.map(|parent| other_half(mapper, parent));
        def.criteria.iter().map(|condition| condition()).chain(own).chain(inherited).collect()
    }
}

/// A model, the one that it inherits from, and so on up to the base.
fn lineage<'r>(registry: &'r Registry, mapper: &'r Mapper) -> impl Iterator<Item = &'r Mapper> {
    iter::successors(Some(mapper), |mapper| parent_of(registry, mapper))
}

/// The model that a model inherits from.
fn parent_of<'r>(registry: &'r Registry, mapper: &Mapper) -> Option<&'r Mapper> {
    let inherits = mapper.inherits.as_ref()?;
    Some(&registry.mappers()[mapper.relations[inherits.relation].target])
}

/// That there is the row which a row inherits from; behind [`Restrict`], that it is seen.
///
/// The foreign key of that relation is the primary key.
fn other_half(mapper: &Mapper, parent: &Mapper) -> Expr {
    let name = |mapper: &Mapper, column: &usize| mapper.def.columns[*column].name.to_owned();
    let pairs = parent.primary_key.iter().zip(&mapper.primary_key);
    let on = pairs.map(|(far, own)| (name(parent, far), name(mapper, own))).collect();
    let table = parent.def.table;
    Expr::Exists(Box::new(Exists { table, through: None, on, filter: None, limit: None, offset: None }))
}
