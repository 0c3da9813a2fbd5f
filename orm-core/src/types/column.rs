//! Field types: a scalar, an optional scalar, or one that the database may fill.

use super::scalar::WireError;
use super::sql_type::without_domain;
use super::{AnyScalar, Auto, ScalarType, SqlType};
use postgres_types::{FromSql, Type};
use tokio_postgres::Row;

/// What a field of a model holds for one column, borrowed from the object.
///
/// ```
/// use orm_core::types::ColumnValue;
/// let (before, after) = (41, 42);
/// assert!(!ColumnValue::Value(&before).same_as(&ColumnValue::Value(&after)));
/// assert!(ColumnValue::Null.same_as(&ColumnValue::Null));
/// assert!(ColumnValue::Value(&before).same_as(&ColumnValue::NotLoaded));
/// assert_eq!(ColumnValue::Value(&after).to_json(), serde_json::json!(42));
/// ```
#[derive(Clone, Copy, Debug)]
pub enum ColumnValue<'a> {
    /// Nothing yet: the database's default applies.
    Unset,
    /// The database has a value that was not read.
    NotLoaded,
    /// The key of an object that is not in the database yet.
    Pending,
    /// `NULL`
    Null,
    /// A value.
    Value(&'a dyn AnyScalar),
}

impl ColumnValue<'_> {
    /// Whether writing `other` over `self` would change nothing. What is not loaded is not written over anything.
    pub fn same_as(&self, other: &ColumnValue<'_>) -> bool {
        match (self, other) {
            (_, ColumnValue::NotLoaded) => true,
            (Self::Unset, ColumnValue::Unset) | (Self::Null, ColumnValue::Null) => true,
            (Self::Value(a), ColumnValue::Value(b)) => a.same_as(*b),
            _ => false,
        }
    }

    /// JSON of the value; what is not there is `null`.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Value(value) => value.json(),
            _ => serde_json::Value::Null,
        }
    }
}

/// A type that a plain field of a model can have.
///
/// Implemented for every [`ScalarType`], for `Option` and [`Auto`] of one, and for [`Deferred`](super::Deferred) of those. Own column types
/// implement [`ScalarType`] and get this for free.
///
/// ```
/// use orm_core::types::{Auto, ColumnType, ColumnValue, SqlType};
/// assert_eq!((<Option<i32>>::SQL, <Option<i32>>::NULLABLE), (SqlType::Integer, true));
/// assert!(matches!(None::<i32>.value(), ColumnValue::Null));
/// assert_eq!(i32::from_scalar(None), None); // `NULL` does not fit
/// type Both = <Option<i32> as ColumnType>::With<i64>; // the sum of a column that can be `NULL` and one that cannot
/// assert_eq!(Both::from_scalar(None), Some(None));
/// let mut id = Auto::Set(7_i64);
/// id.unset();
/// assert!(<Auto<i64>>::AUTO && !id.is_set());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in a column",
    label = "not a column type",
    note = "columns are `bool`, `i16`, `i32`, `i64`, `f32`, `f64`, `String`, `Vec<u8>`, the types in `orm_core::types`, and a `Vec` (an array), `Option` or `Auto` of one",
    note = "features of `orm-core` bring the types of the crates `chrono`, `uuid` and `serde_json` (on by default), `time`, `jiff`, `rust_decimal`, `bigdecimal`, `ipnetwork`, `bit-vec`, `url`, `geo-types` and `pgvector`",
    note = "for a type of your own there are `#[derive(ScalarType)]`, `#[derive(DbEnum)]`, `#[derive(Composite)]`, and `Jsonb<…>` of one that serde reads and writes",
    note = "for a relation use `BelongsTo<…>`, `HasMany<…>`, `HasOne<…>` or `ManyToMany<…>` with the attribute of that name"
)]
pub trait ColumnType: Sized + Send {
    /// The type of one value, without `Option` or `Auto`.
    type Scalar: ScalarType;
    /// What a query for this column gives: the scalar, or an `Option` of it.
    type Fetched: ColumnType<Scalar = Self::Scalar>;
    /// What the database makes of a value of this type and a `G`: the scalar of `G`, or an `Option` of it where one of the two can
    /// be `NULL`.
    type With<G: ColumnType>: ColumnType<Scalar = G::Scalar>;
    /// Whether the column accepts `NULL`.
    const NULLABLE: bool;
    /// Whether the database may fill the column.
    const AUTO: bool;
    /// Whether queries leave the column out unless they are told otherwise.
    const DEFERRED: bool = false;
    /// The type of the column.
    const SQL: SqlType = <Self::Scalar as ScalarType>::SQL;

