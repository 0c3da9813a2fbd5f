//! `index("…", …)` and `exclude("…" = "…", …)` on the struct.

use super::value::find_choice;
use super::{Choices, Item, checked, relation};
use crate::ctxt::Ctxt;
use crate::ir::{Exclude, Index, IndexKey, Method, ParameterValue};
use crate::names::Name;

const INDEX: Choices = Choices {
    once: &["unique", "where", "method", "include", "nulls_not_distinct", "with", "name"],
    repeatable: &[],
};

const EXCLUDE: Choices = Choices { once: &["where", "method", "deferrable", "name"], repeatable: &[] };

const METHODS: &[(&str, Method)] = &[
    ("btree", Method::Btree),
    ("hash", Method::Hash),
    ("gin", Method::Gin),
    ("gist", Method::Gist),
    ("spgist", Method::Spgist),
    ("brin", Method::Brin),
    ("bloom", Method::Other("bloom")),
    ("hnsw", Method::Other("hnsw")),
    ("ivfflat", Method::Other("ivfflat")),
];

/// `index("column", "(expression) operator_class desc nulls last", unique, where = "…", …)`
pub(super) fn index(item: &Item, cx: &Ctxt) -> Option<Index> {
    let Some((texts, settings)) = item.texts_and_settings(cx).filter(|(texts, _)| !texts.is_empty()) else {
        item.expected(cx, "columns in quotes: `index(\"…\", \"…\")`");
        return None;
    };
    let mut index =
        Index { keys: texts.into_iter().filter_map(|text| key(text, cx)).collect(), ..Index::default() };
    let mut with = None;
    for setting in checked(settings, &INDEX, cx) {
        match setting.name.as_str() {
            "with" => with = Some(setting),
            "unique" => index.unique = setting.flag(cx).then_some(setting.span),
            "nulls_not_distinct" => index.nulls_not_distinct = setting.flag(cx).then_some(setting.span),
            "include" => index.include = setting.identifiers(cx).unwrap_or_default(),
            "method" => index.method = method(&setting, cx),
            "name" => index.name = setting.identifier(cx),
            _ => index.filter = setting.sql(cx),
        }
    }
    let method = index.method.map_or(Method::Btree, |(method, _)| method);
    index.parameters = with.map(|with| parameters(&with, method, cx)).unwrap_or_default();
    Some(index)
}

/// `with(m = 16, ef_construction = 64)`: what indexes of the method have.
fn parameters(with: &Item, method: Method, cx: &Ctxt) -> Vec<(String, ParameterValue)> {
    let (once, truths) = method.parameters();
    let Some(settings) = with.nested(cx) else {
        with.expected(cx, format_args!("parameters of the index: `with({} = …)`", once[0]));
        return Vec::new();
    };
    let value = |setting: &Item| match truths.contains(&setting.name.as_str()) {
        false => setting.number(cx).map(ParameterValue::Integer),
        true => {
            let truth = setting.truth();
            if truth.is_none() {
                setting.expected(cx, "`true` or `false`");
            }
            truth.map(ParameterValue::Truth)
        }
    };
    let settings = checked(settings, &Choices { once, repeatable: &[] }, cx);
    settings.iter().filter_map(|setting| Some((setting.name.clone(), value(setting)?))).collect()
}

/// `exclude("column" = "operator", …, where = "…", …)`
pub(super) fn exclude(item: &Item, cx: &Ctxt) -> Option<Exclude> {
    let Some((pairs, settings)) = item.pairs_and_settings(cx).filter(|(pairs, _)| !pairs.is_empty()) else {
        item.expected(cx, "what is compared: `exclude(\"column\" = \"operator\", …)`");
        return None;
    };
    let keys = pairs.into_iter().filter_map(|(of, operator)| {
        let is_operator = |c: char| "+-*/<>=~!@#%^&|`?".contains(c);
        if operator.text.is_empty() || !operator.text.chars().all(is_operator) {
            cx.error(operator.span, format_args!("`{}` is no operator: `=`, `&&`, …", operator.text));
        }
        Some((key(of, cx)?, operator))
    });
    let mut exclude = Exclude { keys: keys.collect(), ..Exclude::default() };
    for setting in checked(settings, &EXCLUDE, cx) {
        match setting.name.as_str() {
            "method" => exclude.method = method(&setting, cx),
            "deferrable" => exclude.deferrable = relation::deferrable(&setting, cx),
            "name" => exclude.name = setting.identifier(cx),
            _ => exclude.filter = setting.sql(cx),
        }
    }
    Some(exclude)
}

fn method(item: &Item, cx: &Ctxt) -> Option<(Method, proc_macro2::Span)> {
    let text = item.text(cx)?;
    find_choice("method", &text, METHODS, cx).map(|method| (method, text.span))
}

/// `name`, `name text_pattern_ops desc nulls last`, `(lower(name)) desc`
fn key(text: Name, cx: &Ctxt) -> Option<IndexKey> {
    let (rest, nulls_first) = order(&text.text, &[("nulls first", true), ("nulls last", false)]);
    let (rest, descending) = order(rest, &[("desc", true), ("asc", false)]);
    let here = |part: &str| Name::new(part, text.span);
    let (of, operator_class, is_expression) = match rest.starts_with('(').then(|| expression(rest)) {
        None => (here(rest), None, false),
        Some(Some((inner, behind))) if !inner.trim().is_empty() => {
            (here(inner), Some(behind.trim()).filter(|class| !class.is_empty()).map(here), true)
        }
        Some(_) => {
            cx.error(text.span, "expected an expression in parentheses: `\"(lower(name))\"`");
            return None;
        }
    };
    Some(IndexKey { of, is_expression, operator_class, descending: descending == Some(true), nulls_first })
}

/// Takes one of some words from the end.
fn order<'a>(text: &'a str, words: &[(&str, bool)]) -> (&'a str, Option<bool>) {
    let text = text.trim();
    for (word, meaning) in words {
        let Some(at) = text.len().checked_sub(word.len()).filter(|at| text.is_char_boundary(*at)) else {
            continue;
        };
        let (rest, end) = text.split_at(at);
        if end.eq_ignore_ascii_case(word) && rest.ends_with(' ') {
            return (rest.trim_end(), Some(*meaning));
        }
    }
    (text, None)
}

/// What stands in the parentheses that the text begins with, and what follows them; quoted text counts for nothing.
fn expression(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut quote) = (0, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth -= 1;
                if depth == 0 {
                    return Some((&text[1..at], &text[at + 1..]));
                }
            }
            _ => {}
        }
    }
    None
}
