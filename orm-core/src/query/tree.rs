//! Paths that begin at one model, their common beginnings once.

use super::{Step, Steps};

/// What is loaded with objects of one model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree(pub(crate) Vec<Node>);

/// A relation, and what is loaded with its members.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) step: Step,
    pub(crate) then: Tree,
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
            self.0.push(Node { step: first.clone(), then: Self::default() });
            self.0.len() - 1
        });
        let Node { step, then } = &mut self.0[at];
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
        for Node { step, then } in &mut self.0 {
            (step.members.again, step.members.replace) = (true, true);
            then.populate_existing();
        }
    }
}
