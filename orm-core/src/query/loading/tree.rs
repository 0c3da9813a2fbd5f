//! Paths that begin at one model, their common beginnings once.

use super::differing::{differ, message};
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{Load, Mapper, Registry};
use crate::query::{Step, Steps, Strategy};

/// What is loaded with objects of one model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree(pub(crate) Vec<Node>);

/// A relation, and what is loaded with its members.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) step: Step,
    pub(crate) then: Tree,
    /// Whether the relation came, or comes, with the objects themselves.
    pub(crate) is_brought: bool,
    /// Whether no path names it: the model says that queries load it.
    pub(crate) is_usual: bool,
    /// What two paths say of the relation that cannot be loaded both.
    differing: Option<Box<[Step; 2]>>,
}

impl Node {
    pub(crate) fn new(step: Step) -> Self {
        Self { step, then: Tree::default(), is_brought: false, is_usual: false, differing: None }
    }

    /// Whether the relation has to be asked for.
    pub(crate) fn is_asked(&self) -> bool {
        !self.is_brought && self.step.strategy != Some(Strategy::Raise)
    }
}

impl Tree {
    pub(crate) fn of(paths: &[Steps]) -> Self {
        let mut tree = Self::default();
        paths.iter().for_each(|path| tree.add(&path.0));
        tree
    }

    /// Adds a path. Where it goes along a relation that is there already, what either of them says of the relation counts.
    fn add(&mut self, path: &[Step]) {
        let Some((first, rest)) = path.split_first() else { return };
        let known = self.0.iter_mut().position(|node| node.step.relation == first.relation);
        let at = known.unwrap_or_else(|| {
            self.0.push(Node::new(first.clone()));
            self.0.len() - 1
        });
        let Node { step, then, differing, .. } = &mut self.0[at];
        if known.is_some() {
            if differ(step, first) {
                *differing = Some(Box::new([step.clone(), first.clone()]));
            }
            step.join(first);
        }
        then.add(rest);
    }

    /// Adds what a model says of relations that no path names, and how the others are loaded where their paths do not say.
    pub(crate) fn complete(&mut self, mapper: &Mapper) {
        for (relation, def) in mapper.def.relations.iter().enumerate() {
            let Some(strategy) = usual(def.load) else { continue };
            match self.0.iter_mut().find(|node| node.step.relation == relation) {
                Some(node) => node.step.strategy = node.step.strategy.or(Some(strategy)),
                None => {
                    let step = Step { strategy: Some(strategy), ..Step::new(relation) };
                    self.0.push(Node { is_usual: true, ..Node::new(step) });
                }
            }
        }
    }

    /// Whether the models along the paths allow to load them: with the query of the owners, or of owners that are there.
    ///
    /// # Errors
    /// [`LoadRefused`](ErrorKind::LoadRefused), naming the call that does, or the relation of which two paths want something else;
    /// [`Mapping`](ErrorKind::Mapping) for a group of columns that a model does not have.
    pub(crate) fn check(&self, registry: &Registry, mapper: &Mapper, by_query: bool) -> Result<()> {
        for Node { step, then, differing, .. } in &self.0 {
            let (def, name) = (&mapper.def.relations[step.relation], mapper.def.name);
            let far = &registry.mappers()[mapper.relations[step.relation].target];
            let constant = def.constant(name);
            if let Some(Err(why)) = &step.layout {
                return Err(Error::new(ErrorKind::Mapping, why).with_model(far.def.name));
            }
            let way_out = match def.load {
                _ if let Some(steps) = differing => message(&constant, far, steps),
                Load::WriteOnly => {
                    format!(
                        "`{constant}` is write-only: ask for its members with `session.related(handle, {constant})`"
                    )
                }
                Load::Raise if !by_query && step.strategy.is_none() => {
                    format!("`{constant}` is loaded by queries only: say `.with({constant})` there")
                }
                _ => {
                    then.check(registry, far, by_query)?;
                    continue;
                }
            };
            return Err(Error::new(ErrorKind::LoadRefused, way_out).with_model(name));
        }
        Ok(())
    }

    /// Asks for everything again, as the rows are now.
    pub(crate) fn populate_existing(&mut self) {
        for Node { step, then, .. } in &mut self.0 {
            (step.members.again, step.members.replace) = (true, true);
            then.populate_existing();
        }
    }
}

/// How a query loads a relation by itself.
const fn usual(load: Load) -> Option<Strategy> {
    match load {
        Load::SelectIn => Some(Strategy::SelectIn),
        Load::Joined => Some(Strategy::Joined { inner: false }),
        Load::Subquery => Some(Strategy::Subquery),
        Load::Explicit | Load::Raise | Load::WriteOnly => None,
    }
}
