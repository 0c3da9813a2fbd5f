//! Rust types that are one value of a column.

use super::SqlType;
use bytes::BytesMut;
use postgres_types::Type;
use serde_json::Value as Json;
use std::any::Any;
use std::error::Error as StdError;
use std::fmt::Debug;

/// Why a value has no binary form, or why bytes are no value.
pub type WireError = Box<dyn StdError + Sync + Send>;

/// A Rust type that is stored as one non-null value.
///
/// It says which [`SqlType`] a column of it has, what a value looks like on the wire and in JSON, and when two values count as
/// the same for the flush.
///
/// `Option<T>` and [`Auto<T>`](crate::types::Auto) of such a type can be fields of a model as well, and `Vec<T>` and `Vec<Option<T>>` are
/// arrays of it.
///
/// A type of your own with one field is one by `#[derive(ScalarType)]`:
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(ScalarType, Clone, Copy, Debug, PartialEq)]
/// pub struct Cents(pub i64);
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Tea {
///     #[model(primary_key)]
///     pub name: String,
///     pub price: Cents,
///     pub reduced: Option<Cents>,
///     pub earlier: Vec<Cents>, // bigint[]
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut tea = Tea::builder().name("Earl Grey").price(Cents(390)).earlier(vec![Cents(350)]).build();
/// tea.insert(&engine).await?;
/// let found = select::<Tea>().filter(Tea::PRICE.gt(Cents(100)) & Tea::REDUCED.is_null()).fetch_one(&engine).await?;
/// assert_eq!((found.price, found.earlier), (Cents(390), vec![Cents(350)]));
/// # Ok(()) }
/// ```
///
/// An enum without data is one by `#[derive(DbEnum)]`, see [`DbEnum`](super::DbEnum). Any other type says in terms of a type that
/// there is what it is in the database:
///
/// ```
/// use bytes::BytesMut;
/// use orm_core::types::{ScalarType, SqlType, WireError};
/// use postgres_types::Type;
/// use std::net::Ipv4Addr;
///
/// /// A `bigint` of the database.
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// pub struct Address(pub Ipv4Addr);
///
/// impl ScalarType for Address {
///     const SQL: SqlType = SqlType::BigInt;
///
///     fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
///         i64::from(u32::from(self.0)).to_wire(out)
///     }
///
///     fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
///         Ok(Self(u32::try_from(i64::from_wire(ty, raw)?)?.into()))
///     }
///
///     fn same(&self, other: &Self) -> bool {
///         self == other
///     }
///
///     fn to_json(&self) -> serde_json::Value {
///         self.0.to_string().into()
///     }
/// }
/// ```
///
/// A type with a codec of [`postgres_types`] calls `self.to_sql(&Self::SQL.element(), out)` and `Self::from_sql(ty, raw)` there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in a column",
    label = "not a column type",
    note = "columns are `bool`, `i16`, `i32`, `i64`, `f32`, `f64`, `String`, `Vec<u8>`, the types in `orm_core::types`, and a `Vec` (an array), `Option` or `Auto` of one",
    note = "features of `orm-core` bring the types of the crates `chrono`, `uuid` and `serde_json` (on by default), `time`, `jiff`, `rust_decimal`, `bigdecimal`, `ipnetwork`, `bit-vec`, `url`, `geo-types` and `pgvector`",
    note = "for a type of your own there are `#[derive(ScalarType)]`, `#[derive(DbEnum)]` and `#[derive(Composite)]`",
    note = "for a relation use `BelongsTo<…>`, `HasMany<…>`, `HasOne<…>` or `ManyToMany<…>` with the attribute of that name"
)]
pub trait ScalarType: Clone + Debug + Send + Sync + 'static {
    /// The column type.
    const SQL: SqlType;

    /// Appends the binary form of a value of [`SQL`](Self::SQL).
    ///
    /// # Errors
    /// When the value has none.
    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError>;

    /// The value of a binary form; `ty` is what the database calls its type.
    ///
    /// # Errors
    /// Bytes that are no such value, or one that this type cannot say.
    fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError>;

    /// Whether values that the database calls so can be read.
    fn reads(ty: &Type) -> bool {
        Self::SQL.reads(ty)
    }

    /// Whether writing `other` over `self` would change nothing in the database.
    fn same(&self, other: &Self) -> bool;

    /// The value in JSON: numbers, booleans and JSON as themselves, everything else as its usual text.
    fn to_json(&self) -> Json;
}

/// [`ScalarType`] without its type, for code that handles columns of any type.
///
/// ```
/// use orm_core::types::{AnyScalar, SqlType};
/// let row: [&dyn AnyScalar; 2] = [&7_i64, &"Tea".to_owned()];
/// assert_eq!(row.map(|value| value.sql_type()), [SqlType::BigInt, SqlType::Text]);
/// assert_eq!(row.map(|value| value.json().to_string()), ["7", "\"Tea\""]);
/// assert!(row[0].same_as(&7_i64) && !row[0].same_as(&7_i32));
/// assert_eq!(row[0].as_any().downcast_ref::<i64>(), Some(&7));
/// let mut bytes = bytes::BytesMut::new();
/// row[1].encode(&mut bytes).unwrap();
/// assert_eq!(&bytes[..], b"Tea");
/// ```
pub trait AnyScalar: Debug + Send + Sync {
    /// Appends the binary form of the value.
    ///
    /// # Errors
    /// When the value has no binary form.
    fn encode(&self, out: &mut BytesMut) -> Result<(), WireError>;
    /// [`ScalarType::same`]; values of different types are never the same.
    fn same_as(&self, other: &dyn AnyScalar) -> bool;
    /// [`ScalarType::to_json`]
    fn json(&self) -> Json;
    /// [`ScalarType::SQL`]
    fn sql_type(&self) -> SqlType;
    /// For downcasts.
    fn as_any(&self) -> &dyn Any;
}

impl<T: ScalarType> AnyScalar for T {
    fn encode(&self, out: &mut BytesMut) -> Result<(), WireError> {
        self.to_wire(out)
    }

    fn same_as(&self, other: &dyn AnyScalar) -> bool {
        other.as_any().downcast_ref::<T>().is_some_and(|o| self.same(o))
    }

    fn json(&self) -> Json {
        self.to_json()
    }

    fn sql_type(&self) -> SqlType {
        T::SQL
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
