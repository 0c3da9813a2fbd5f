//! What `#[derive(Model)]` says about a model: plain, static data.

use super::{DatabaseViewDef, ExcludeDef, IndexDef, ModelRow, Object, RelationAccess};
use crate::error::Result;
use crate::schema::{Deferrable, Identity, TableName};
use crate::sql::{Expr, Param};
use crate::types::{SqlType, TypeModifier};
use std::any::TypeId;
use std::fmt;

/// A model as its derive describes it; [`Mapper`](super::Mapper) is this, resolved against the other
/// models of the base.
pub struct ModelDef {
    /// The name of the Rust type.
    pub name: &'static str,
    /// The name of the table.
    pub table: TableName<'static>,
    /// The columns, in the order of the fields.
    pub columns: &'static [ColumnDef],
    /// The relations, in the order of the fields.
    pub relations: &'static [RelationDef],
    /// Constraints and indexes over several columns, and checks.
    pub constraints: &'static [ConstraintDef],
    /// What rows have to meet to be seen; asked for with each statement.
    pub criteria: &'static [fn() -> Expr],
    /// What the model is, where it is no table.
    pub view: Option<DatabaseViewDef>,
    /// The comment of the table.
    pub comment: Option<&'static str>,
    /// The type of the model.
    pub type_id: fn() -> TypeId,
    /// The type of the base.
    pub base: fn() -> TypeId,
    /// Reads an object from a row.
    pub from_row: fn(ModelRow<'_>) -> Result<Box<dyn Object>>,
}

impl ModelDef {
    /// The columns of the primary key, as positions in [`columns`](Self::columns).
    pub fn primary_key(&self) -> impl Iterator<Item = usize> + '_ {
        self.columns.iter().enumerate().filter(|(_, c)| c.primary_key).map(|(i, _)| i)
    }

    /// Whether the database takes no key that comes with a row, not even one from its own sequence.
    pub(crate) fn is_always_numbered(&self) -> bool {
        self.columns.iter().any(|column| column.identity.is_some_and(|identity| identity.always))
    }
}

impl PartialEq for ModelDef {
    fn eq(&self, other: &Self) -> bool {
        (self.type_id)() == (other.type_id)()
    }
}

impl Eq for ModelDef {}

impl fmt::Debug for ModelDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ModelDef({} → {})", self.name, self.table)
    }
}

/// A column of a model.
#[derive(Clone, Copy, Debug)]
pub struct ColumnDef {
    /// The name in the database.
    pub name: &'static str,
    /// The field of the struct that holds it.
    pub field: &'static str,
    /// The constant of the model, and the way from there into an embedded value.
    pub constant: &'static str,
    /// Its type.
    pub sql_type: SqlType,
    /// What it says of its type beyond the type.
    pub modifier: Option<TypeModifier>,
    /// Whether `NULL` is allowed.
    pub nullable: bool,
    /// Whether the database may fill it.
    pub auto: bool,
    /// Whether queries may leave it out.
    pub deferred: Option<DeferredDef>,
    /// Whether it is (part of) the primary key.
    pub primary_key: bool,
    /// Whether its values are unique.
    pub unique: bool,
    /// Whether it has an index.
    pub index: bool,
    /// The SQL expression of the default.
    pub server_default: Option<&'static str>,
    /// How the database numbers new rows.
    pub identity: Option<Identity>,
    /// The collation of a text.
    pub collation: Option<&'static str>,
    /// The SQL expression that the database computes the column from.
    pub generated: Option<&'static str>,
    /// Whether it is the version of its row.
    pub version: Option<VersionDef>,
    /// Gives the value of a new row where the program gives none; a builder does so by itself.
    pub default: Option<fn() -> Param>,
    /// Gives the value that an UPDATE of other columns sets.
    pub on_update: Option<fn() -> Param>,
    /// The SQL expression of a CHECK on this column.
    pub check: Option<&'static str>,
    /// A plain foreign key, `"table.column"`.
    pub references: Option<ReferencesDef>,
    /// The comment of the column.
    pub comment: Option<&'static str>,
}

