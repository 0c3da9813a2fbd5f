//! `#[row(…)]` on a field.

use super::{Choices, items};
use crate::ctxt::Ctxt;
use crate::names::Name;
use syn::Attribute;

const FIELD: Choices = Choices { once: &["column"], repeatable: &[] };

/// The name of the column, where it is not that of the field.
pub(crate) fn column_of_row(attributes: &[Attribute], cx: &Ctxt) -> Option<Name> {
    items(attributes, "row", &FIELD, cx).first()?.identifier(cx)
}
