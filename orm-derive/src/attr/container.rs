//! `#[model(…)]` on the struct.

use super::{Choices, Item, checked, find, items};
use crate::ctxt::Ctxt;
use crate::ir::Constraint;
use crate::names::Name;
use proc_macro2::Ident;
use syn::{Attribute, Path};

const CHOICES: Choices =
    Choices { once: &["base", "table", "comment"], repeatable: &["unique", "index", "check", "criteria"] };

const CHECK: Choices = Choices { once: &["name", "expression"], repeatable: &[] };

/// What is said about the struct.
#[derive(Default)]
pub(crate) struct Container {
    pub(crate) base: Option<Path>,
    pub(crate) table: Option<Name>,
    pub(crate) comment: Option<String>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) criteria: Vec<Path>,
}

/// Reads the attributes of the struct.
pub(crate) fn container(ident: &Ident, attributes: &[Attribute], cx: &Ctxt) -> Container {
    let mut container = Container::default();
    let mut has_base = false;
    for item in items(attributes, "model", &CHOICES, cx) {
        match item.name.as_str() {
            "base" => {
                has_base = true;
                container.base = item.path(cx);
            }
            "table" => container.table = item.identifier(cx),
            "comment" => container.comment = item.string(cx),
            "criteria" => container.criteria.extend(item.function(cx)),
            _ => container.constraints.extend(constraint(&item, cx)),
        }
    }
    if !has_base {
        cx.error_at(ident, format_args!("`{ident}` needs its declarative base: `#[model(base = Base)]`"));
    }
    for relation in ["belongs_to", "has_many", "has_one", "many_to_many"] {
        if let Some(attribute) = find(attributes, relation) {
            cx.error_at(&attribute.path(), format_args!("`#[{relation}]` belongs on a field"));
        }
    }
    container
}

fn constraint(item: &Item, cx: &Ctxt) -> Option<Constraint> {
    match item.name.as_str() {
        "unique" => item.identifiers(cx).map(Constraint::Unique),
        "index" => item.identifiers(cx).map(Constraint::Index),
        _ => check(item, cx),
    }
}

fn check(item: &Item, cx: &Ctxt) -> Option<Constraint> {
    let (mut name, mut expression) = (None, None);
    let before = cx.count();
    for inner in checked(item.nested(cx).unwrap_or_default(), &CHECK, cx) {
        match inner.name.as_str() {
            "name" => name = inner.identifier(cx),
            _ => expression = inner.string(cx),
        }
    }
    match (name, expression) {
        (Some(name), Some(expression)) => Some(Constraint::Check { name, expression }),
        _ => {
            if before == cx.count() {
                item.expected(cx, "`check(name = \"…\", expression = \"…\")`");
            }
            None
        }
    }
}
