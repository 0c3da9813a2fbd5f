//! Which columns of a relation's members hold which values of their owner.

use super::{Association, LinkKind, Mapper, Registry, ViewBy, ViewLink};

/// What makes a row a member of an owner. Columns are positions in their models.
#[derive(Debug)]
pub(crate) enum Pairing {
    /// Pairs of a column of the member and one of the owner that are equal.
    Direct(Vec<(usize, usize)>),
    /// A row of an association table.
    Through {
        /// The table.
        association: &'static Association,
        /// Pairs of its columns and those of the owner.
        owner: Vec<(&'static str, usize)>,
        /// Pairs of columns of the member and its own.
        member: Vec<(usize, &'static str)>,
    },
}

impl Pairing {
    /// The pairing of a relation of a model of the registry.
    pub(crate) fn of(registry: &'static Registry, mapper: &'static Mapper, relation: usize) -> Self {
        let link = &mapper.relations[relation];
        let far = &registry.mappers()[link.target];
        match &link.kind {
            LinkKind::ToOne { columns, .. } => Self::Direct(pair(&far.primary_key, columns)),
            LinkKind::ToMany { foreign_key } => match far.relations[*foreign_key].kind {
                LinkKind::ToOne { columns, .. } => Self::Direct(pair(columns, &mapper.primary_key)),
                _ => unreachable!("the resolver found a foreign key"),
            },
            LinkKind::View(ViewLink { by: ViewBy::Columns { own, far }, .. }) => Self::Direct(pair(far, own)),
            LinkKind::ManyToMany(association)
            | LinkKind::View(ViewLink { by: ViewBy::Association(association), .. }) => {
                let columns = |names: &'static [String]| names.iter().map(String::as_str);
                Self::Through {
                    association,
                    owner: columns(&association.owner_columns)
                        .zip(mapper.primary_key.iter().copied())
                        .collect(),
                    member: far
                        .primary_key
                        .iter()
                        .copied()
                        .zip(columns(&association.target_columns))
                        .collect(),
                }
            }
        }
    }

    /// The columns of the owner.
    pub(crate) fn owner_columns(&self) -> Vec<usize> {
        match self {
            Self::Direct(pairs) => pairs.iter().map(|(_, owner)| *owner).collect(),
            Self::Through { owner, .. } => owner.iter().map(|(_, owner)| *owner).collect(),
        }
    }
}

fn pair(members: &[usize], owners: &[usize]) -> Vec<(usize, usize)> {
    members.iter().copied().zip(owners.iter().copied()).collect()
}