    /// The value as the flush sees it.
    fn value(&self) -> ColumnValue<'_>;

    /// The field for a decoded value; `None` is `NULL`, and gives `None` where `NULL` is not allowed.
    fn from_scalar(value: Option<Self::Scalar>) -> Option<Self>;

    /// The field for a column that was not read; only [`Deferred`](super::Deferred) has one.
    fn not_loaded() -> Option<Self> {
        None
    }

    /// Back to "the database fills it"; only [`Auto`] can.
    fn unset(&mut self) {}
}

#[diagnostic::do_not_recommend]
impl<T: ScalarType> ColumnType for T {
    type Scalar = T;
    type Fetched = T;
    type With<G: ColumnType> = G::Fetched;
    const NULLABLE: bool = false;
    const AUTO: bool = false;

    fn value(&self) -> ColumnValue<'_> {
        ColumnValue::Value(self)
    }

    fn from_scalar(value: Option<T>) -> Option<Self> {
        value
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScalarType> ColumnType for Option<T> {
    type Scalar = T;
    type Fetched = Self;
    type With<G: ColumnType> = Option<G::Scalar>;
    const NULLABLE: bool = true;
    const AUTO: bool = false;

    fn value(&self) -> ColumnValue<'_> {
        match self {
            Some(value) => ColumnValue::Value(value),
            None => ColumnValue::Null,
        }
    }

    fn from_scalar(value: Option<T>) -> Option<Self> {
        Some(value)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScalarType> ColumnType for Auto<T> {
    type Scalar = T;
    type Fetched = T;
    type With<G: ColumnType> = G::Fetched;
    const NULLABLE: bool = false;
    const AUTO: bool = true;

    fn value(&self) -> ColumnValue<'_> {
        match self {
            Self::Set(value) => ColumnValue::Value(value),
            Self::Unset => ColumnValue::Unset,
        }
    }

    fn from_scalar(value: Option<T>) -> Option<Self> {
        value.map(Self::Set)
    }

    fn unset(&mut self) {
        *self = Self::Unset;
    }
}

/// Reads field `F` from column `at` of a row.
///
/// # Errors
/// A column that is missing, of another type, or `NULL` where the field cannot be.
pub(crate) fn read_column<F: ColumnType>(row: &Row, at: usize) -> Result<F, WireError> {
    read_column_into(row, at, F::from_scalar)
}

/// The same of a field that is made by a function.
///
/// # Errors
/// As [`read_column`].
pub(crate) fn read_column_into<T: ScalarType, F>(
    row: &Row,
    at: usize,
    from_scalar: impl FnOnce(Option<T>) -> Option<F>,
) -> Result<F, WireError> {
    let value =
        read_scalar(row, at).map_err(|error| not_read::<T>(row, at).unwrap_or_else(|| error.into()))?;
    from_scalar(value).ok_or_else(|| "NULL in a column that cannot be NULL".into())
}

/// In the words of SQL, that the column is of a type that `T` does not read.
fn not_read<T: ScalarType>(row: &Row, at: usize) -> Option<WireError> {
    let found = row.columns().get(at)?.type_();
    let wanted = <T as ScalarType>::SQL.name();
    (!T::reads(found))
        .then(|| format!("it is of type `{found}`, and a value of type `{wanted}` is asked for").into())
}

/// Reads a value of column `at` of a row; `None` is `NULL`.
///
/// # Errors
/// A column that is missing or of another type, and a value that the type cannot say.
pub(crate) fn read_scalar<T: ScalarType>(row: &Row, at: usize) -> Result<Option<T>, tokio_postgres::Error> {
    struct Wire<T>(T);
    impl<'a, T: ScalarType> FromSql<'a> for Wire<T> {
        fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, WireError> {
            let ty = if T::SQL.is_plainly(ty) { ty } else { without_domain(ty) };
            T::from_wire(ty, raw).map(Self)
        }

        fn accepts(ty: &Type) -> bool {
            T::reads(ty)
        }
    }
    Ok(row.try_get::<_, Option<Wire<T>>>(at)?.map(|wire| wire.0))
}

/// Whether column `at` of a row is `NULL`, whatever its type.
pub(crate) fn is_null(row: &Row, at: usize) -> bool {
    struct Something;
    impl<'a> FromSql<'a> for Something {
        fn from_sql(_: &Type, _: &'a [u8]) -> Result<Self, WireError> {
            Ok(Self)
        }

        fn accepts(_: &Type) -> bool {
            true
        }
    }
    matches!(row.try_get::<_, Option<Something>>(at), Ok(None))
}
