//! The texts of points and what is made of them.

use super::super::SqlType;
use super::super::array::Reader;
use super::super::scalar::WireError;
use super::numbers::push_float;

/// The text of a geometric value.
pub(super) fn push_geometric(ty: SqlType, mut raw: Reader<'_>, out: &mut String) -> Result<(), WireError> {
    let raw = &mut raw;
    match ty {
        SqlType::Line => {
            out.push('{');
            push_numbers(raw, 3, out)?;
            out.push('}');
        }
        SqlType::Lseg => push_points(raw, 2, ['[', ']'], out)?,
        SqlType::Box => push_points(raw, 2, ['(', ')'], out)?,
        SqlType::Path => {
            let ends = if raw.take(1)? == [0] { ['[', ']'] } else { ['(', ')'] };
            let count = raw.int()?;
            push_points(raw, count, ends, out)?;
        }
        SqlType::Polygon => {
            let count = raw.int()?;
            push_points(raw, count, ['(', ')'], out)?;
        }
        SqlType::Circle => {
            out.push('<');
            push_point(raw, out)?;
            out.push(',');
            push_numbers(raw, 1, out)?;
            out.push('>');
        }
        _ => push_point(raw, out)?,
    }
    Ok(())
}

fn push_points(
    raw: &mut Reader<'_>,
    count: i32,
    [open, close]: [char; 2],
    out: &mut String,
) -> Result<(), WireError> {
    out.push(open);
    for at in 0..count {
        if at > 0 {
            out.push(',');
        }
        push_point(raw, out)?;
    }
    out.push(close);
    Ok(())
}

fn push_point(raw: &mut Reader<'_>, out: &mut String) -> Result<(), WireError> {
    out.push('(');
    push_numbers(raw, 2, out)?;
    out.push(')');
    Ok(())
}

fn push_numbers(raw: &mut Reader<'_>, count: usize, out: &mut String) -> Result<(), WireError> {
    for at in 0..count {
        if at > 0 {
            out.push(',');
        }
        let number = raw.double()?;
        push_float(number, out, || number.to_string());
    }
    Ok(())
}
