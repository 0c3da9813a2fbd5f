//! `sql!("SELECT … {} …", value)`

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, LitStr, Token};

/// What the macro is given.
struct Arguments {
    text: LitStr,
    values: Punctuated<Expr, Token![,]>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(LitStr) {
            return Err(input.error("expected SQL in quotes; a value is bound: `sql!(\"… {} …\", value)`"));
        }
        let text = input.parse()?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        Ok(Self { text, values: Punctuated::parse_terminated(input)? })
    }
}

/// A place for a value.
#[derive(Debug, PartialEq)]
struct Place {
    /// The variable that it names.
    name: Option<String>,
    is_array: bool,
}

/// A call of `text` with a `bind` for each value.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let bound = syn::parse2(input).and_then(bind);
    bound.unwrap_or_else(|error| {
        let error = error.into_compile_error();
        quote!({
            #error
            ::orm_core::sql::text("")
        })
    })
}

fn bind(Arguments { text, values }: Arguments) -> syn::Result<TokenStream> {
    let wrong = |why: String| syn::Error::new(text.span(), why);
    let (sql, places) = places(&text.value()).map_err(wrong)?;
    let wanted = places.iter().filter(|place| place.name.is_none()).count();
    if wanted != values.len() {
        let why = format!("places `{{}}` in the text: {wanted}; values behind it: {}", values.len());
        return Err(match values.iter().nth(wanted) {
            Some(more) => syn::Error::new_spanned(more, why),
            None => wrong(why),
        });
    }
    let mut values = values.into_iter();
    let mut binds = Vec::with_capacity(places.len());
    for Place { name, is_array } in places {
        let value = match name {
            Some(name) => {
                let name =
                    syn::parse_str::<Ident>(&name).map(|name| Ident::new(&name.to_string(), text.span()));
                let name =
                    name.map_err(|_| wrong("a place is `{}`, or names a variable: `{name}`".to_owned()))?;
                quote!(#name)
            }
            None => {
                let value = values.next();
                quote!(#value)
            }
        };
        binds.push(if is_array { quote!(.bind_array(#value)) } else { quote!(.bind(#value)) });
    }
    Ok(quote!(::orm_core::sql::text(#sql) #(#binds)*))
}

/// The text with `$1`, `$2`, … for its places. A variable that is named twice is bound once.
fn places(text: &str) -> Result<(String, Vec<Place>), String> {
    let (mut sql, mut places): (String, Vec<Place>) = (String::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let before = sql.chars().next_back().unwrap_or(' ');
        let in_word = before.is_alphanumeric() || before == '_' || before == '$';
        let length = match c {
            '{' => {
                let (place, after) = place(&rest[1..])?;
                let known = places.iter().position(|known| known.name.is_some() && *known == place);
                let number = known.unwrap_or(places.len());
                if known.is_none() {
                    places.push(place);
                }
                sql.push_str(&format!("${}", number + 1));
                rest = after;
                continue;
            }
            '}' => return Err("a `}` without its `{`".to_owned()),
            '$' if !in_word && rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                return Err("`sql!` numbers the values itself: write `{}` for each of them".to_owned());
            }
            '$' if in_word => 1,
            _ => quoted(rest, &sql).unwrap_or(c.len_utf8()),
        };
        sql.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    Ok((sql, places))
}

/// The place that begins behind a `{`, and what follows it.
fn place(text: &str) -> Result<(Place, &str), String> {
    let (inside, after) = text.split_once('}').ok_or("a `{` without its `}`")?;
    let (name, is_array) = match inside.trim().strip_suffix("..") {
        Some(name) => (name, true),
        None => (inside.trim(), false),
    };
    Ok((Place { name: (!name.is_empty()).then(|| name.to_owned()), is_array }, after))
}

/// How long the quoted text or comment is that begins here.
fn quoted(text: &str, before: &str) -> Option<usize> {
    let until =
        |from: usize, mark: &str| text[from..].find(mark).map_or(text.len(), |at| from + at + mark.len());
    if text.starts_with('\'') && is_escape(before) {
        return Some(escaped(text));
    }
    if text.starts_with("/*") {
        return Some(comment(text));
    }
    match text.chars().next()? {
        '\'' => Some(until(1, "'")),
        '"' => Some(until(1, "\"")),
        '-' if text.starts_with("--") => Some(until(2, "\n")),
        '$' => {
            let tag = &text[..=1 + text[1..].find('$')?];
            let is_tag = tag[1..tag.len() - 1].chars().all(|c| c.is_alphanumeric() || c == '_');
            is_tag.then(|| until(tag.len(), tag))
        }
        _ => None,
    }
}

/// Whether a quote behind this text begins an `E'…'`: the letter is no end of a word, as in `LIKE'…'`.
fn is_escape(before: &str) -> bool {
    let mut back = before.chars().rev();
    matches!(back.next(), Some('e' | 'E'))
        && !back.next().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$')
}

/// How long an `E'…'` is, from its first quote on.
fn escaped(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '\'' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// How long a comment is; comments stand inside each other.
fn comment(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        let step = if rest.starts_with("/*") {
            depth += 1;
            2
        } else if rest.starts_with("*/") {
            depth -= 1;
            2
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        at += step;
        if depth == 0 {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn places_are_numbered_where_they_are_some() {
        for (text, expected) in [
            ("SELECT 1", "SELECT 1"),
            ("a = {} AND b = {}", "a = $1 AND b = $2"),
            ("a = {x} AND b = {} AND c = {x}", "a = $1 AND b = $2 AND c = $1"),
            ("a = ANY({ids..}) OR a = {ids}", "a = ANY($1) OR a = $2"),
            ("'{}'::jsonb || {}", "'{}'::jsonb || $1"),
            ("'it''s {}', {}", "'it''s {}', $1"),
            (r"E'\'{}', {}", r"E'\'{}', $1"),
            (r"'\', {}", r"'\', $1"),
            (r"a LIKE'\', {}", r"a LIKE'\', $1"),
            ("\"{}\" -- {}\n{}", "\"{}\" -- {}\n$1"),
            ("/* {} /* } */ { */ {}", "/* {} /* } */ { */ $1"),
            ("$$ {} $$ {}", "$$ {} $$ $1"),
            ("$ö$ {} $$ $ö$ {}", "$ö$ {} $$ $ö$ $1"),
            ("a$b {}", "a$b $1"),
            ("'ö{", "'ö{"),
            ("a-{}/{}", "a-$1/$2"),
            ("", ""),
        ] {
            assert_eq!(places(text).unwrap().0, expected);
        }
    }

    #[test]
    fn what_is_no_place_is_a_mistake() {
        for (text, why) in [
            ("a = {", "a `{` without its `}`"),
            ("a = }", "a `}` without its `{`"),
            ("a = $1", "`sql!` numbers the values itself: write `{}` for each of them"),
        ] {
            assert_eq!(places(text).unwrap_err(), why);
        }
    }
}
