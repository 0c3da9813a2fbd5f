//! Enums of the database: a type with a fixed list of labels.

use super::ScalarType;
use postgres_types::{Kind, Type};
use std::error::Error as StdError;
use std::hash::{Hash, Hasher};

/// A Rust enum whose values are the labels of an enum of the database: `#[derive(DbEnum)]`.
///
/// `create_all` makes the type before the tables, `drop_all` drops it after them. Labels are the names of the variants in snake case, and the
/// name of the type is that of the enum; `#[db_enum(name = "…")]` on the enum and `#[db_enum(rename = "…")]` on a variant say
/// otherwise. The database orders values as the enum lists them.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::types::DbEnum;
///
/// #[derive(DbEnum, Clone, Copy, Debug, PartialEq)]
/// #[db_enum(name = "order_status")]
/// pub enum Status {
///     New,
///     InPreparation,
///     #[db_enum(rename = "sent out")]
///     Sent,
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base, table = "orders")]
/// pub struct Order {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub status: Status,
///     pub before: Option<Status>,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// Order::builder().status(Status::InPreparation).build().insert(&engine).await?;
/// let open = select::<Order>().filter(Order::STATUS.lt(Status::Sent) & Order::BEFORE.is_null());
/// assert_eq!(open.fetch_one(&engine).await?.status, Status::InPreparation);
/// assert_eq!(Status::TYPE.labels(), ["new", "in_preparation", "sent out"]);
/// assert_eq!((Status::Sent.label(), Status::from_label("new")), ("sent out", Some(Status::New)));
/// assert_eq!(Status::VARIANTS.len(), 3);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no enum of the database",
    note = "add `#[derive(DbEnum)]` to it"
)]
pub trait DbEnum: ScalarType {
    /// The type in the database.
    const TYPE: &'static EnumType;
    /// All variants, in their order.
    const VARIANTS: &'static [Self];

    /// The value in the database.
    fn label(&self) -> &'static str;

    /// The variant of a label.
    fn from_label(label: &str) -> Option<Self> {
        Self::VARIANTS.iter().find(|variant| variant.label() == label).cloned()
    }
}

/// The type of a [`DbEnum`] in the database, as plain data.
///
/// ```
/// # use orm_core::types::DbEnum;
/// #[derive(DbEnum, Clone, Debug)]
/// enum TeaKind { Black, Green }
/// assert_eq!((TeaKind::TYPE.name(), TeaKind::TYPE.labels()), ("tea_kind", &["black", "green"][..]));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct EnumType {
    name: &'static str,
    quoted: &'static str,
    labels: &'static [&'static str],
    wire: fn() -> &'static WireTypes,
}

impl EnumType {
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        quoted: &'static str,
        labels: &'static [&'static str],
        wire: fn() -> &'static WireTypes,
    ) -> Self {
        Self { name, quoted, labels, wire }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its labels, in their order.
    pub const fn labels(&self) -> &'static [&'static str] {
        self.labels
    }

    /// The name as SQL text.
    pub(super) const fn quoted(&self) -> &'static str {
        self.quoted
    }

    pub(super) fn wire(&self) -> &'static WireTypes {
        (self.wire)()
    }
}

impl PartialEq for EnumType {
    fn eq(&self, other: &Self) -> bool {
        (self.name, self.labels) == (other.name, other.labels)
    }
}

impl Eq for EnumType {}

impl Hash for EnumType {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// The wire types of a type whose number only the database knows: their number is 0, and the server finds them by
/// the cast or column beside the value.
#[doc(hidden)]
#[derive(Debug)]
pub struct WireTypes {
    pub(super) element: Type,
    pub(super) array: Type,
}

impl WireTypes {
    /// Of a type with this name, as SQL text.
    pub fn of(quoted: &str) -> Self {
        let element = Type::new(quoted.to_owned(), 0, Kind::Enum(Vec::new()), String::new());
        let array = Kind::Array(element.clone());
        Self { element, array: Type::new(format!("{quoted}[]"), 0, array, String::new()) }
    }
}

/// Whether only the database knows the number of a type: values say it by a cast, and arrays travel as text.
pub(crate) fn is_named(ty: &Type) -> bool {
    ty.oid() == 0
}

/// The variant that came from the database.
#[doc(hidden)]
pub fn decode_label<E: DbEnum>(raw: &[u8]) -> Result<E, Box<dyn StdError + Sync + Send>> {
    let label = std::str::from_utf8(raw)?;
    E::from_label(label).ok_or_else(|| {
        let EnumType { name, labels, .. } = E::TYPE;
        format!("`{label}` of `{name}` is no variant; these are known: {}", labels.join(", ")).into()
    })
}

/// Whether values of the type can be read as this enum; a text can, where a query made one of it.
#[doc(hidden)]
pub fn accepts_enum(name: &str, ty: &Type) -> bool {
    is_named(ty) || *ty == Type::TEXT || matches!(ty.kind(), Kind::Enum(_)) && ty.name() == name
}
