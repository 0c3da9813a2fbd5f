//! `#[db_enum(…)]` on an enum and on its variants.

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

/// The label of a variant.
pub(crate) fn label(attributes: &[Attribute], cx: &Ctxt) -> Option<Name> {
    items(attributes, "db_enum", &VARIANT, cx).first()?.identifier(cx)
}
