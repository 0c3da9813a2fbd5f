//! Paths that begin at one model, their common beginnings once.

use super::{Step, Steps, Strategy};

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
}

impl Node {
    pub(crate) fn new(step: Step) -> Self {
        Self { step, then: Tree::default(), is_brought: false }
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

    /// Adds a path. Where it goes along a relation that is there already, what it says of the relation counts.
    fn add(&mut self, path: &[Step]) {
        let Some((first, rest)) = path.split_first() else { return };
        let known = self.0.iter_mut().position(|node| node.step.relation == first.relation);
        let at = known.unwrap_or_else(|| {
            self.0.push(Node::new(first.clone()));
            self.0.len() - 1
        });
        let Node { step, then, .. } = &mut self.0[at];
        if known.is_some() {
            step.strategy = first.strategy.or(step.strategy);
            if first.members.fingerprint().is_some() {
                step.members = first.members.clone();
            }
            step.members.is_unrestricted |= first.members.is_unrestricted;
            step.members.again |= first.members.again;
            step.members.replace |= first.members.replace;
        }
        then.add(rest);
    }

    /// Asks for everything again, as the rows are now.
    pub(crate) fn populate_existing(&mut self) {
        for Node { step, then, .. } in &mut self.0 {
            (step.members.again, step.members.replace) = (true, true);
            then.populate_existing();
        }
    }
}
