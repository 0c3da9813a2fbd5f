//! `#[model(…)]` on the struct.

use super::{Choices, Item, checked, find, index, items};
use crate::ctxt::Ctxt;
use crate::ir::{Constraint, DatabaseView, Definition};
use crate::names::Name;
use proc_macro2::Ident;
use syn::{Attribute, Path};

const CHOICES: Choices = Choices {
    once: &["base", "table", "schema", "view", "materialized", "security_invoker", "comment"],
    repeatable: &["unique", "index", "check", "exclude", "criteria"],
};

const CHECK: Choices = Choices { once: &["name", "expression"], repeatable: &[] };

/// What is said about the struct.
#[derive(Default)]
pub(crate) struct Container {
    pub(crate) base: Option<Path>,
    pub(crate) table: Option<Name>,
    pub(crate) schema: Option<Name>,
    pub(crate) view: Option<DatabaseView>,
    pub(crate) comment: Option<String>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) criteria: Vec<Path>,
}

/// Reads the attributes of the struct.
pub(crate) fn container(ident: &Ident, attributes: &[Attribute], cx: &Ctxt) -> Container {
    let mut container = Container::default();
    let (mut has_base, mut materialized, mut invoker) = (false, None, None);
    for item in items(attributes, "model", &CHOICES, cx) {
        match item.name.as_str() {
            "base" => {
                has_base = true;
                container.base = item.path(cx);
            }
            "table" => container.table = item.identifier(cx),
            "schema" => container.schema = item.identifier(cx),
            "view" => container.view = view(&item, cx),
            "materialized" => materialized = item.flag(cx).then_some(item.span),
            "security_invoker" => invoker = item.flag(cx).then_some(item.span),
            "comment" => container.comment = item.comment(attributes, cx),
            "criteria" => container.criteria.extend(item.function(cx)),
            _ => container.constraints.extend(constraint(&item, cx)),
        }
    }
    match (&mut container.view, materialized) {
        (Some(view), Some(_)) => view.is_materialized = true,
        (None, Some(span)) => cx.error(span, "only a view can be materialized: add `view = …`"),
        (_, None) => {}
    }
    match (&mut container.view, invoker) {
        (Some(DatabaseView { is_materialized: true, .. }), Some(span)) => {
            cx.error(
                span,
                "a materialised view keeps its rows, whoever reads them: it has no `security_invoker`",
            );
        }
        (Some(DatabaseView { definition: Definition::Elsewhere, .. }), Some(span)) => {
            cx.error(
                span,
                "somebody else makes this view, and says whose rights it takes: leave `security_invoker` out",
            );
        }
        (Some(view), Some(_)) => view.is_invoked = true,
        (None, Some(span)) => cx.error(span, "only a view has `security_invoker`: add `view = …`"),
        (_, None) => {}
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

/// `view`, `view = "SELECT …"` or `view = function`
fn view(item: &Item, cx: &Ctxt) -> Option<DatabaseView> {
    let definition = match (item.assigned(), item.assigned_text()) {
        (None, _) if item.flag(cx) => Definition::Elsewhere,
        (_, Some(text)) if text.text.trim().is_empty() => {
            cx.error(text.span, "the definition of a view cannot be empty: `view = \"SELECT …\"`");
            Definition::Text(text)
        }
        (_, Some(text)) => Definition::Text(text),
        _ => Definition::Query(item.function(cx)?),
    };
    Some(DatabaseView { span: item.span, definition, is_materialized: false, is_invoked: false })
}

fn constraint(item: &Item, cx: &Ctxt) -> Option<Constraint> {
    match item.name.as_str() {
        "unique" => item.identifiers(cx).map(Constraint::Unique),
        "index" => index::index(item, cx).map(|index| Constraint::Index(Box::new(index))),
        "exclude" => index::exclude(item, cx).map(|exclude| Constraint::Exclude(Box::new(exclude))),
        _ => check(item, cx),
    }
}

fn check(item: &Item, cx: &Ctxt) -> Option<Constraint> {
    let (mut name, mut expression) = (None, None);
    let before = cx.count();
    for inner in checked(item.nested(cx).unwrap_or_default(), &CHECK, cx) {
        match inner.name.as_str() {
            "name" => name = inner.identifier(cx),
            _ => expression = inner.sql(cx).map(|text| text.text),
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
