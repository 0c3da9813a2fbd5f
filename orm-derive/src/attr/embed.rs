//! `#[model(embed, …)]` on a field, and `#[model(tag = "…")]` on a variant.

use super::{Choices, Item, find, items, says};
use crate::ctxt::Ctxt;
use crate::ir::Embed;
use crate::names::Name;
use crate::shape;
use syn::{Attribute, Expr, Type, parse_quote};

const CHOICES: Choices = Choices { once: &["embed", "prefix", "column", "default"], repeatable: &[] };

const VARIANT: Choices = Choices { once: &["tag"], repeatable: &[] };

/// Whether the field holds an embedded value.
pub(crate) fn is_embed(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("model") && says(attribute, "embed"))
}

/// Reads the attributes of such a field.
pub(crate) fn embed(ty: &Type, attributes: &[Attribute], cx: &Ctxt) -> Embed {
    let inner = shape::argument_of(ty, "Option");
    let mut embed = Embed {
        inner: inner.unwrap_or(ty).clone(),
        optional: inner.is_some(),
        prefix: None,
        column: None,
        default: None,
    };
    for item in items(attributes, "model", &CHOICES, cx) {
        match item.name.as_str() {
            "embed" => {
                item.flag(cx);
            }
            "prefix" => embed.prefix = item.text(cx),
            "column" => embed.column = item.identifier(cx),
            _ => embed.default = default(&item, cx),
        }
    }
    embed
}

/// `default`, or `default = expression`
fn default(item: &Item, cx: &Ctxt) -> Option<Expr> {
    match item.assigned() {
        Some(expression) => Some(expression.clone()),
        None => item.flag(cx).then(|| parse_quote!(::core::default::Default::default())),
    }
}

/// The name of a variant in the database, where it has one of its own.
pub(crate) fn variant_tag(attributes: &[Attribute], cx: &Ctxt) -> Option<Name> {
    find(attributes, "model")?;
    let items = items(attributes, "model", &VARIANT, cx);
    items.first().and_then(|item| item.text(cx))
}
