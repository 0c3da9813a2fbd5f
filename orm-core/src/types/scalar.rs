//! Rust types that are one value of a column.

use super::SqlType;
use bytes::BytesMut;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use postgres_types::{FromSql, IsNull, ToSql};
use serde_json::{Value as Json, json};
use std::any::Any;
use std::error::Error as StdError;
use std::fmt::{Debug, Write};
use uuid::Uuid;

/// A Rust type that is stored as one non-null value.
///
/// The codec is that of [`postgres_types`]; this trait adds which [`SqlType`] a column of it has,
/// when two values count as the same for the flush, and how a value looks in JSON.
///
/// `Option<T>` and [`Auto<T>`](crate::types::Auto) of such a type can be fields of a model as well.
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
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut tea = Tea::builder().name("Earl Grey").price(Cents(390)).build();
/// tea.insert(&engine).await?;
/// let found = select::<Tea>().filter(Tea::PRICE.gt(Cents(100)) & Tea::REDUCED.is_null()).fetch_one(&engine).await?;
/// assert_eq!(found.price, Cents(390));
/// # Ok(()) }
/// ```
///
/// An enum without data is one by `#[derive(DbEnum)]`, see [`DbEnum`](super::DbEnum). Any other type takes its codec from
/// [`postgres_types`] and says the rest itself:
///
/// ```
/// use bytes::BytesMut;
/// use orm_core::types::{ScalarType, SqlType};
/// use postgres_types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
/// use std::error::Error;
/// use std::net::Ipv4Addr;
///
/// /// A `bigint` of the database.
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// pub struct Address(pub Ipv4Addr);
///
/// impl ScalarType for Address {
///     const SQL: SqlType = SqlType::BigInt;
///     fn same(&self, other: &Self) -> bool {
///         self == other
///     }
///     fn to_json(&self) -> serde_json::Value {
///         self.0.to_string().into()
///     }
/// }
///
/// impl<'a> FromSql<'a> for Address {
///     fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
///         Ok(Self(u32::try_from(i64::from_sql(ty, raw)?)?.into()))
///     }
///
///     fn accepts(ty: &Type) -> bool {
///         <i64 as FromSql<'_>>::accepts(ty)
///     }
/// }
///
/// impl ToSql for Address {
///     fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
///         i64::from(u32::from(self.0)).to_sql(ty, out)
///     }
///
///     fn accepts(ty: &Type) -> bool {
///         <i64 as ToSql>::accepts(ty)
///     }
///
///     to_sql_checked!();
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in a column",
    label = "not a column type",
    note = "columns are `bool`, `i16`, `i32`, `i64`, `f32`, `f64`, `String`, `Vec<u8>`, dates and times, `Uuid` or `Json`, or an `Option` or `Auto` of one; for a type of your own `#[derive(ScalarType)]` or `#[derive(DbEnum)]`",
    note = "for a relation use `BelongsTo<…>`, `HasMany<…>`, `HasOne<…>` or `ManyToMany<…>` with the attribute of that name"
)]
pub trait ScalarType: ToSql + for<'a> FromSql<'a> + Clone + Debug + Send + Sync + 'static {
    /// The column type.
    const SQL: SqlType;

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
    fn encode(&self, out: &mut BytesMut) -> Result<(), Box<dyn StdError + Sync + Send>>;
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
    fn encode(&self, out: &mut BytesMut) -> Result<(), Box<dyn StdError + Sync + Send>> {
        match self.to_sql(&T::SQL.element(), out)? {
            IsNull::No => Ok(()),
            IsNull::Yes => Err("a scalar encoded itself as NULL".into()),
        }
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

macro_rules! scalar {
    ($($ty:ty = $sql:ident, $v:ident => $json:expr;)*) => {$(
        impl ScalarType for $ty {
            const SQL: SqlType = SqlType::$sql;
            fn same(&self, other: &Self) -> bool {
                self == other
            }
            fn to_json(&self) -> Json {
                let $v = self;
                $json
            }
        }
    )*};
}

scalar! {
    bool = Boolean, v => json!(v);
    i16 = SmallInt, v => json!(v);
    i32 = Integer, v => json!(v);
    i64 = BigInt, v => json!(v);
    String = Text, v => json!(v);
    Vec<u8> = Bytea, v => json!(hex(v));
    NaiveDate = Date, v => json!(v.to_string());
    NaiveTime = Time, v => json!(v.to_string());
    NaiveDateTime = Timestamp, v => json!(v.format("%Y-%m-%dT%H:%M:%S%.f").to_string());
    DateTime<Utc> = TimestampTz, v => json!(v.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
    Uuid = Uuid, v => json!(v.to_string());
    Json = Jsonb, v => v.clone();
}

/// Floats compare by their bits: `NaN` stays `NaN` without an update, and `-0.0` is not `0.0`.
macro_rules! float {
    ($($ty:ty = $sql:ident;)*) => {$(
        impl ScalarType for $ty {
            const SQL: SqlType = SqlType::$sql;
            fn same(&self, other: &Self) -> bool {
                self.to_bits() == other.to_bits()
            }
            fn to_json(&self) -> Json {
                json!(self)
            }
        }
    )*};
}

float! {
    f32 = Real;
    f64 = DoublePrecision;
}

/// The text form of `bytea`: `\x` and two digits a byte.
fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 + bytes.len() * 2);
    text.push_str("\\x");
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
