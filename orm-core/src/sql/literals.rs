//! Values as SQL text, where PostgreSQL takes no bound ones: in the definition of a view.
//!
//! A literal is made of the value's binary form, which its type encoded, by way of the text that the server itself would show for
//! it, and quoted as [`literal`] quotes. Each names its type, so that it means what the bound value meant.

use super::Param;
use super::ident::literal;
use super::param::{Of, raw_elements};
use crate::types::{SqlType, is_named, push_text};

/// The value as a literal of its type.
///
/// # Errors
/// A value that has none, and why.
pub(super) fn literal_of(param: &Param) -> Result<String, String> {
    match (param.of, param.raw()?) {
        (Of::One(ty), None) => Ok(format!("NULL::{ty}")),
        (Of::Batch(ty), None) => Ok(format!("NULL::{ty}[]")),
        (Of::One(ty), Some(raw)) => one(ty, raw),
        (Of::Batch(ty), Some(raw)) if is_named(&ty.array()) => Ok(format!("{}::{ty}[]", quoted(text(raw)?)?)),
        (Of::Batch(ty), Some(raw)) => batch(ty, raw),
    }
}

fn one(ty: SqlType, raw: &[u8]) -> Result<String, String> {
    let mut text = String::new();
    push_text(ty, raw, &mut text)
        .map_err(|why| format!("a value of type `{ty}` cannot be written as text: {why}"))?;
    Ok(format!("{}::{ty}", quoted(&text)?))
}

fn batch(ty: SqlType, raw: &[u8]) -> Result<String, String> {
    let element = |raw: Option<&[u8]>| match raw {
        None => Ok("NULL".to_owned()),
        Some(raw) if ty.is_batched_as_texts() => Ok(format!("{}::{ty}", quoted(text(raw)?)?)),
        Some(raw) => one(ty, raw),
    };
    let elements = raw_elements(raw)?.map(|raw| element(raw?));
    let elements: Vec<String> = elements.collect::<Result<_, String>>()?;
    Ok(format!("ARRAY[{}]::{ty}[]", elements.join(", ")))
}

fn text(raw: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(raw).map_err(|error| error.to_string())
}

fn quoted(text: &str) -> Result<String, String> {
    match text.contains('\0') {
        true => Err("a text with a NUL character has no place in SQL text".to_owned()),
        false => Ok(literal(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::ArrayParam;
    use super::*;
    use crate::types::{AnyScalar, ColumnValue};

    fn check(value: &dyn AnyScalar, expected: &str) {
        assert_eq!(literal_of(&Param::of(value)).as_deref(), Ok(expected));
    }

    #[test]
    fn values_are_written_with_their_types() {
        check(&true, "'t'::boolean");
        check(&-5_i16, "'-5'::smallint");
        check(&i64::MIN, "'-9223372036854775808'::bigint");
        check(&f64::NEG_INFINITY, "'-Infinity'::double precision");
        check(&1.5_f32, "'1.5'::real");
        check(&vec![0_u8, 39, 92, 255], r" E'\\x00275cff'::bytea");
        #[cfg(feature = "uuid")]
        check(&uuid::Uuid::nil(), "'00000000-0000-0000-0000-000000000000'::uuid");
        assert_eq!(literal_of(&Param::null(SqlType::Integer)).unwrap(), "NULL::integer");
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn dates_and_times_are_written_with_their_types() {
        use chrono::{DateTime, NaiveDate, Utc};
        check(&NaiveDate::from_ymd_opt(12_026, 1, 2).unwrap(), "'12026-01-02'::date");
        check(&DateTime::<Utc>::UNIX_EPOCH, "'1970-01-01 00:00:00.000000+00'::timestamptz");
    }

    #[test]
    fn text_is_quoted_whatever_it_is() {
        check(&"it's".to_owned(), "'it''s'::text");
        check(&r"\' OR 1=1; --".to_owned(), r" E'\\'' OR 1=1; --'::text");
        check(&"$1 {} $$".to_owned(), "'$1 {} $$'::text");
        assert!(literal_of(&Param::of(&"a\0b".to_owned())).is_err());
        #[cfg(feature = "serde_json")]
        check(&serde_json::json!({"a": "it's"}), r#"'{"a":"it''s"}'::jsonb"#);
    }

    #[test]
    fn batches_are_written_value_by_value() {
        let mut array = ArrayParam::with_capacity(SqlType::Text, 2);
        array.push(ColumnValue::Value(&"it's".to_owned()));
        array.push(ColumnValue::Null);
        assert_eq!(literal_of(&array.finish()).unwrap(), "ARRAY['it''s'::text, NULL]::text[]");
        let none = ArrayParam::with_capacity(SqlType::BigInt, 0).finish();
        assert_eq!(literal_of(&none).unwrap(), "ARRAY[]::bigint[]");
    }
}
