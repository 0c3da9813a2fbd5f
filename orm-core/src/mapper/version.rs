//! The versions of rows, and the columns that only the database or the flush may write.

use super::{ColumnDef, Mapper, ModelDef, Object, VersionDef};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{Expr, Param};
use crate::types::{AnyScalar, ColumnValue, ScalarType, SqlType, WireError, finite_micros, micros_of_now};
use bytes::{Bytes, BytesMut};
use postgres_types::Type;

impl ColumnDef {
    /// Whether INSERT and UPDATE can give the column a value.
    pub(crate) fn is_given(&self) -> bool {
        self.generated.is_none() && self.version != Some(VersionDef::System)
    }
}

/// The version of a new row.
pub(crate) fn first_version(sql_type: SqlType) -> Param {
    match sql_type {
        SqlType::SmallInt => Param::of(&1_i16),
        SqlType::Integer => Param::of(&1_i32),
        SqlType::BigInt => Param::of(&1_i64),
        _ => moment(micros_of_now()),
    }
}

/// The version after `version`: the next number, and after the last one the first there is; or a later time.
///
/// # Errors
/// [`Encode`](ErrorKind::Encode) for a value that is no version.
pub(crate) fn next_version(sql_type: SqlType, version: ColumnValue<'_>) -> Result<Param> {
    let ColumnValue::Value(version) = version else { return Ok(first_version(sql_type)) };
    Ok(match sql_type {
        SqlType::SmallInt => Param::of(&number::<i16>(version)?.wrapping_add(1)),
        SqlType::Integer => Param::of(&number::<i32>(version)?.wrapping_add(1)),
        SqlType::BigInt => Param::of(&number::<i64>(version)?.wrapping_add(1)),
        _ => {
            let before = decode(version, |_, raw| finite_micros(raw))?;
            moment(micros_of_now().max(before.saturating_add(1)))
        }
    })
}

/// What the version columns become that the flush writes.
pub(crate) fn next_versions(mapper: &Mapper) -> impl Iterator<Item = (&'static str, Expr)> {
    let written = mapper.def.columns.iter().filter(|column| column.version == Some(VersionDef::Written));
    written.map(|column| {
        let first = Expr::Bind(first_version(column.sql_type));
        let value = match column.sql_type {
            SqlType::TimestampTz => first,
            _ => Expr::Binary { op: "+", left: Box::new(Expr::Column(column.name)), right: Box::new(first) },
        };
        (column.name, value)
    })
}

/// A point in time, in microseconds since 2000: the type that the field has for it is none of ours.
fn moment(micros: i64) -> Param {
    Param::encoded(SqlType::TimestampTz, Some(Bytes::copy_from_slice(&micros.to_be_bytes())))
}

/// The number behind a column type of the user's.
fn number<T: ScalarType>(value: &dyn AnyScalar) -> Result<T> {
    decode(value, T::from_wire)
}

/// What is read of the binary form of a value.
fn decode<T>(value: &dyn AnyScalar, read: impl FnOnce(&Type, &[u8]) -> Result<T, WireError>) -> Result<T> {
    let mut bytes = BytesMut::new();
    let encoded = value.encode(&mut bytes);
    let decoded = encoded.and_then(|()| read(&value.sql_type().element(), &bytes));
    decoded.map_err(|source| Error::encode("a version", source))
}

/// Refuses values that the program wrote into columns which are not its own; `original` is the object as the database
/// has it.
///
/// # Errors
/// [`ReadOnly`](ErrorKind::ReadOnly)
pub(crate) fn refuse_written(object: &dyn Object, original: Option<&dyn Object>) -> Result<()> {
    let def = object.def();
    for (index, column) in def.columns.iter().enumerate() {
        let written = match original {
            Some(_) if column.is_given() && column.version.is_none() => false,
            Some(original) => !original.column(index).same_as(&object.column(index)),
            None if column.is_given() => false,
            None => !matches!(object.column(index), ColumnValue::Unset),
        };
        if written {
            return Err(read_only(def, column));
        }
    }
    Ok(())
}

/// The error of a write into a column that is not the program's.
pub(crate) fn read_only(def: &ModelDef, column: &ColumnDef) -> Error {
    let (model, field) = (def.name, column.field);
    let why = match (column.generated, column.version) {
        (Some(expression), _) => {
            format!("`{field}` of a `{model}` is computed by the database ({expression}): leave it as it is")
        }
        (None, Some(_)) => {
            format!("`{field}` of a `{model}` is its version, which the flush makes: leave it as it is")
        }
        (None, None) => format!("`{field}` of a `{model}` cannot be written this way"),
    };
    Error::new(ErrorKind::ReadOnly, why).with_model(model).with_columns(vec![column.name.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_grow_without_end() {
        let next = |value: i16| next_version(SqlType::SmallInt, ColumnValue::Value(&value)).unwrap();
        assert_eq!(next(1).to_string(), "2");
        assert_eq!(next(i16::MAX).to_string(), i16::MIN.to_string());
    }

    /// A point in time, in microseconds since 2000.
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct At(i64);

    impl ScalarType for At {
        const SQL: SqlType = SqlType::TimestampTz;

        fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
            self.0.to_wire(out)
        }

        fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
            i64::from_wire(ty, raw).map(Self)
        }

        fn same(&self, other: &Self) -> bool {
            self == other
        }

        fn to_json(&self) -> serde_json::Value {
            self.0.into()
        }
    }

    #[test]
    fn times_grow_where_the_clock_stands_still() {
        let next = |at: i64| next_version(SqlType::TimestampTz, ColumnValue::Value(&At(at)));
        let ahead = micros_of_now() + 86_400_000_000;
        assert_eq!(next(ahead).unwrap(), Param::of(&At(ahead + 1)));
        let behind = micros_of_now();
        let now = next(0).unwrap();
        assert!((behind..=micros_of_now()).any(|micros| now == Param::of(&At(micros))));
        assert!(next(i64::MAX).is_err(), "no version comes behind infinity");
    }
}
