//! Which columns of a relation's members hold which values of their owner.

use super::{Association, LinkKind, Mapper, Registry, ViewBy, ViewLink};

/// A column of a model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paired {
    /// Its position.
    pub(crate) column: usize,
    /// Its name in the table.
    pub(crate) name: &'static str,
}

/// What makes a row a member of an owner.
#[derive(Debug)]
pub(crate) enum Pairing {
    /// Pairs of a column of the member and one of the owner that are equal.
    Direct(Vec<(Paired, Paired)>),
    /// A row of an association table.
    Through {
        /// The table.
        association: &'static Association,
        /// Pairs of its columns and those of the owner.
        owner: Vec<(&'static str, Paired)>,
        /// Pairs of columns of the member and its own.
        member: Vec<(Paired, &'static str)>,
    },
}

impl Pairing {
    /// The pairing of a relation of a model of the registry.
    pub(crate) fn of(registry: &'static Registry, mapper: &'static Mapper, relation: usize) -> Self {
        let link = &mapper.relations[relation];
        let far = &registry.mappers()[link.target];
        let direct = |members, owners| Self::Direct(of(far, members).zip(of(mapper, owners)).collect());
        match &link.kind {
            LinkKind::ToOne { columns, .. } => direct(&far.primary_key, columns),
            LinkKind::ToMany { foreign_key } => match far.relations[*foreign_key].kind {
                LinkKind::ToOne { columns, .. } => direct(columns, &mapper.primary_key),
                _ => unreachable!("the resolver found a foreign key"),
            },
            LinkKind::View(ViewLink { by: ViewBy::Columns { own, far }, .. }) => direct(far, own),
            LinkKind::ManyToMany(association)
            | LinkKind::View(ViewLink { by: ViewBy::Association(association), .. }) => {
                let columns = |names: &'static [String]| names.iter().map(String::as_str);
                Self::Through {
                    association,
                    owner: columns(&association.owner_columns).zip(of(mapper, &mapper.primary_key)).collect(),
                    member: of(far, &far.primary_key).zip(columns(&association.target_columns)).collect(),
                }
            }
        }
    }

    /// The columns of the owner.
    pub(crate) fn owner_columns(&self) -> Vec<usize> {
        match self {
            Self::Direct(pairs) => pairs.iter().map(|(_, owner)| owner.column).collect(),
            Self::Through { owner, .. } => owner.iter().map(|(_, owner)| owner.column).collect(),
        }
    }
}

/// Columns of a model.
fn of(mapper: &'static Mapper, columns: &[usize]) -> impl Iterator<Item = Paired> {
    columns.iter().map(|column| Paired { column: *column, name: mapper.def.columns[*column].name })
}
