//! Finding placeholders and names in SQL text that the program wrote.

use std::collections::HashSet;
use std::ops::Range;

/// The number of the highest placeholder, `$2` → 2; what stands in quotes and comments does not count.
pub(super) fn highest_placeholder(text: &str) -> usize {
    placeholders(text).into_iter().map(|(_, number)| number).max().unwrap_or(0)
}

/// Where the placeholders of a text stand, and their numbers; what stands in quotes and comments does not count.
pub(super) fn placeholders(text: &str) -> Vec<(Range<usize>, usize)> {
    let (mut rest, mut found) = (text, Vec::new());
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let in_word = before.is_alphanumeric() || before == '_' || before == '$';
        let start = text.len() - rest.len();
        rest = match c {
            '\'' if is_escape(&text[..start]) => after_escaped(after),
            '\'' | '"' => after_mark(after, &c.to_string()),
            '-' if after.starts_with('-') => after_mark(after, "\n"),
            '/' if after.starts_with('*') => after_comment(&after[1..]),
            '$' if !in_word => {
                let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
                if digits > 0 {
                    found.push((start..start + 1 + digits, after[..digits].parse().unwrap_or(usize::MAX)));
                    &after[digits..]
                } else {
                    after_dollar_quote(after)
                }
            }
            _ => after,
        };
        before = c;
    }
    found
}

/// The names in a text, without the quotes that some have, each with the one that stands before it and a dot: of tables and columns, and
/// all words that are none.
pub(crate) fn names_in(text: &str) -> HashSet<(Option<String>, String)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let (mut rest, mut names) = (text, Names::default());
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '\'' if is_escape(&text[..text.len() - rest.len()]) => after_escaped(after),
            '\'' => after_mark(after, "'"),
            '"' => quoted_name(after, &mut names),
            '.' => names.dot(after),
            '-' if after.starts_with('-') => after_mark(after, "\n"),
            '/' if after.starts_with('*') => after_comment(&after[1..]),
            '$' => after_dollar_quote(after),
            c if is_part(c) => {
                let word = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
                names.add(word.to_lowercase());
                &rest[word.len()..]
            }
            c if c.is_whitespace() => after,
            _ => names.end(after),
        };
    }
    names.found
}

/// Names, and whether the next one belongs to the last.
#[derive(Default)]
struct Names {
    found: HashSet<(Option<String>, String)>,
    last: Option<String>,
    dotted: bool,
}

impl Names {
    fn add(&mut self, name: String) {
        let before = self.last.replace(name.clone()).filter(|_| self.dotted);
        self.found.insert((before, name));
        self.dotted = false;
    }

    const fn dot<'a>(&mut self, after: &'a str) -> &'a str {
        self.dotted = self.last.is_some();
        after
    }

    fn end<'a>(&mut self, after: &'a str) -> &'a str {
        (self.last, self.dotted) = (None, false);
        after
    }
}

/// Takes the name behind a double quote; what follows it.
fn quoted_name<'a>(text: &'a str, names: &mut Names) -> &'a str {
    let (mut name, mut rest) = (String::new(), text);
    while let Some((part, after)) = rest.split_once('"') {
        name.push_str(part);
        rest = after;
        let Some(doubled) = rest.strip_prefix('"') else { break };
        name.push('"');
        rest = doubled;
    }
    names.add(name);
    rest
}

/// What follows the next `mark`.
fn after_mark<'a>(text: &'a str, mark: &str) -> &'a str {
    text.split_once(mark).map_or("", |(_, rest)| rest)
}

/// Whether a quote behind this text begins an `E'…'`: the letter is no end of a word, as in `LIKE'…'`.
fn is_escape(before: &str) -> bool {
    let mut back = before.chars().rev();
    matches!(back.next(), Some('e' | 'E'))
        && !back.next().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$')
}

/// What follows a text of the form `E'…'`, behind its first quote.
fn after_escaped(text: &str) -> &str {
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '\'' => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}

/// What follows a comment, behind its first mark; comments stand inside each other.
fn after_comment(text: &str) -> &str {
    let (mut rest, mut depth) = (text, 1);
    while depth > 0 {
        let Some(at) = rest.find(['*', '/']) else { return "" };
        let tail = &rest[at..];
        let mark = if tail.starts_with("/*") { 1 } else { -i32::from(tail.starts_with("*/")) };
        depth += mark;
        rest = if mark == 0 { &tail[1..] } else { &tail[2..] };
    }
    rest
}

/// What follows `$tag$ … $tag$`, behind its first `$`; where that is no quote, what follows the `$`.
fn after_dollar_quote(text: &str) -> &str {
    let Some((tag, body)) = text.split_once('$') else { return text };
    if !tag.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return text;
    }
    after_mark(body, &format!("${tag}$"))
}

#[cfg(test)]
mod tests {
    use super::{highest_placeholder, names_in};
    use std::collections::HashSet;

    #[test]
    fn names_are_found_where_they_are_some() {
        for (text, expected) in [
            ("SELECT a FROM Sales", &["a", "from", "sales", "select"][..]),
            (r#"SELECT "A""b"."c" FROM t$1"#, &["A\"b", "A\"b.c", "from", "select", "t$1"]),
            ("a . \"B\".c, d FROM (e).f", &["a", "a.B", "B.c", "d", "e", "f", "from"]),
            ("'sales' E'\\'sales' $$sales$$ -- sales\n/* sales /* */ */ x", &["e", "x"]),
            ("größe", &["größe"]),
            ("\"open", &["", "open"]),
            ("", &[]),
        ] {
            let shown = |(before, name): (Option<String>, String)| {
                before.map_or_else(|| name.clone(), |before| format!("{before}.{name}"))
            };
            let names: HashSet<String> = names_in(text).into_iter().map(shown).collect();
            assert_eq!(names, expected.iter().map(|name| (*name).to_owned()).collect(), "{text}");
        }
    }

    #[test]
    fn placeholders_are_counted_where_they_are_some() {
        for (text, expected) in [
            ("SELECT 1", 0),
            ("SELECT $1", 1),
            ("SELECT $2, $1, $2", 2),
            ("SELECT $12::int", 12),
            ("SELECT '$1', '''$2', $3", 3),
            (r"SELECT '\', $1, '\'", 1),
            (r"SELECT E'\'$2', $1", 1),
            (r"SELECT a LIKE'\', $1, '\'", 1),
            (r#"SELECT "$1", "a""$3" FROM t WHERE x = $2"#, 2),
            ("SELECT 1 -- $1\n, $2", 2),
            ("SELECT 1 -- $1", 0),
            ("SELECT /* $3 /* $4 */ * / $5 */ $1", 1),
            ("SELECT /* $3", 0),
            ("SELECT $$ $3 $$, $1", 1),
            ("SELECT $tag$ $3 $$ $4 $tag$, $1", 1),
            ("SELECT a$1 FROM t WHERE b = $1", 1),
            ("SELECT x$7", 0),
            ("SELECT 'ö', $1, 'ß", 1),
            ("SELECT a-$1/$2", 2),
            ("SELECT $", 0),
            ("", 0),
        ] {
            assert_eq!(highest_placeholder(text), expected, "{text}");
        }
    }
}
