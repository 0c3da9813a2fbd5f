//! The texts of what is made of other values: arrays, composites, ranges.

use super::super::SqlType;
use super::super::array::Reader;
use super::super::scalar::WireError;
use super::push_text;

/// `{"1",NULL}`, or `{{"1","2"},{"3","4"}}`
pub(super) fn push_array(item: SqlType, raw: &[u8], out: &mut String) -> Result<(), WireError> {
    let mut raw = Reader(raw);
    let (dimensions, _nulls, _oid) = (raw.int()?, raw.int()?, raw.int()?);
    let mut sizes = Vec::new();
    for _ in 0..dimensions {
        sizes.push(usize::try_from(raw.int()?)?);
        raw.int()?;
    }
    match sizes[..] {
        [] => out.push_str("{}"),
        _ => push_level(item, &sizes, &mut raw, out)?,
    }
    Ok(())
}

fn push_level(
    item: SqlType,
    sizes: &[usize],
    raw: &mut Reader<'_>,
    out: &mut String,
) -> Result<(), WireError> {
    let Some((size, inside)) = sizes.split_first() else {
        match raw.value()? {
            Some(value) => push_quoted(item, value, out)?,
            None => out.push_str("NULL"),
        }
        return Ok(());
    };
    let separator = item.separator();
    for at in 0..*size {
        out.push(if at == 0 { '{' } else { separator });
        push_level(item, inside, raw, out)?;
    }
    out.push('}');
    Ok(())
}

/// `("1",,"a ""b""")`
pub(super) fn push_record(fields: &[(&str, SqlType)], raw: &[u8], out: &mut String) -> Result<(), WireError> {
    let mut raw = Reader(raw);
    if usize::try_from(raw.int()?)? != fields.len() {
        return Err("another number of fields".into());
    }
    for (at, (_, ty)) in fields.iter().enumerate() {
        out.push(if at == 0 { '(' } else { ',' });
        let _oid = raw.int()?;
        if let Some(value) = raw.value()? {
            push_quoted(*ty, value, out)?;
        }
    }
    out.push(')');
    Ok(())
}

const EMPTY: u8 = 0x01;
const LOWER_INCLUDED: u8 = 0x02;
const UPPER_INCLUDED: u8 = 0x04;
const NO_LOWER: u8 = 0x08;
const NO_UPPER: u8 = 0x10;

/// `["1","5")`
pub(super) fn push_range(item: SqlType, raw: &[u8], out: &mut String) -> Result<(), WireError> {
    let mut raw = Reader(raw);
    let flags = raw.take(1)?[0];
    if flags & EMPTY != 0 {
        out.push_str("empty");
        return Ok(());
    }
    out.push(if flags & LOWER_INCLUDED == 0 { '(' } else { '[' });
    if flags & NO_LOWER == 0 {
        push_quoted(item, raw.value()?.ok_or("NULL as a bound")?, out)?;
    }
    out.push(',');
    if flags & NO_UPPER == 0 {
        push_quoted(item, raw.value()?.ok_or("NULL as a bound")?, out)?;
    }
    out.push(if flags & UPPER_INCLUDED == 0 { ')' } else { ']' });
    Ok(())
}

/// `{["1","5"),["7",)}`
pub(super) fn push_multirange(item: SqlType, raw: &[u8], out: &mut String) -> Result<(), WireError> {
    let mut raw = Reader(raw);
    out.push('{');
    for at in 0..raw.int()? {
        if at > 0 {
            out.push(',');
        }
        push_range(item, raw.value()?.ok_or("NULL as a range")?, out)?;
    }
    out.push('}');
    Ok(())
}

/// The text of a value between quotes, which all of them read in one way.
fn push_quoted(ty: SqlType, raw: &[u8], out: &mut String) -> Result<(), WireError> {
    let mut text = String::new();
    push_text(ty, raw, &mut text)?;
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    Ok(())
}
