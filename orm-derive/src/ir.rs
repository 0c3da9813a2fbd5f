//! A model as the user declared it, after parsing: no attribute and no guess is left.

use crate::names::{Name, screaming};
use crate::shape;
use proc_macro2::{Ident, Span};
use syn::{Expr, Path, Type, Visibility};

/// A model.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    /// Missing only after an error.
    pub(crate) base: Option<Path>,
    pub(crate) table: Name,
    /// Where the table is, when that is not where the connection looks first.
    pub(crate) schema: Option<Name>,
    pub(crate) comment: Option<String>,
    pub(crate) constraints: Vec<Constraint>,
    /// What it is a view of, where it is no table.
    pub(crate) view: Option<DatabaseView>,
    /// What rows have to meet to be seen: functions that give conditions.
    pub(crate) criteria: Vec<Path>,
    pub(crate) fields: Vec<Field>,
    /// How many columns stand before those of the fields: the one that says which variant of an enum it is.
    pub(crate) offset: usize,
}

/// The view that a model stands for.
pub(crate) struct DatabaseView {
    pub(crate) span: Span,
    pub(crate) definition: Definition,
    pub(crate) is_materialized: bool,
    /// Whether its reader needs the rights of what it reads.
    pub(crate) is_invoked: bool,
}

/// What a view shows.
pub(crate) enum Definition {
    /// Somebody else makes it.
    Elsewhere,
    /// SQL text.
    Text(Name),
    /// A function that gives a query.
    Query(Path),
}

/// A constraint or index of the table; columns are names of fields or columns until they are
/// validated.
pub(crate) enum Constraint {
    Unique(Vec<Name>),
    Index(Box<Index>),
    Exclude(Box<Exclude>),
    Check { name: Name, expression: String },
}

/// An index.
#[derive(Default)]
pub(crate) struct Index {
    pub(crate) keys: Vec<IndexKey>,
    pub(crate) name: Option<Name>,
    pub(crate) unique: Option<Span>,
    pub(crate) nulls_not_distinct: Option<Span>,
    pub(crate) method: Option<(Method, Span)>,
    pub(crate) include: Vec<Name>,
    pub(crate) parameters: Vec<(String, ParameterValue)>,
    pub(crate) filter: Option<Name>,
}

/// What a parameter of an index is set to.
pub(crate) enum ParameterValue {
    Integer(u32),
    Truth(bool),
}

/// What two rows may not have at once.
#[derive(Default)]
pub(crate) struct Exclude {
    /// Each with the operator that compares it.
    pub(crate) keys: Vec<(IndexKey, Name)>,
    pub(crate) name: Option<Name>,
    pub(crate) method: Option<(Method, Span)>,
    pub(crate) filter: Option<Name>,
    pub(crate) deferrable: Deferrable,
}

/// A column or an expression in an index.
#[derive(Clone)]
pub(crate) struct IndexKey {
    pub(crate) of: Name,
    pub(crate) is_expression: bool,
    pub(crate) operator_class: Option<Name>,
    pub(crate) descending: bool,
    pub(crate) nulls_first: Option<bool>,
}

/// How an index finds rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Btree,
    Hash,
    Gin,
    Gist,
    Spgist,
    Brin,
    /// One of an extension.
    Other(&'static str),
}

impl Method {
    /// Its name in the database.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Btree => "btree",
            Self::Hash => "hash",
            Self::Gin => "gin",
            Self::Gist => "gist",
            Self::Spgist => "spgist",
            Self::Brin => "brin",
            Self::Other(name) => name,
        }
    }

    /// What `with(…)` can say of an index, and which of it is true or false instead of a number.
    pub(crate) fn parameters(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Btree => (&["fillfactor", "deduplicate_items"], &["deduplicate_items"]),
            Self::Hash | Self::Spgist => (&["fillfactor"], &[]),
            Self::Gist => (&["fillfactor", "buffering"], &["buffering"]),
            Self::Gin => (&["fastupdate", "gin_pending_list_limit"], &["fastupdate"]),
            Self::Brin => (&["pages_per_range", "autosummarize"], &["autosummarize"]),
            Self::Other("hnsw") => (&["m", "ef_construction"], &[]),
            Self::Other("ivfflat") => (&["lists"], &[]),
            Self::Other(_) => (&["length"], &[]),
        }
    }
}

impl Index {
    /// Its columns, where it is nothing but these.
    pub(crate) fn plain_columns(&self) -> Option<Vec<&Name>> {
        let Self {
            keys,
            name: None,
            unique: None,
            nulls_not_distinct: None,
            method: None,
            include,
            parameters,
            filter: None,
        } = self
        else {
            return None;
        };
        let is_plain = |key: &IndexKey| {
            !key.is_expression && !key.descending && key.operator_class.is_none() && key.nulls_first.is_none()
        };
        (include.is_empty() && parameters.is_empty() && keys.iter().all(is_plain))
            .then(|| keys.iter().map(|key| &key.of).collect())
    }
}