impl ColumnDef {
    /// A column with nothing set, to be completed by the derive.
    pub const fn new(
        name: &'static str,
        field: &'static str,
        constant: &'static str,
        sql_type: SqlType,
        nullable: bool,
        auto: bool,
        deferred: bool,
    ) -> Self {
        Self {
            name,
            field,
            constant,
            sql_type,
            modifier: None,
            nullable,
            auto,
            deferred: if deferred { Some(DeferredDef { group: None, is_read: false }) } else { None },
            primary_key: false,
            unique: false,
            index: false,
            server_default: None,
            identity: None,
            collation: None,
            generated: None,
            version: None,
            default: None,
            on_update: None,
            check: None,
            references: None,
            comment: None,
        }
    }
}

/// A column that queries may leave out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeferredDef {
    /// The name of the group that is loaded together.
    pub group: Option<&'static str>,
    /// Whether queries read it unless they are told otherwise.
    pub is_read: bool,
}

/// Who makes the version of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VersionDef {
    /// The flush, with every UPDATE.
    Written,
    /// PostgreSQL: its system column `xmin`.
    System,
}

/// A foreign key that is not a relation: `#[model(references = "customer.id")]`.
#[derive(Clone, Copy, Debug)]
pub struct ReferencesDef {
    /// The table.
    pub table: TableName<'static>,
    /// The column.
    pub column: &'static str,
    /// What happens when the referred row is deleted.
    pub on_delete: ReferentialAction,
    /// What happens when the referred key changes.
    pub on_update: ReferentialAction,
    /// When the database checks it.
    pub deferrable: Deferrable,
}

/// What the database does with referring rows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ReferentialAction {
    /// Refuse at the end of the statement, or of the transaction when deferred.
    #[default]
    NoAction,
    /// Refuse at once.
    Restrict,
    /// Delete or change them too.
    Cascade,
    /// Set their foreign key to `NULL`.
    SetNull,
    /// Set their foreign key to its default.
    SetDefault,
}

impl ReferentialAction {
    /// As in `ON DELETE …`.
    pub const fn sql(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        }
    }
}

/// A constraint or index of a table, as declared on the struct.
#[derive(Clone, Copy, Debug)]
pub enum ConstraintDef {
    /// `UNIQUE (…)`
    Unique(&'static [&'static str]),
    /// `CREATE INDEX … (…)`
    Index(&'static [&'static str]),
    /// An index with more than columns.
    IndexWith(IndexDef),
    /// `EXCLUDE (…)`
    Exclude(ExcludeDef),
    /// `CHECK (expression)` under a name.
    Check {
        /// The last part of the constraint's name.
        name: &'static str,
        /// The SQL expression.
        expression: &'static str,
    },
}

/// A relation of a model.
#[derive(Clone, Copy)]
pub struct RelationDef {
    /// The name of the field.
    pub name: &'static str,
    /// The constant of the model, and the way from there into an embedded value.
    pub constant: &'static str,
    /// Which kind it is, with what only that kind has.
    pub kind: RelationKind,
    /// The model at the other end.
    pub target: fn() -> &'static ModelDef,
    /// The relation of the other model that mirrors this one.
    pub back_populates: Option<&'static str>,
    /// What spreads along the relation.
    pub cascade: Cascade,
    /// How queries load it when they do not say.
    pub load: Load,
    /// Who looks after the members of an owner that is deleted.
    pub passive_deletes: PassiveDeletes,
    /// The column of the members that holds their places in the collection.
    pub position: Option<&'static str>,
    /// The order in which a collection is loaded: columns of the target and whether descending.
    pub order_by: &'static [(&'static str, bool)],
    /// The field inside an object.
    pub access: &'static dyn RelationAccess,
}

impl RelationDef {
    /// How a program names it: `Customer::CARTS`, and of a part of an embedded value `Comment::SUBJECT.then(Subject::PRODUCT)`.
    pub(crate) fn constant(&self, model: &str) -> String {
        format!("{model}::{}", self.constant)
    }
}

