//! Types that have a name of their own in the database.

use super::SqlType;
use super::scalar::WireError;
use super::sql_type::is_named;
use postgres_types::{Field, Kind, Type};
use std::fmt;
use std::hash::{Hash, Hasher};

/// A type with a name of its own in the database, as plain data: an enum, a domain, a composite, or a type of an extension.
///
/// The derives [`DbEnum`](super::DbEnum), [`Composite`](super::Composite) and [`ScalarType`](super::ScalarType) (with `domain = "…"`) make
/// them. A type of an extension is one by [`extension`](Self::extension).
///
/// ```
/// # use orm_core::types::DbEnum;
/// #[derive(DbEnum, Clone, Debug)]
/// enum TeaKind { Black, Green }
/// assert_eq!((TeaKind::TYPE.name(), TeaKind::TYPE.labels()), ("tea_kind", &["black", "green"][..]));
/// ```
#[derive(Clone, Copy)]
pub struct NamedType {
    schema: Option<&'static str>,
    name: &'static str,
    quoted: &'static str,
    quoted_array: &'static str,
    kind: TypeKind,
    /// What stands between values in the text of an array, where it is not that of what it is made of.
    separator: char,
    wire: fn() -> &'static WireTypes,
}

/// What a [`NamedType`] is.
///
/// ```
/// use orm_core::types::{DbEnum, TypeKind};
/// #[derive(DbEnum, Clone, Debug)]
/// enum TeaKind { Black, Green }
/// assert!(matches!(TeaKind::TYPE.kind(), TypeKind::Enum(["black", "green"])));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum TypeKind {
    /// An enum with its labels, in their order.
    Enum(&'static [&'static str]),
    /// A type with a condition.
    Domain(DomainType),
    /// Several values in one, each with a name.
    Composite(&'static [(&'static str, SqlType)]),
    /// A type that an extension brings.
    Extension(Extension),
}

/// What a domain is made of.
///
/// ```
/// use orm_core::types::{DomainType, SqlType};
/// let positive = DomainType { base: SqlType::Integer, check: Some("VALUE > 0") };
/// assert_eq!(positive.base.name(), "integer");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DomainType {
    /// The type of its values.
    pub base: SqlType,
    /// What they must meet, about `VALUE`.
    pub check: Option<&'static str>,
}

/// Appends the text of a value that is given in binary form.
pub type ToText = fn(&[u8], &mut String) -> Result<(), WireError>;

/// Where the type of an extension comes from.
///
/// ```
/// use orm_core::types::Extension;
/// let citext = Extension { name: Some("citext"), to_text: |raw, out| Ok(out.push_str(std::str::from_utf8(raw)?)) };
/// assert_eq!(citext.name, Some("citext"));
/// ```
#[derive(Clone, Copy)]
pub struct Extension {
    /// The extension, which `create_all` asks for; nothing where the program sees to it.
    pub name: Option<&'static str>,
    /// The text of a value, for batches.
    pub to_text: ToText,
}

impl fmt::Debug for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extension").field("name", &self.name).finish_non_exhaustive()
    }
}

impl NamedType {
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        [quoted, quoted_array]: [&'static str; 2],
        kind: TypeKind,
        wire: fn() -> &'static WireTypes,
    ) -> Self {
        Self { schema: None, name, quoted, quoted_array, kind, separator: ',', wire }
    }

    /// The same in a schema; the names as SQL text say it already.
    #[doc(hidden)]
    pub const fn in_schema(self, schema: &'static str) -> Self {
        Self { schema: Some(schema), ..self }
    }

    /// A type of an extension: its name, the names of it and of its array as SQL text, where it comes from, and its
    /// [`WireTypes`].
    ///
    /// ```
    /// use orm_core::types::{Extension, NamedType, WireTypes};
    /// use std::sync::LazyLock;
    ///
    /// static WIRE: LazyLock<WireTypes> = LazyLock::new(|| WireTypes::of("citext"));
    /// /// Its binary form is its text.
    /// static CITEXT: NamedType = NamedType::extension(
    ///     "citext",
    ///     ["citext", "citext[]"],
    ///     Extension {
    ///         name: Some("citext"),
    ///         to_text: |raw, out| Ok(out.push_str(std::str::from_utf8(raw)?)),
    ///     },
    ///     || &WIRE,
    /// );
    /// assert_eq!(CITEXT.name(), "citext");
    /// ```
    pub const fn extension(
        name: &'static str,
        quoted: [&'static str; 2],
        from: Extension,
        wire: fn() -> &'static WireTypes,
    ) -> Self {
        Self::new(name, quoted, TypeKind::Extension(from), wire)
    }

    /// The same with something else than a comma between the values in the text of an array, as the extension has said by `DELIMITER`.
    ///
    /// ```
    /// use orm_core::types::{Extension, NamedType, WireTypes};
    /// use std::sync::LazyLock;
    ///
    /// static WIRE: LazyLock<WireTypes> = LazyLock::new(|| WireTypes::of("cube"));
    /// let from = Extension { name: Some("cube"), to_text: |_, _| Err("not shown here".into()) };
    /// let cube = NamedType::extension("cube", ["cube", "cube[]"], from, || &WIRE).separated_by(':');
    /// assert_eq!(cube.name(), "cube");
    /// ```
    pub const fn separated_by(self, separator: char) -> Self {
        Self { separator, ..self }
    }

    pub(super) const fn separator(&self) -> char {
        match self.kind {
            TypeKind::Domain(domain) => domain.base.separator(),
            _ => self.separator,
        }
    }

    /// The schema that it is in; where it is `None`, the first one of the connection's `search_path` that has such a type.
    ///
    /// ```
    /// # use orm_core::types::DbEnum;
    /// #[derive(DbEnum, Clone, Debug)]
    /// #[db_enum(schema = "audit")]
    /// enum Mood { Calm, Loud }
    /// assert_eq!((Mood::TYPE.schema(), Mood::TYPE.name()), (Some("audit"), "mood"));
    /// ```
    pub const fn schema(&self) -> Option<&'static str> {
        self.schema
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it is.
    pub const fn kind(&self) -> &TypeKind {
        &self.kind
    }

    /// The labels of an enum, in their order; nothing for other types.
    pub const fn labels(&self) -> &'static [&'static str] {
        match self.kind {
            TypeKind::Enum(labels) => labels,
            _ => &[],
        }
    }

