//! Attributes, as a list of items that still have to be given a meaning.
//!
//! All attributes of the derive have one syntax: `name`, `name = value` or `name(…)`, separated by
//! commas. What is common to them is checked here: unknown items, with a guess at what was meant, and
//! items given twice.

mod container;
mod embed;
mod field;
mod index;
mod polymorphic;
mod relation;
mod row;
mod scalar;
mod table_path;
mod value;

pub(crate) use container::container;
pub(crate) use embed::{embed, is_embed, variant_tag};
pub(crate) use field::plain;
pub(crate) use polymorphic::{Inheritance, inheritance, kind_of};
pub(crate) use relation::{belongs_to, collection};
pub(crate) use row::column_of_row;
pub(crate) use scalar::{Called, Domain, called, composite_field, domain, label};
pub(crate) use value::check_identifier;

use crate::ctxt::Ctxt;
use crate::suggest::{did_you_mean, near};
use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Expr, Ident, Meta, MetaList, Token, token};

/// One item of an attribute.
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) span: Span,
    value: Value,
}

enum Value {
    Flag,
    Assign(Expr),
    List(TokenStream),
}

/// The items that an attribute can have.
pub(crate) struct Choices {
    /// Each of these at most once.
    pub(crate) once: &'static [&'static str],
    /// Each of these any number of times.
    pub(crate) repeatable: &'static [&'static str],
}

impl Choices {
    fn all(&self) -> Vec<&'static str> {
        [self.once, self.repeatable].concat()
    }
}

/// The items of all attributes called `attribute`, without those that are unknown or given twice.
pub(crate) fn items(attributes: &[Attribute], attribute: &str, choices: &Choices, cx: &Ctxt) -> Vec<Item> {
    let named = attributes.iter().filter(|a| a.path().is_ident(attribute));
    let items = named.flat_map(|a| items_of(&a.meta, attribute, cx)).collect();
    checked(items, choices, cx)
}

/// The first attribute of this name.
pub(crate) fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|a| a.path().is_ident(name))
}

/// Whether an attribute has an item of this name, however wrong its value is.
pub(crate) fn says(attribute: &Attribute, item: &str) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    list.tokens.clone().into_iter().any(|token| token.to_string() == item)
}

fn items_of(meta: &Meta, attribute: &str, cx: &Ctxt) -> Vec<Item> {
    match meta {
        Meta::Path(_) => Vec::new(),
        Meta::List(list) => items_in(list, cx),
        Meta::NameValue(pair) => {
            cx.error_at(&pair, format_args!("expected `#[{attribute}(…)]`"));
            Vec::new()
        }
    }
}

fn items_in(list: &MetaList, cx: &Ctxt) -> Vec<Item> {
    parse_items(list.tokens.clone(), cx)
}

fn parse_items(tokens: TokenStream, cx: &Ctxt) -> Vec<Item> {
    let parser = |input: ParseStream<'_>| Ok(parse_all(input, cx));
    parser.parse2(tokens).unwrap_or_else(|error| {
        cx.push(error);
        Vec::new()
    })
}

/// Parses what can be parsed: after a mistake it goes on behind the next comma.
fn parse_all(input: ParseStream<'_>, cx: &Ctxt) -> Vec<Item> {
    let mut items = Vec::new();
    while !input.is_empty() {
        match input.parse() {
            Ok(item) => items.push(item),
            Err(error) => {
                cx.push(error);
                skip_to_comma(input);
            }
        }
        if !input.is_empty() && input.parse::<Token![,]>().is_err() {
            cx.push(input.error("expected `,`"));
            skip_to_comma(input);
            let _ = input.parse::<Token![,]>();
        }
    }
    items
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected the name of a setting"));
        }
        let name = Ident::parse_any(input)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Value::Assign(input.parse()?)
        } else if input.peek(token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            Value::List(content.parse()?)
        } else {
            Value::Flag
        };
        Ok(Self { name: name.unraw().to_string(), span: name.span(), value })
    }
}

fn checked(items: Vec<Item>, choices: &Choices, cx: &Ctxt) -> Vec<Item> {
    let mut known: Vec<Item> = Vec::new();
    for item in items {
        let given = |name: &str| known.iter().any(|other| other.name == name);
        let all = choices.all();
        if !all.contains(&item.name.as_str()) {
            // It goes on as what it was probably meant to be: one mistake is one error.
            let guess = unknown(&item, &all, cx).filter(|guess| !given(guess));
            known.extend(guess.map(|guess| Item { name: guess.to_owned(), ..item }));
        } else if choices.once.contains(&item.name.as_str()) && given(&item.name) {
            cx.error(item.span, format_args!("duplicate attribute `{}`", item.name));
        } else {
            known.push(item);
        }
    }
    known
}

/// Reports an unknown item, and guesses what it was meant to be.
fn unknown<'a>(item: &Item, choices: &[&'a str], cx: &Ctxt) -> Option<&'a str> {
    let guess = did_you_mean(&item.name, choices);
    let list = choices.join(", ");
    let message = format!("unknown attribute `{}`{guess} expected one of: {list}", item.name);
    cx.error(item.span, message);
    near(&item.name, choices)
}