impl fmt::Debug for RelationDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RelationDef({}: {:?} → {})", self.name, self.kind, (self.target)().name)
    }
}

/// The kinds of relation.
#[derive(Clone, Copy, Debug)]
pub enum RelationKind {
    /// The foreign key is in this model.
    BelongsTo {
        /// The foreign key columns, as positions in the model's columns; some may be those of other fields.
        columns: &'static [usize],
        /// Whether there may be none.
        nullable: bool,
        /// What the database does when the target is deleted.
        on_delete: ReferentialAction,
        /// What the database does when the target's key changes.
        on_update: ReferentialAction,
        /// When the database checks it.
        deferrable: Deferrable,
    },
    /// One object of the target refers to this one.
    HasOne,
    /// Objects of the target refer to this one.
    HasMany,
    /// Rows of an association table refer to both.
    ManyToMany(AssociationDef),
    /// Objects of the target that are only looked at.
    View(ViewDef),
}

/// What a view shows.
#[derive(Clone, Copy, Debug)]
pub struct ViewDef {
    /// The relation whose members it shows.
    pub of: Option<&'static str>,
    /// Pairs of columns that are equal: of this model, and of the target.
    pub on: &'static [(&'static str, &'static str)],
    /// What the members have to meet.
    pub filter: Option<fn() -> Expr>,
}

/// How a many-to-many relation goes through its association table.
#[derive(Clone, Copy, Debug)]
pub struct AssociationDef {
    /// The table.
    pub secondary: Secondary,
    /// The columns that refer to the owner of the relation, where the program names them.
    pub owner_columns: &'static [&'static str],
    /// The columns that refer to the target, where the program names them.
    pub target_columns: &'static [&'static str],
}

/// The association table of a many-to-many relation.
#[derive(Clone, Copy)]
pub enum Secondary {
    /// By the name of the table; derived when no model has it.
    Table(TableName<'static>),
    /// By the model of the table.
    Model(fn() -> &'static ModelDef),
}

impl fmt::Debug for Secondary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(name) => write!(f, "{:?}", name.to_string()),
            Self::Model(model) => f.write_str(model().name),
        }
    }
}

/// What spreads along a relation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cascade {
    /// New objects that are reached are added; without it they are a [`NotAdded`](crate::ErrorKind::NotAdded) error.
    pub save_update: bool,
    /// Merging the owner merges the members.
    pub merge: bool,
    /// Refreshing or expiring the owner does so with the members.
    pub refresh_expire: bool,
    /// Expunging the owner expunges the members.
    pub expunge: bool,
    /// Deleting the owner deletes the members.
    pub delete: bool,
    /// A member that leaves the collection is deleted; needs `delete`.
    pub delete_orphan: bool,
}

/// How queries load a relation when they do not say: `load` of `#[has_many]` and its like.
///
/// A path says otherwise for one query: [`select_in`](super::Relation::select_in), [`joined`](super::Relation::joined),
/// [`subquery`](super::Relation::subquery), [`raise`](super::Relation::raise).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Load {
    /// Not at all: paths and [`Session::load`](crate::Session::load) load it.
    #[default]
    Explicit,
    /// By the keys of the owners.
    SelectIn,
    /// In the statement of the owners; of owners that are members themselves, by their keys.
    Joined,
    /// By the query of the owners; of owners that are members themselves, by their keys.
    Subquery,
    /// Not at all, and [`Session::load`](crate::Session::load) is refused: only paths of queries load it.
    Raise,
    /// Never: the collection can be changed, and [`Session::related`](crate::Session::related) asks for its members.
    WriteOnly,
}

/// Who looks after the members of an owner that is deleted: `passive_deletes` of `#[has_many]` and `#[has_one]`.
///
/// Where the foreign key of the model says `on_delete = "cascade"`, `"set null"` or `"set default"`, members that are not loaded are left
/// to the database whatever stands here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PassiveDeletes {
    /// The session: it loads the members that it does not know.
    #[default]
    Off,
    /// The session looks after the members that it knows, the database after the others.
    NotLoaded,
    /// The database.
    All,
}
