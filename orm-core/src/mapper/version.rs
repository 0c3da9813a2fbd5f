//! The versions of rows, and the columns that only the database or the flush may write.

use super::{ColumnDef, Mapper, ModelDef, Object, VersionDef};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{Expr, Param};
use crate::types::{AnyScalar, ColumnValue, ScalarType, SqlType};
use bytes::BytesMut;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

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
        _ => Param::of(&now()),
    }
}

/// The version after `version`: the next number, and after the last one the first there is; or a later time.
///
/// # Errors
/// [`Encode`](ErrorKind::Encode) for a value that is no version.
pub(crate) fn next_version(sql_type: SqlType, version: ColumnValue<'_>) -> Result<Param> {
    let ColumnValue::Value(version) = version else { return Ok(first_version(sql_type)) };
    Ok(match sql_type {
        SqlType::SmallInt => Param::of(&decode::<i16>(version)?.wrapping_add(1)),
        SqlType::Integer => Param::of(&decode::<i32>(version)?.wrapping_add(1)),
        SqlType::BigInt => Param::of(&decode::<i64>(version)?.wrapping_add(1)),
        _ => {
            let before = decode::<DateTime<Utc>>(version)?;
            Param::of(&now().max(before + TimeDelta::microseconds(1)))
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

/// Now, as exact as PostgreSQL keeps it.
fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// The value behind a column type of the user's.
fn decode<T: ScalarType>(value: &dyn AnyScalar) -> Result<T> {
    let mut bytes = BytesMut::new();
    let decoded = match value.encode(&mut bytes) {
        Ok(()) => T::from_wire(&value.sql_type().element(), &bytes),
        Err(error) => Err(error),
    };
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

    #[test]
    fn times_grow_where_the_clock_stands_still() {
        let ahead = now() + TimeDelta::days(1);
        let next = next_version(SqlType::TimestampTz, ColumnValue::Value(&ahead)).unwrap();
        assert_eq!(next, Param::of(&(ahead + TimeDelta::microseconds(1))));
    }
}
