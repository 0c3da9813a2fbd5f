//! The PostgreSQL types that columns can have.

use super::EnumType;
use postgres_types::Type;
use std::fmt;

/// A column type of PostgreSQL, as plain data.
///
/// The name is the one that `CREATE TABLE` uses; [`SqlType::element`] and [`SqlType::array`]
/// are the wire types of one value and of a batch of values.
///
/// ```
/// use orm_core::types::SqlType;
/// assert_eq!(SqlType::BigInt.to_string(), "bigint");
/// assert_eq!(SqlType::TimestampTz.name(), "timestamptz");
/// assert_eq!((SqlType::Text.element().name(), SqlType::Text.array().name()), ("text", "_text"));
/// assert!(SqlType::SmallInt.is_integer() && !SqlType::Uuid.is_integer());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum SqlType {
    /// `boolean`
    Boolean,
    /// `smallint`, 16 bits
    SmallInt,
    /// `integer`, 32 bits
    Integer,
    /// `bigint`, 64 bits
    BigInt,
    /// `real`, 32-bit IEEE float
    Real,
    /// `double precision`, 64-bit IEEE float
    DoublePrecision,
    /// `text`; with a `length` on the column `varchar(length)`
    Text,
    /// `bytea`
    Bytea,
    /// `date`
    Date,
    /// `time` without time zone
    Time,
    /// `timestamp` without time zone, microseconds
    Timestamp,
    /// `timestamptz`, microseconds
    TimestampTz,
    /// `uuid`
    Uuid,
    /// `jsonb`
    Jsonb,
    /// `xid`, the number of a transaction
    Xid,
    /// An enum of the database.
    Enum(&'static EnumType),
}

impl SqlType {
    /// The name in DDL and casts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::SmallInt => "smallint",
            Self::Integer => "integer",
            Self::BigInt => "bigint",
            Self::Real => "real",
            Self::DoublePrecision => "double precision",
            Self::Text => "text",
            Self::Bytea => "bytea",
            Self::Date => "date",
            Self::Time => "time",
            Self::Timestamp => "timestamp",
            Self::TimestampTz => "timestamptz",
            Self::Uuid => "uuid",
            Self::Jsonb => "jsonb",
            Self::Xid => "xid",
            Self::Enum(ty) => ty.quoted(),
        }
    }

    /// The wire type of one value.
    pub fn element(self) -> Type {
        match self {
            Self::Boolean => Type::BOOL,
            Self::SmallInt => Type::INT2,
            Self::Integer => Type::INT4,
            Self::BigInt => Type::INT8,
            Self::Real => Type::FLOAT4,
            Self::DoublePrecision => Type::FLOAT8,
            Self::Text => Type::TEXT,
            Self::Bytea => Type::BYTEA,
            Self::Date => Type::DATE,
            Self::Time => Type::TIME,
            Self::Timestamp => Type::TIMESTAMP,
            Self::TimestampTz => Type::TIMESTAMPTZ,
            Self::Uuid => Type::UUID,
            Self::Jsonb => Type::JSONB,
            Self::Xid => Type::XID,
            Self::Enum(ty) => ty.wire().element.clone(),
        }
    }

    /// The wire type of a batch of values.
    pub fn array(self) -> Type {
        match self {
            Self::Boolean => Type::BOOL_ARRAY,
            Self::SmallInt => Type::INT2_ARRAY,
            Self::Integer => Type::INT4_ARRAY,
            Self::BigInt => Type::INT8_ARRAY,
            Self::Real => Type::FLOAT4_ARRAY,
            Self::DoublePrecision => Type::FLOAT8_ARRAY,
            Self::Text => Type::TEXT_ARRAY,
            Self::Bytea => Type::BYTEA_ARRAY,
            Self::Date => Type::DATE_ARRAY,
            Self::Time => Type::TIME_ARRAY,
            Self::Timestamp => Type::TIMESTAMP_ARRAY,
            Self::TimestampTz => Type::TIMESTAMPTZ_ARRAY,
            Self::Uuid => Type::UUID_ARRAY,
            Self::Jsonb => Type::JSONB_ARRAY,
            Self::Xid => Type::XID_ARRAY,
            Self::Enum(ty) => ty.wire().array.clone(),
        }
    }

    /// The type whose values have this wire type, of those that every database has.
    pub(crate) fn of_element(ty: &Type) -> Option<Self> {
        const ALL: [SqlType; 15] = [
            SqlType::Boolean,
            SqlType::SmallInt,
            SqlType::Integer,
            SqlType::BigInt,
            SqlType::Real,
            SqlType::DoublePrecision,
            SqlType::Text,
            SqlType::Bytea,
            SqlType::Date,
            SqlType::Time,
            SqlType::Timestamp,
            SqlType::TimestampTz,
            SqlType::Uuid,
            SqlType::Jsonb,
            SqlType::Xid,
        ];
        ALL.into_iter().find(|sql_type| sql_type.element() == *ty)
    }

    /// Whether PostgreSQL can fill such a column from a sequence.
    pub const fn is_integer(self) -> bool {
        matches!(self, Self::SmallInt | Self::Integer | Self::BigInt)
    }
}

impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
