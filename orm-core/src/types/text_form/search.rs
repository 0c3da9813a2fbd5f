//! The texts of what full text search knows.

use super::super::array::Reader;
use super::super::scalar::WireError;
use std::fmt::Write;

/// `'fat':2A 'rat':3`
pub(crate) fn push_tsvector(mut raw: Reader<'_>, out: &mut String) -> Result<(), WireError> {
    for at in 0..raw.int()? {
        if at > 0 {
            out.push(' ');
        }
        push_lexeme(raw.text()?, out);
        for position in 0..raw.short()? {
            let word = raw.short()?;
            let weight = ["", "C", "B", "A"][usize::from(word >> 14)];
            write!(out, "{}{}{weight}", if position == 0 { ':' } else { ',' }, word & 0x3FFF)?;
        }
    }
    Ok(())
}

/// `( 'fat' <2> !'rat':AB* ) | 'cat'`, with brackets wherever they could matter.
pub(crate) fn push_tsquery(mut raw: Reader<'_>, out: &mut String) -> Result<(), WireError> {
    if raw.int()? == 0 {
        return Ok(());
    }
    push_item(&mut raw, 0, out)
}

/// How many brackets a question may have inside of each other.
const DEEPEST: usize = 1_000;

fn push_item(raw: &mut Reader<'_>, depth: usize, out: &mut String) -> Result<(), WireError> {
    if depth > DEEPEST {
        return Err("a question that is nested too deeply".into());
    }
    match *raw.take(2)? {
        [1, weights] => {
            let is_prefix = raw.take(1)? != [0];
            push_lexeme(raw.text()?, out);
            if weights != 0 || is_prefix {
                out.push(':');
                out.push_str(if is_prefix { "*" } else { "" });
                let set = [(8, 'A'), (4, 'B'), (2, 'C'), (1, 'D')];
                out.extend(set.iter().filter(|(bit, _)| weights & bit != 0).map(|(_, letter)| *letter));
            }
        }
        [2, 1] => {
            out.push_str("!(");
            push_item(raw, depth + 1, out)?;
            out.push(')');
        }
        [2, operator] => {
            let sign = match operator {
                2 => " & ".to_owned(),
                3 => " | ".to_owned(),
                4 => format!(" <{}> ", raw.short()?),
                other => return Err(format!("the operator {other} of a question").into()),
            };
            // The right side comes first on the wire.
            let mut right = String::new();
            push_item(raw, depth + 1, &mut right)?;
            out.push('(');
            push_item(raw, depth + 1, out)?;
            write!(out, "{sign}{right})")?;
        }
        [kind, _] => return Err(format!("an item {kind} of a question").into()),
        _ => return Err("a question that is cut off".into()),
    }
    Ok(())
}

fn push_lexeme(lexeme: &str, out: &mut String) {
    out.push('\'');
    for c in lexeme.chars() {
        if matches!(c, '\'' | '\\') {
            out.push(c);
        }
        out.push(c);
    }
    out.push('\'');
}

impl<'a> Reader<'a> {
    /// A text that ends with NUL.
    pub(in crate::types) fn text(&mut self) -> Result<&'a str, WireError> {
        let len = self.0.iter().position(|byte| *byte == 0).ok_or("a text that is cut off")?;
        let text = self.take(len)?;
        self.take(1)?;
        Ok(std::str::from_utf8(text)?)
    }
}
