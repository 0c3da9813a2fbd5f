//! Tables as attributes name them: `schema.table`, with a part in double quotes where a dot belongs to the name.

use super::Item;
use super::value::check_identifier;
use crate::ctxt::Ctxt;
use crate::ir::{References, TablePath};
use crate::names::Name;

impl Item {
    /// `name = "table"` or `name = "schema.table"`
    pub(super) fn table(&self, cx: &Ctxt) -> Option<TablePath> {
        let text = self.text(cx)?;
        let mut names = names(&text);
        match (names.pop(), names.pop(), names.pop()) {
            (Some(table), schema, None) => self.path_of(schema, table, cx),
            _ => {
                let name = &self.name;
                cx.error(text.span, format_args!("expected `{name} = \"table\"` or `\"schema.table\"`"));
                None
            }
        }
    }

    /// `name = "table.column"` or `name = "schema.table.column"`
    pub(super) fn table_and_column(&self, cx: &Ctxt) -> Option<References> {
        let text = self.text(cx)?;
        let mut names = names(&text);
        match (names.pop(), names.pop(), names.pop(), names.pop()) {
            (Some(column), Some(table), schema, None)
                if !column.text.is_empty() && !table.text.is_empty() =>
            {
                let table = self.path_of(schema, table, cx)?;
                Some(References { table, column: column.text, actions: Default::default() })
            }
            _ => {
                let name = &self.name;
                let wrong = format_args!("expected `{name} = \"table.column\"` or `\"schema.table.column\"`");
                cx.error(text.span, wrong);
                None
            }
        }
    }

    fn path_of(&self, schema: Option<Name>, table: Name, cx: &Ctxt) -> Option<TablePath> {
        let are_names = schema.iter().chain([&table]).all(|name| check_identifier(name, cx));
        are_names.then(|| TablePath { schema: schema.map(|schema| schema.text), name: table.text })
    }
}

/// The names between the dots. One that begins with a double quote ends with the next that is not doubled.
fn names(path: &Name) -> Vec<Name> {
    let (mut names, mut rest) = (Vec::new(), path.text.as_str());
    loop {
        let (name, after) = match rest.strip_prefix('"').and_then(quoted) {
            Some(found) => found,
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        names.push(Name::new(name, path.span));
        match after.strip_prefix('.') {
            Some(after) => rest = after,
            None => return names,
        }
    }
}

/// A name up to its closing double quote, and what follows, when that is a dot or the end.
fn quoted(text: &str) -> Option<(String, &str)> {
    let (mut name, mut rest) = (String::new(), text);
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(doubled) => {
                name.push('"');
                rest = doubled;
            }
            None if after.is_empty() || after.starts_with('.') => return Some((name, after)),
            None => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::names;
    use crate::names::Name;

    #[test]
    fn dots_stand_between_names_unless_they_are_quoted() {
        for (path, expected) in [
            ("entry", &["entry"][..]),
            ("audit.entry.id", &["audit", "entry", "id"]),
            ("the \"audit\".entry", &["the \"audit\"", "entry"]),
            ("\"a.b\".\"c\"\"d\"", &["a.b", "c\"d"]),
            ("\"open.entry", &["\"open", "entry"]),
            ("\"a\"b.c", &["\"a\"b", "c"]),
            ("a..b", &["a", "", "b"]),
            ("", &[""]),
        ] {
            let found = names(&Name::new(path, proc_macro2::Span::call_site()));
            assert_eq!(found.iter().map(|name| &name.text[..]).collect::<Vec<_>>(), expected, "{path}");
        }
    }
}
