//! `#[db_enum(…)]`, `#[scalar(…)]` and `#[composite(…)]`: the names of types in the database.

use super::{Choices, items};
use crate::ctxt::Ctxt;
use crate::names::Name;
use syn::Attribute;

const TYPE: Choices = Choices { once: &["name", "schema"], repeatable: &[] };

const VARIANT: Choices = Choices { once: &["rename"], repeatable: &[] };

/// What a type is called in the database, as far as it is said.
#[derive(Default)]
pub(crate) struct Called {
    pub(crate) schema: Option<Name>,
    pub(crate) name: Option<Name>,
}

/// The name of a type in the database: `#[db_enum(…)]` or `#[composite(…)]`.
pub(crate) fn called(attributes: &[Attribute], attribute: &str, cx: &Ctxt) -> Called {
    let mut called = Called::default();
    for item in items(attributes, attribute, &TYPE, cx) {
        match item.name.as_str() {
            "name" => called.name = item.identifier(cx),
            _ => called.schema = item.identifier(cx),
        }
    }
    called
}

const NEWTYPE: Choices = Choices { once: &["domain", "schema", "check"], repeatable: &[] };

/// A domain: its name, and what its values must meet.
pub(crate) struct Domain {
    pub(crate) schema: Option<Name>,
    pub(crate) name: Name,
    pub(crate) check: Option<String>,
}

/// The domain that a type with one field is.
pub(crate) fn domain(attributes: &[Attribute], cx: &Ctxt) -> Option<Domain> {
    let (mut schema, mut name, mut check) = (None, None, None);
    for item in items(attributes, "scalar", &NEWTYPE, cx) {
        match item.name.as_str() {
            "domain" => name = item.identifier(cx),
            "schema" => schema = item.identifier(cx).map(|name| (name, item.span)),
            _ => check = item.string(cx).map(|text| (text, item.span)),
        }
    }
    if let (None, Some((_, span))) = (&name, &check) {
        cx.error(*span, "only a domain has a check: `domain = \"…\"` names it");
    }
    if let (None, Some((_, span))) = (&name, &schema) {
        cx.error(*span, "only a domain is in a schema: `domain = \"…\"` names it");
    }
    Some(Domain { schema: schema.map(|(name, _)| name), name: name?, check: check.map(|(text, _)| text) })
}

const COMPOSITE_FIELD: Choices = Choices { once: &["rename"], repeatable: &[] };

/// The name of one of its fields.
pub(crate) fn composite_field(attributes: &[Attribute], cx: &Ctxt) -> Option<Name> {
    items(attributes, "composite", &COMPOSITE_FIELD, cx).first()?.identifier(cx)
}

/// The label of a variant.
pub(crate) fn label(attributes: &[Attribute], cx: &Ctxt) -> Option<Name> {
    items(attributes, "db_enum", &VARIANT, cx).first()?.identifier(cx)
}
