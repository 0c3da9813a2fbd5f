//! Names: of tables, columns, constants and type parameters.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;

/// A name from the user's source, with the place it came from.
#[derive(Clone)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl Name {
    pub(crate) fn new(text: impl Into<String>, span: Span) -> Self {
        Self { text: text.into(), span }
    }

    /// The name of a field or type, without `r#`.
    pub(crate) fn of(ident: &Ident) -> Self {
        Self::new(ident.unraw().to_string(), ident.span())
    }
}

/// `LineItem` → `line_item`, `HTTPServer` → `http_server`.
pub(crate) fn snake_case(name: &str) -> String {
    words(name).to_lowercase()
}

/// `customer_id` → `CUSTOMER_ID`, `firstName` → `FIRST_NAME`; what no identifier can have becomes `_`.
pub(crate) fn screaming(name: &str) -> String {
    let name = words(name).to_uppercase();
    identifier(if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name })
}

/// `created_at` → `__CreatedAt`, with a prefix of its own.
pub(crate) fn camel_case(prefix: &str, name: &str) -> String {
    let words = name.split('_').map(capitalised);
    identifier(std::iter::once(prefix.to_owned()).chain(words).collect())
}

/// The name itself where it is an identifier, else something near to it that is one.
fn identifier(name: String) -> String {
    if syn::parse_str::<Ident>(&name).is_ok() {
        return name;
    }
    let mut name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.chars().all(|c| c == '_') {
        name.push_str("COLUMN");
    }
    name
}

/// Puts `_` between the words of a camel-case name.
fn words(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (i, &c) in chars.iter().enumerate() {
        let after_lower = i > 0 && (chars[i - 1].is_lowercase() || chars[i - 1].is_ascii_digit());
        let ends_acronym =
            i > 0 && chars[i - 1].is_uppercase() && chars.get(i + 1).is_some_and(|next| next.is_lowercase());
        if c.is_uppercase() && (after_lower || ends_acronym) {
            out.push('_');
        }
        out.push(c);
    }
    out
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables() {
        let check = |name, expected: &str| assert_eq!(snake_case(name), expected, "{name}");
        check("Customer", "customer");
        check("LineItem", "line_item");
        check("HTTPServer", "http_server");
        check("V2Thing", "v2_thing");
        check("A", "a");
    }

    #[test]
    fn constants() {
        let check = |name, expected: &str| assert_eq!(screaming(name), expected, "{name}");
        check("customer_id", "CUSTOMER_ID");
        check("firstName", "FIRST_NAME");
        check("type", "TYPE");
        check("odd name", "ODD_NAME");
        check("2nd", "_2ND");
        check("--", "__COLUMN");
        check("", "COLUMN");
        check("größe", "GRÖSSE");
        check("m²", "M_");
    }

    #[test]
    fn parameters() {
        assert_eq!(camel_case("__", "created_at"), "__CreatedAt");
        assert_eq!(camel_case("__Has", "_x"), "__HasX");
    }
}
