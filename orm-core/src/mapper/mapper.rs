//! A model, resolved against the other models of its base.

use super::{Fitted, Inherits, Layout, Load, ModelDef, ReferentialAction, Shared};
use crate::schema::TableName;
use crate::sql::{Expr, TypedColumn};
use std::sync::{Arc, OnceLock};

/// A model with everything that is computed once: the order of its table, the far ends of its relations,
/// the SQL text that never changes.
#[derive(Debug)]
pub struct Mapper {
    /// What the derive said.
    pub def: &'static ModelDef,
    /// The position in the registry: models come after those they refer to where that is possible.
    pub index: usize,
    /// The relations, in the order of the definition.
    pub relations: Vec<Link>,
    /// The positions of the primary key's columns.
    pub primary_key: Vec<usize>,
    /// How the database makes the primary key, where it does.
    pub generated_key: Option<GeneratedKey>,
    /// The position of the column that is the version of a row.
    pub version: Option<usize>,
    /// The columns that come back with every write, because the database makes them.
    pub generated: Vec<usize>,
    /// The columns that the flush sets with every UPDATE.
    pub on_update: Vec<usize>,
    /// The plain foreign keys: columns, and the tables that they refer to.
    pub references: Vec<(usize, TableName<'static>)>,
    /// The many-to-many relations that are made of its rows.
    pub associates: Vec<Associates>,
    /// The columns whose values the database may keep as others than the program gave.
    pub fitted: Vec<Fitted>,
    /// The columns that foreign keys share with other fields.
    pub shared: Vec<Shared>,
    /// From which model it inherits.
    pub inherits: Option<Inherits>,
    /// The circle of tables that this one is in: models with the same number refer to each other.
    pub circle: usize,
    /// Whether the model refers to itself.
    pub self_referential: bool,
    /// What a SELECT reads when it does not say otherwise.
    pub layout: Layout,
    /// The columns of [`layout`](Self::layout).
    pub select_list: Vec<&'static str>,
}

impl Mapper {
    /// Some of its columns, as statements name them.
    pub(crate) fn typed(&self, columns: &[usize]) -> Vec<TypedColumn<'static>> {
        let defs = columns.iter().map(|column| &self.def.columns[*column]);
        defs.map(|def| TypedColumn { name: def.name, sql_type: def.sql_type }).collect()
    }

    /// Whether queries load relations of it that they do not name.
    pub(crate) fn loads_by_itself(&self) -> bool {
        let by_itself = |load| matches!(load, Load::SelectIn | Load::Joined | Load::Subquery);
        self.def.relations.iter().any(|relation| by_itself(relation.load))
    }

    /// Whether a column is a plain foreign key to a model.
    pub(crate) fn refers_to(&self, column: usize, target: &ModelDef) -> bool {
        self.references.contains(&(column, target.table))
    }

    /// Whether there are columns that the program may not write.
    pub(crate) fn guards_columns(&self) -> bool {
        self.version.is_some() || !self.generated.is_empty()
    }

    /// The columns that queries may leave out.
    pub(crate) fn deferred(&self) -> impl Iterator<Item = usize> + use<> {
        let columns = self.def.columns;
        (0..columns.len()).filter(|column| columns[*column].deferred.is_some())
    }

    /// The column that is the version of a row, when it is the flush that writes it.
    pub(crate) fn written_version(&self) -> Option<usize> {
        self.version.filter(|column| self.def.columns[*column].is_given())
    }
}

/// A many-to-many relation whose association table is that of a model.
#[derive(Debug)]
pub struct Associates {
    /// The model of the relation, as its position in the registry.
    pub mapper: usize,
    /// The relation.
    pub relation: usize,
    /// The columns of the association model that refer to the owner.
    pub owner_columns: Vec<usize>,
    /// Its columns that refer to the member.
    pub target_columns: Vec<usize>,
}

/// A primary key of one column that the database fills.
#[derive(Debug)]
pub struct GeneratedKey {
    /// The position of the column.
    pub column: usize,
    /// The SQL expression that makes one key.
    pub expression: String,
}

/// A relation, resolved.
#[derive(Debug)]
pub struct Link {
    /// The model at the other end, as its position in the registry.
    pub target: usize,
    /// The relation of the target that mirrors this one.
    pub inverse: Option<usize>,
    /// The column of the target, by its position there, that holds the place of a member in the collection.
    pub position: Option<usize>,
    /// The order of the members of one owner: columns of the target and whether descending.
    pub order_by: &'static [(&'static str, bool)],
    /// What only this kind has.
    pub kind: LinkKind,
    /// The text of the statement that asks for all members by the keys of their owners, made with the first one.
    pub(crate) text: OnceLock<Arc<str>>,
}

impl Link {
    /// What members have to meet beside belonging to their owner.
    pub(crate) fn filter(&self) -> Option<Expr> {
        match &self.kind {
            LinkKind::View(ViewLink { filter: Some(filter), .. }) => Some(filter()),
            _ => None,
        }
    }
}

/// The kinds of resolved relation.
#[derive(Debug)]
pub enum LinkKind {
    /// This model has the foreign key.
    ToOne {
        /// Its columns, as positions in this model.
        columns: &'static [usize],
        /// Those of them that no other field holds.
        own: Vec<usize>,
        /// Whether it can be `NULL`.
        nullable: bool,
        /// What the database does when the target is deleted.
        on_delete: ReferentialAction,
    },
    /// The target has the foreign key.
    ToMany {
        /// The relation of the target that is the foreign key.
        foreign_key: usize,
    },
    /// An association table has foreign keys to both.
    ManyToMany(Association),
    /// Members that are only looked at.
    View(ViewLink),
}

impl LinkKind {
    /// The columns of a foreign key that are written with it.
    pub(crate) fn own_columns(&self) -> &[usize] {
        match self {
            Self::ToOne { own, .. } => own,
            Self::ToMany { .. } | Self::ManyToMany(_) | Self::View(_) => &[],
        }
    }
}

/// A view, resolved.
#[derive(Debug)]
pub struct ViewLink {
    /// What makes a row a member.
    pub by: ViewBy,
    /// What the members have to meet.
    pub filter: Option<fn() -> Expr>,
}

/// What makes a row a member of a view.
#[derive(Debug)]
pub enum ViewBy {
    /// Columns that are equal.
    Columns {
        /// Positions in the columns of this model.
        own: Vec<usize>,
        /// Positions in the columns of the target.
        far: Vec<usize>,
    },
    /// A row of an association table.
    Association(Association),
}

/// An association table, seen from one side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Association {
    /// Its name.
    pub table: TableName<'static>,
    /// The columns that refer to the owner of the relation.
    pub owner_columns: Vec<String>,
    /// The columns that refer to the target.
    pub target_columns: Vec<String>,
}

impl Association {
    /// The same table, seen from the other side.
    pub(crate) fn turned(&self) -> Self {
        Self {
            table: self.table,
            owner_columns: self.target_columns.clone(),
            target_columns: self.owner_columns.clone(),
        }
    }
}
