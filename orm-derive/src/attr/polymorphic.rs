//! `#[polymorphic(…)]` on an enum and on its variants.

use super::{Choices, items};
use crate::ctxt::Ctxt;
use crate::names::Name;
use proc_macro2::Span;
use syn::{Attribute, Path};

const ENUM: Choices = Choices { once: &["base", "on"], repeatable: &[] };

const VARIANT: Choices = Choices { once: &["base", "tag"], repeatable: &[] };

/// What is said about an enum of handles.
#[derive(Default)]
pub(crate) struct Inheritance {
    pub(crate) base: Option<Path>,
    pub(crate) on: Option<Name>,
}

/// What is said about a variant.
#[derive(Default)]
pub(crate) struct KindOf {
    /// Whether it is what is none of the others.
    pub(crate) is_base: Option<Span>,
    pub(crate) tag: Option<Name>,
}

/// Reads the attributes of the enum: both or none.
pub(crate) fn inheritance(attributes: &[Attribute], cx: &Ctxt) -> Inheritance {
    let mut found = Inheritance::default();
    let items = items(attributes, "polymorphic", &ENUM, cx);
    for item in &items {
        match item.name.as_str() {
            "base" => found.base = item.path(cx),
            _ => found.on = item.text(cx),
        }
    }
    if let [one] = &items[..] {
        let other = if one.name == "base" {
            "on = \"…\"`, the field that says the kind"
        } else {
            "base = …`, the model of all of them"
        };
        cx.error(one.span, format_args!("`{}` needs `{other}", one.name));
    }
    found
}

/// Reads the attributes of a variant.
pub(crate) fn kind_of(attributes: &[Attribute], cx: &Ctxt) -> KindOf {
    let mut found = KindOf::default();
    for item in items(attributes, "polymorphic", &VARIANT, cx) {
        match item.name.as_str() {
            "base" => found.is_base = item.flag(cx).then_some(item.span),
            _ => found.tag = item.text(cx),
        }
    }
    found
}
