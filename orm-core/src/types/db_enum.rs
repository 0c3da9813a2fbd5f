//! Enums of the database: a type with a fixed list of labels.

use super::scalar::WireError;
use super::{NamedType, ScalarType};

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
    const TYPE: &'static NamedType;
    /// All variants, in their order.
    const VARIANTS: &'static [Self];

    /// The value in the database.
    fn label(&self) -> &'static str;

    /// The variant of a label.
    fn from_label(label: &str) -> Option<Self> {
        Self::VARIANTS.iter().find(|variant| variant.label() == label).cloned()
    }
}

/// The variant that came from the database.
#[doc(hidden)]
pub fn decode_label<E: DbEnum>(raw: &[u8]) -> Result<E, WireError> {
    let label = std::str::from_utf8(raw)?;
    E::from_label(label).ok_or_else(|| {
        let (name, known) = (E::TYPE.name(), E::TYPE.labels().join(", "));
        format!("`{label}` of `{name}` is no variant; these are known: {known}").into()
    })
}
