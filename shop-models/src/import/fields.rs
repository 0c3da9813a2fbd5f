//! One line of CSV, strictly: every quote must make sense.

use super::Reason;

/// The values of a line.
pub(super) fn split(line: &str) -> Result<Vec<String>, Reason> {
    let mut fields = Vec::with_capacity(super::COLUMNS.len());
    let mut rest = Some(line);
    while let Some(text) = rest {
        let column = fields.len() + 1;
        let (field, after) = match text.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted, column)?,
            None => plain_field(text, column)?,
        };
        fields.push(field);
        rest = after;
    }
    Ok(fields)
}

/// A value, and what follows its comma.
type Split<'a> = (String, Option<&'a str>);

fn plain_field(text: &str, column: usize) -> Result<Split<'_>, Reason> {
    let (field, after) = text.split_once(',').map_or((text, None), |(field, after)| (field, Some(after)));
    match field.contains('"') {
        true => Err(Reason::StrayQuote { column }),
        false => Ok((field.to_owned(), after)),
    }
}

fn quoted_field(mut text: &str, column: usize) -> Result<Split<'_>, Reason> {
    let mut field = String::new();
    loop {
        let (part, after) = text.split_once('"').ok_or(Reason::OpenQuote)?;
        field.push_str(part);
        match after.as_bytes().first() {
            Some(b'"') => {
                field.push('"');
                text = &after[1..];
            }
            Some(b',') => return Ok((field, Some(&after[1..]))),
            None => return Ok((field, None)),
            Some(_) => return Err(Reason::StrayQuote { column }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[&str]) {
        assert_eq!(split(line).unwrap(), expected, "{line}");
    }

    fn check_wrong(line: &str, expected: &Reason) {
        assert_eq!(split(line).as_ref(), Err(expected), "{line}");
    }

    #[test]
    fn values() {
        check("", &[""]);
        check("a,b", &["a", "b"]);
        check(",", &["", ""]);
        check(r#""a","b""#, &["a", "b"]);
        check(r#""a,b","say ""hi""""#, &["a,b", r#"say "hi""#]);
        check(r#""","#, &["", ""]);
    }

    #[test]
    fn quotes_without_sense() {
        check_wrong(r#"a,"b"#, &Reason::OpenQuote);
        check_wrong(r#"a,"b"","#, &Reason::OpenQuote);
        check_wrong(r#"a,b"c"#, &Reason::StrayQuote { column: 2 });
        check_wrong(r#""a"b,c"#, &Reason::StrayQuote { column: 1 });
    }
}