/// How the database numbers rows.
#[derive(Clone, Copy, Default)]
pub(crate) struct Identity {
    pub(crate) always: bool,
    pub(crate) start: Option<i64>,
    pub(crate) increment: Option<i64>,
}

/// A field.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) kind: Kind,
}

/// What a field is.
pub(crate) enum Kind {
    Plain(Box<Plain>),
    BelongsTo(Box<BelongsTo>),
    Collection(Box<Collection>),
    Embed(Box<Embed>),
    /// An error was reported for the type; nothing but the constant and the setter is made of it.
    Broken,
}

/// A column.
pub(crate) struct Plain {
    pub(crate) column: Name,
    pub(crate) primary_key: Option<Span>,
    pub(crate) unique: bool,
    pub(crate) index: bool,
    pub(crate) modifier: Option<(Modifier, Span)>,
    pub(crate) server_default: Option<Name>,
    pub(crate) default: Option<Expr>,
    pub(crate) on_update: Option<(Expr, Span)>,
    pub(crate) generated: Option<Name>,
    pub(crate) identity: Option<(Identity, Span)>,
    pub(crate) collation: Option<Name>,
    pub(crate) version: Option<(Version, Span)>,
    pub(crate) deferred: Option<(Deferral, Span)>,
    pub(crate) check: Option<String>,
    pub(crate) references: Option<References>,
    pub(crate) comment: Option<String>,
}

/// What a column says of its type beyond the type.
#[derive(Clone, Copy)]
pub(crate) enum Modifier {
    Length(u32),
    Fixed(u32),
    Precision(u16),
    Digits { precision: u16, scale: u16 },
}

/// A value of several columns, of a type with `#[derive(Embedded)]`.
pub(crate) struct Embed {
    /// The type without `Option`.
    pub(crate) inner: Type,
    pub(crate) optional: bool,
    /// Begins the names of its columns; otherwise the name of the field.
    pub(crate) prefix: Option<Name>,
    /// The name of the column that says which variant of an enum it is; otherwise the name of the field.
    pub(crate) column: Option<Name>,
    pub(crate) default: Option<Expr>,
}

/// When queries read a deferred column.
#[derive(Clone)]
pub(crate) enum Deferral {
    /// When they are told to.
    Alone,
    /// When they are told to, or to read the group.
    Group(String),
    /// Unless they are told not to.
    Read,
}

/// Who makes the version of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// The flush.
    Written,
    /// PostgreSQL, in its system column `xmin`.
    System,
}

/// A foreign key that is not a relation.
pub(crate) struct References {
    pub(crate) table: TablePath,
    pub(crate) column: String,
    pub(crate) actions: Actions,
}

/// The name of a table, and the schema that is said with it.
pub(crate) struct TablePath {
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
}

/// What the database does with referring rows.
#[derive(Default)]
pub(crate) struct Actions {
    pub(crate) on_delete: Option<(Action, Span)>,
    pub(crate) on_update: Option<(Action, Span)>,
    pub(crate) deferrable: Deferrable,
}

/// When the database checks a foreign key.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Deferrable {
    /// With each statement.
    #[default]
    Never,
    /// With each statement, unless the transaction says otherwise.
    InitiallyImmediate,
    /// When the transaction is committed.
    InitiallyDeferred,
}

/// A variant of `ReferentialAction`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Nothing,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

/// A foreign key with its relation.
pub(crate) struct BelongsTo {
    pub(crate) target: Type,
    pub(crate) nullable: bool,
    pub(crate) columns: Vec<Name>,
    /// The parts of the key whose columns are those of other fields.
    pub(crate) shared: Vec<usize>,
    pub(crate) primary_key: Option<Span>,
    pub(crate) unique: bool,
    pub(crate) index: bool,
    pub(crate) actions: Actions,
    pub(crate) cascade: Cascade,
    pub(crate) load: Load,
    pub(crate) back_populates: Option<Name>,
    pub(crate) comment: Option<String>,
}

/// A relation whose foreign key is elsewhere.
pub(crate) struct Collection {
    pub(crate) kind: CollectionKind,
    pub(crate) target: Type,
    pub(crate) back_populates: Option<Name>,
    pub(crate) cascade: Cascade,
    pub(crate) load: Load,
    pub(crate) order_by: Vec<(String, bool)>,
    pub(crate) passive_deletes: PassiveDeletes,
    /// The column of the members that holds their places.
    pub(crate) position: Option<Name>,
    /// Of many-to-many; missing there only after an error.
    pub(crate) secondary: Option<Secondary>,
    /// The columns of the association table that refer to the owner, where they are named.
    pub(crate) owner_columns: Vec<Name>,
    /// The columns that refer to the target, where they are named.
    pub(crate) target_columns: Vec<Name>,
    /// Of a view.
    pub(crate) view: View,
}

