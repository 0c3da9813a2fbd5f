//! `#[db_enum(…)]`, `#[scalar(…)]` and `#[composite(…)]`: the names of types in the database.

use super::{Choices, items};
use crate::ctxt::Ctxt;
use crate::names::Name;
use syn::Attribute;

const ENUM: Choices = Choices { once: &["name"], repeatable: &[] };

const VARIANT: Choices = Choices { once: &["rename"], repeatable: &[] };

/// The name of the type in the database.
pub(crate) fn enum_name(attributes: &[Attribute], cx: &Ctxt) -> Option<Name> {
    items(attributes, "db_enum", &ENUM, cx).first()?.identifier(cx)
}

const NEWTYPE: Choices = Choices { once: &["domain", "check"], repeatable: &[] };

/// A domain: its name, and what its values must meet.
pub(crate) struct Domain {
    pub(crate) name: Name,
    pub(crate) check: Option<String>,
}

/// The domain that a type with one field is.
pub(crate) fn domain(attributes: &[Attribute], cx: &Ctxt) -> Option<Domain> {
    let (mut name, mut check) = (None, None);
    for item in items(attributes, "scalar", &NEWTYPE, cx) {
        match item.name.as_str() {
            "domain" => name = item.identifier(cx),
            _ => check = item.string(cx).map(|text| (text, item.span)),
        }
    }
    if let (None, Some((_, span))) = (&name, &check) {
        cx.error(*span, "only a domain has a check: `domain = \"…\"` names it");
    }
    Some(Domain { name: name?, check: check.map(|(text, _)| text) })
}

const COMPOSITE: Choices = Choices { once: &["name"], repeatable: &[] };

const COMPOSITE_FIELD: Choices = Choices { once: &["rename"], repeatable: &[] };

/// The name of a composite type in the database.
pub(crate) fn composite_name(attributes: &[Attribute], cx: &Ctxt) -> Option<Name> {
    items(attributes, "composite", &COMPOSITE, cx).first()?.identifier(cx)
}

/// The name of one of its fields.
pub(crate) fn composite_field(attributes: &[Attribute], cx: &Ctxt) -> Option<Name> {
    items(attributes, "composite", &COMPOSITE_FIELD, cx).first()?.identifier(cx)
}

/// The label of a variant.
pub(crate) fn label(attributes: &[Attribute], cx: &Ctxt) -> Option<Name> {
    items(attributes, "db_enum", &VARIANT, cx).first()?.identifier(cx)
}
