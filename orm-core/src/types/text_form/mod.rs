//! The text of values that are given in binary form, as PostgreSQL reads it.
//!
//! Values travel in binary form. Where that needs numbers of types that only the database knows (composites, arrays of enums), or
//! where arrays stand inside of arrays (a batch of them), they travel as text. What a setting of the server could
//! read in two ways is written so that it has one meaning, or is an error.

mod collections;
mod geometry;
mod numbers;
mod search;
mod times;

use super::array::Reader;
use super::scalar::WireError;
use super::{SqlType, TypeKind, basic};
use std::fmt::Write;

pub(crate) use numbers::push_numeric;
pub(crate) use search::{push_tsquery, push_tsvector};

/// Appends the text of a value of this type.
///
/// # Errors
/// Bytes that are no such value, and one whose text depends on the server.
pub(crate) fn push_text(ty: SqlType, raw: &[u8], out: &mut String) -> Result<(), WireError> {
    match ty {
        SqlType::Array(_) => collections::push_array(ty.item(), raw, out),
        SqlType::Named(named) => match *named.kind() {
            TypeKind::Enum(_) => push_str(raw, out),
            TypeKind::Domain(domain) => push_text(domain.base, raw, out),
            TypeKind::Composite(fields) => collections::push_record(fields, raw, out),
            TypeKind::Extension(from) => (from.to_text)(raw, out),
        },
        SqlType::Int4Range => collections::push_range(SqlType::Integer, raw, out),
        SqlType::Int8Range => collections::push_range(SqlType::BigInt, raw, out),
        SqlType::NumRange => collections::push_range(SqlType::Numeric, raw, out),
        SqlType::TsRange => collections::push_range(SqlType::Timestamp, raw, out),
        SqlType::TsTzRange => collections::push_range(SqlType::TimestampTz, raw, out),
        SqlType::DateRange => collections::push_range(SqlType::Date, raw, out),
        SqlType::Int4MultiRange => collections::push_multirange(SqlType::Integer, raw, out),
        SqlType::Int8MultiRange => collections::push_multirange(SqlType::BigInt, raw, out),
        SqlType::NumMultiRange => collections::push_multirange(SqlType::Numeric, raw, out),
        SqlType::TsMultiRange => collections::push_multirange(SqlType::Timestamp, raw, out),
        SqlType::TsTzMultiRange => collections::push_multirange(SqlType::TimestampTz, raw, out),
        SqlType::DateMultiRange => collections::push_multirange(SqlType::Date, raw, out),
        single => push_single(single, Reader(raw), out),
    }
}

fn push_single(ty: SqlType, mut raw: Reader<'_>, out: &mut String) -> Result<(), WireError> {
    let bytes = raw.0;
    match ty {
        SqlType::Boolean => out.push(if raw.take(1)? == [0] { 'f' } else { 't' }),
        SqlType::SmallInt => write!(out, "{}", i16::from_be_bytes(raw.take(2)?.try_into()?))?,
        SqlType::Integer => write!(out, "{}", raw.int()?)?,
        SqlType::BigInt => write!(out, "{}", raw.long()?)?,
        SqlType::Oid | SqlType::Xid => write!(out, "{}", raw.int()?.cast_unsigned())?,
        SqlType::Real => {
            let value = raw.float()?;
            numbers::push_float(value.into(), out, || value.to_string());
        }
        SqlType::DoublePrecision => {
            let value = raw.double()?;
            numbers::push_float(value, out, || value.to_string());
        }
        SqlType::Numeric => push_numeric(raw, out)?,
        SqlType::Money => {
            return Err(
                "`money` cannot be sent as text, as in a batch of arrays: what it says depends on the server"
                    .into(),
            );
        }
        SqlType::Text | SqlType::Json | SqlType::Xml => push_str(bytes, out)?,
        SqlType::Jsonb => push_str(bytes.strip_prefix(&[1]).ok_or("another version of `jsonb`")?, out)?,
        SqlType::Char => numbers::push_char(raw.take(1)?[0], out)?,
        SqlType::Bytea => out.push_str(&basic::hex(bytes)),
        SqlType::Date => times::push_date(raw.int()?, out)?,
        SqlType::Time => times::push_time(raw.long()?, out)?,
        SqlType::TimeTz => times::push_timetz(raw.long()?, raw.int()?, out)?,
        SqlType::Timestamp => times::push_timestamp(raw.long()?, "", out)?,
        SqlType::TimestampTz => times::push_timestamp(raw.long()?, "+00", out)?,
        SqlType::Interval => times::push_interval(raw.long()?, raw.int()?, raw.int()?, out)?,
        SqlType::Uuid => numbers::push_uuid(bytes.try_into()?, out)?,
        SqlType::VarBit => numbers::push_bits(raw, out)?,
        SqlType::Inet | SqlType::Cidr => numbers::push_address(raw, out)?,
        SqlType::MacAddr | SqlType::MacAddr8 => numbers::push_mac(bytes, out)?,
        SqlType::Point | SqlType::Line | SqlType::Lseg | SqlType::Box => {
            geometry::push_geometric(ty, raw, out)?;
        }
        SqlType::Path | SqlType::Polygon | SqlType::Circle => geometry::push_geometric(ty, raw, out)?,
        SqlType::Xid8 => write!(out, "{}", raw.long()?.cast_unsigned())?,
        SqlType::PgLsn => write!(out, "{:X}/{:X}", raw.int()?, raw.int()?)?,
        SqlType::PgSnapshot => numbers::push_snapshot(raw, out)?,
        SqlType::JsonPath => push_str(bytes.strip_prefix(&[1]).ok_or("another version of `jsonpath`")?, out)?,
        SqlType::TsVector => push_tsvector(raw, out)?,
        SqlType::TsQuery => push_tsquery(raw, out)?,
        other => return Err(format!("no text of `{other}`").into()),
    }
    Ok(())
}

fn push_str(raw: &[u8], out: &mut String) -> Result<(), WireError> {
    out.push_str(std::str::from_utf8(raw)?);
    Ok(())
}

impl Reader<'_> {
    pub(super) fn long(&mut self) -> Result<i64, WireError> {
        Ok(i64::from_be_bytes(self.take(8)?.try_into()?))
    }

    /// A `real`.
    pub(super) fn float(&mut self) -> Result<f32, WireError> {
        Ok(f32::from_be_bytes(self.take(4)?.try_into()?))
    }

    /// A `double precision`.
    pub(super) fn double(&mut self) -> Result<f64, WireError> {
        Ok(f64::from_be_bytes(self.take(8)?.try_into()?))
    }

    pub(super) fn short(&mut self) -> Result<u16, WireError> {
        Ok(u16::from_be_bytes(self.take(2)?.try_into()?))
    }
}