/// Which collection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum CollectionKind {
    HasMany,
    HasOne,
    ManyToMany,
    View,
}

/// What a view shows.
#[derive(Default)]
pub(crate) struct View {
    pub(crate) of: Option<Name>,
    pub(crate) on: Vec<(Name, Name)>,
    pub(crate) filter: Option<Path>,
}

/// What spreads along a relation.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Cascade {
    pub(crate) save_update: bool,
    pub(crate) merge: bool,
    pub(crate) refresh_expire: bool,
    pub(crate) expunge: bool,
    pub(crate) delete: bool,
    pub(crate) delete_orphan: bool,
}

/// How queries load a relation when they do not say.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) enum Load {
    #[default]
    Explicit,
    SelectIn,
    Joined,
    Subquery,
    Raise,
    WriteOnly,
}

/// Who looks after the members of an owner that is deleted.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) enum PassiveDeletes {
    #[default]
    Off,
    NotLoaded,
    All,
}

/// The association table.
pub(crate) enum Secondary {
    Table(TablePath),
    Model(Path),
}

/// How a builder treats a field.
pub(crate) enum Setter<'a> {
    /// A value of its own.
    Value(Argument<'a>, Initial<'a>),
    /// A foreign key.
    BelongsTo(&'a BelongsTo),
    /// A collection.
    Collection(&'a Collection),
}

/// What the setter of a value takes.
#[derive(Clone, Copy)]
pub(crate) enum Argument<'a> {
    /// The type of the field, without `Deferred`.
    Exact,
    /// The `T` of `Option<T>`; there is a setter for the whole `Option` as well.
    Optional(&'a Type),
    /// The `T` of `Auto<T>`.
    Auto(&'a Type),
}

/// What a value is when nothing was set.
#[derive(Clone, Copy)]
pub(crate) enum Initial<'a> {
    /// Then the builder is not complete; part of the type state.
    Required,
    /// `None`, unset, or the version of a row that is not there yet.
    Empty,
    /// An expression of the user.
    Expression(&'a Expr),
}

/// A column of the table: where it comes from.
pub(crate) struct ColumnOf<'a> {
    pub(crate) index: usize,
    pub(crate) name: &'a Name,
    pub(crate) field: &'a Field,
    pub(crate) source: Source<'a>,
}

/// The part of a field that is a column.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    Plain(&'a Plain),
    Part(&'a BelongsTo, usize),
}

impl Model {
    /// The columns in their order: one of a plain field, one or more of a foreign key.
    pub(crate) fn columns(&self) -> Vec<ColumnOf<'_>> {
        let mut columns = Vec::new();
        for field in &self.fields {
            let sources: Vec<(&Name, Source<'_>)> = match &field.kind {
                Kind::Plain(plain) => vec![(&plain.column, Source::Plain(plain))],
                Kind::BelongsTo(to) => {
                    let parts = to.columns.iter().enumerate();
                    let own = parts.filter(|(part, _)| !to.shared.contains(part));
                    own.map(|(part, name)| (name, Source::Part(to, part))).collect()
                }
                Kind::Collection(_) | Kind::Embed(_) | Kind::Broken => Vec::new(),
            };
            for (name, source) in sources {
                columns.push(ColumnOf { index: self.offset + columns.len(), name, field, source });
            }
        }
        columns
    }

    /// Finds the columns that foreign keys of several columns share with other fields: those have the values.
    pub(crate) fn share_columns(&mut self) {
        let home = |field: &Field| match &field.kind {
            Kind::Plain(plain) => Some(plain.column.text.clone()),
            Kind::BelongsTo(to) if to.columns.len() == 1 => Some(to.columns[0].text.clone()),
            Kind::BelongsTo(_) | Kind::Collection(_) | Kind::Embed(_) | Kind::Broken => None,
        };
        let homes: Vec<String> = self.fields.iter().filter_map(home).collect();
        for field in &mut self.fields {
            let Kind::BelongsTo(to) = &mut field.kind else { continue };
            let all = 0..to.columns.len();
            let shared: Vec<usize> = all.filter(|part| homes.contains(&to.columns[*part].text)).collect();
            if to.columns.len() > 1 && shared.len() < to.columns.len() {
                to.shared = shared;
            }
        }
    }

    /// The column that a foreign key shares with another field, by the part of the key.
    pub(crate) fn shared<'a>(&'a self, to: &'a BelongsTo) -> Vec<(usize, ColumnOf<'a>)> {
        let home = |part: &usize| {
            let mut columns = self.columns().into_iter();
            Some((*part, columns.find(|column| column.name.text == to.columns[*part].text)?))
        };
        to.shared.iter().filter_map(home).collect()
    }

    /// The columns of the primary key.
    pub(crate) fn primary_key(&self) -> Vec<ColumnOf<'_>> {
        self.columns().into_iter().filter(ColumnOf::is_primary_key).collect()
    }

    /// The fields that are relations, in the order of the definition.
    pub(crate) fn relations(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|f| matches!(f.kind, Kind::BelongsTo(_) | Kind::Collection(_)))
    }

    /// The fields that hold embedded values; their columns and relations come behind all others.
    pub(crate) fn embedded(&self) -> impl Iterator<Item = (&Field, &Embed)> {
        self.fields.iter().filter_map(|field| match &field.kind {
            Kind::Embed(embed) => Some((field, &**embed)),
            _ => None,
        })
    }

    /// The fields that a builder must be given.
    pub(crate) fn required(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| matches!(field.setter(), Setter::Value(_, Initial::Required)))
    }
}