    /// The types that it is made of.
    pub(crate) fn parts(&self) -> Vec<SqlType> {
        match self.kind {
            TypeKind::Domain(domain) => vec![domain.base],
            TypeKind::Composite(fields) => fields.iter().map(|(_, ty)| *ty).collect(),
            TypeKind::Enum(_) | TypeKind::Extension(_) => Vec::new(),
        }
    }

    /// The name as SQL text, with its schema.
    pub(crate) const fn quoted(&self) -> &'static str {
        self.quoted
    }

    /// The name of the type of its arrays as SQL text.
    pub(super) const fn quoted_array(&self) -> &'static str {
        self.quoted_array
    }

    pub(super) fn wire(&self) -> &'static WireTypes {
        (self.wire)()
    }

    pub(super) fn travels_as_text(&self) -> bool {
        match self.kind {
            TypeKind::Domain(domain) => domain.base.travels_as_text(),
            TypeKind::Composite(_) => true,
            TypeKind::Enum(_) | TypeKind::Extension(_) => false,
        }
    }

    pub(super) fn reads(&self, ty: &Type) -> bool {
        let is_here = self.schema.is_none_or(|schema| schema == ty.schema());
        let is_own = ty.name() == self.name && is_here || is_named(ty) && ty.name() == self.quoted;
        match self.kind {
            // A text can, where a query made one of it.
            TypeKind::Enum(_) => *ty == Type::TEXT || is_own && matches!(ty.kind(), Kind::Enum(_)),
            TypeKind::Domain(domain) => domain.base.reads(ty),
            TypeKind::Composite(_) => {
                *ty == Type::RECORD || is_own && matches!(ty.kind(), Kind::Composite(_))
            }
            TypeKind::Extension(_) => is_own,
        }
    }
}

impl PartialEq for NamedType {
    fn eq(&self, other: &Self) -> bool {
        let is_same_kind = match (self.kind, other.kind) {
            (TypeKind::Enum(ours), TypeKind::Enum(theirs)) => ours == theirs,
            (TypeKind::Domain(ours), TypeKind::Domain(theirs)) => ours == theirs,
            (TypeKind::Composite(ours), TypeKind::Composite(theirs)) => ours == theirs,
            (TypeKind::Extension(ours), TypeKind::Extension(theirs)) => ours.name == theirs.name,
            _ => false,
        };
        (self.schema, self.name) == (other.schema, other.name) && is_same_kind
    }
}

impl Eq for NamedType {}

impl Hash for NamedType {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for NamedType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedType")
            .field("schema", &self.schema)
            .field("name", &self.name)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// The wire types of a type whose number only the database knows: their number is 0, and the server finds them by
/// the cast or column beside the value.
///
/// ```
/// use orm_core::types::WireTypes;
/// use std::sync::LazyLock;
/// static WIRE: LazyLock<WireTypes> = LazyLock::new(|| WireTypes::of("citext"));
/// ```
#[derive(Debug)]
pub struct WireTypes {
    pub(super) element: Type,
    pub(super) array: Type,
}

impl WireTypes {
    /// Of a type of an extension with this name, as SQL text.
    pub fn of(quoted: &str) -> Self {
        Self::with_kind(quoted, Kind::Simple)
    }

    #[doc(hidden)]
    pub fn of_enum(quoted: &str) -> Self {
        Self::with_kind(quoted, Kind::Enum(Vec::new()))
    }

    /// Values of a domain travel as those of its base, arrays of it as what they are.
    #[doc(hidden)]
    pub fn of_domain(quoted: &str, base: SqlType) -> Self {
        let Self { array, .. } = Self::with_kind(quoted, Kind::Domain(base.element()));
        Self { element: base.element(), array }
    }

    #[doc(hidden)]
    pub fn of_composite(quoted: &str, fields: &[(&'static str, SqlType)]) -> Self {
        let fields = fields.iter().map(|(name, ty)| Field::new((*name).to_owned(), ty.element()));
        Self::with_kind(quoted, Kind::Composite(fields.collect()))
    }

    fn with_kind(quoted: &str, kind: Kind) -> Self {
        let element = Type::new(quoted.to_owned(), 0, kind, String::new());
        let array = Kind::Array(element.clone());
        Self { element, array: Type::new(format!("{quoted}[]"), 0, array, String::new()) }
    }
}