impl BelongsTo {
    /// The positions of its columns, in the order of the key.
    pub(crate) fn positions(&self, columns: &[ColumnOf<'_>]) -> Vec<usize> {
        let position = |name: &Name| columns.iter().find(|column| column.name.text == name.text);
        self.columns.iter().filter_map(position).map(|column| column.index).collect()
    }
}

impl ColumnOf<'_> {
    fn is_primary_key(&self) -> bool {
        match self.source {
            Source::Plain(plain) => plain.primary_key.is_some(),
            Source::Part(to, _) => to.primary_key.is_some(),
        }
    }

    /// The name of the column's constant, and where it comes from.
    pub(crate) fn constant(&self) -> Name {
        match self.source {
            Source::Plain(_) => self.field.constant(),
            Source::Part(..) => Name::new(screaming(&self.name.text), self.name.span),
        }
    }
}

impl Field {
    /// The name without `r#`.
    pub(crate) fn name(&self) -> String {
        Name::of(&self.ident).text
    }

    /// The name of the field's constant.
    pub(crate) fn constant(&self) -> Name {
        Name::new(screaming(&self.name()), self.ident.span())
    }

    /// How a builder treats it.
    pub(crate) fn setter(&self) -> Setter<'_> {
        let default = match &self.kind {
            Kind::BelongsTo(to) => return Setter::BelongsTo(to),
            Kind::Collection(collection) => return Setter::Collection(collection),
            Kind::Plain(plain) => plain.default.as_ref(),
            Kind::Embed(embed) => embed.default.as_ref(),
            Kind::Broken => None,
        };
        let argument = self.argument();
        let initial = match (default, argument) {
            (Some(expression), _) => Initial::Expression(expression),
            _ if self.is_written_version() => Initial::Empty,
            (None, Argument::Exact) => Initial::Required,
            (None, Argument::Optional(_) | Argument::Auto(_)) => Initial::Empty,
        };
        Setter::Value(argument, initial)
    }

    /// Whether a builder leaves it out: what the database computes cannot be given.
    pub(crate) fn is_generated(&self) -> bool {
        matches!(&self.kind, Kind::Plain(plain) if plain.generated.is_some())
    }

    /// Whether it is only looked at: a builder leaves it out as well.
    pub(crate) fn is_view(&self) -> bool {
        matches!(&self.kind, Kind::Collection(to) if to.kind == CollectionKind::View)
    }

    fn is_written_version(&self) -> bool {
        matches!(&self.kind, Kind::Plain(plain) if matches!(plain.version, Some((Version::Written, _))))
    }

    /// The `T` of a `Deferred<T>`.
    pub(crate) fn deferred(&self) -> Option<&Type> {
        shape::argument_of(&self.ty, "Deferred").filter(|_| matches!(self.kind, Kind::Plain(_)))
    }

    /// The type of a value that is there.
    pub(crate) fn loaded(&self) -> &Type {
        self.deferred().unwrap_or(&self.ty)
    }

    fn argument(&self) -> Argument<'_> {
        let ty = self.loaded();
        let optional = shape::argument_of(ty, "Option").map(Argument::Optional);
        let auto = || shape::argument_of(ty, "Auto").map(Argument::Auto);
        optional.or_else(auto).unwrap_or(Argument::Exact)
    }
}

impl CollectionKind {
    /// The name of the field's type.
    pub(crate) const fn type_name(self) -> &'static str {
        match self {
            Self::HasMany => "HasMany",
            Self::HasOne => "HasOne",
            Self::ManyToMany => "ManyToMany",
            Self::View => "View",
        }
    }

    /// The name of the attribute.
    pub(crate) const fn attribute(self) -> &'static str {
        match self {
            Self::HasMany => "has_many",
            Self::HasOne => "has_one",
            Self::ManyToMany => "many_to_many",
            Self::View => "view",
        }
    }
}
