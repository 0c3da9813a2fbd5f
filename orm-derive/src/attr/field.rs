//! `#[model(…)]` on a column.

use super::relation::{action, deferrable};
use super::{Choices, Item, items};
use crate::ctxt::Ctxt;
use crate::ir::{Actions, Deferral, Plain, References, Version};
use crate::names::Name;
use proc_macro2::Ident;
use syn::Attribute;

const CHOICES: Choices = Choices {
    once: &[
        "primary_key",
        "unique",
        "index",
        "length",
        "column",
        "default",
        "onupdate",
        "generated",
        "version",
        "deferred",
        "server_default",
        "check",
        "references",
        "on_delete",
        "on_update",
        "deferrable",
        "comment",
    ],
    repeatable: &[],
};

/// Reads the attributes of a plain field.
pub(crate) fn plain(ident: &Ident, attributes: &[Attribute], cx: &Ctxt) -> Plain {
    let mut plain = Plain {
        column: Name::of(ident),
        primary_key: None,
        unique: false,
        index: false,
        length: None,
        server_default: None,
        default: None,
        on_update: None,
        generated: None,
        version: None,
        deferred: None,
        check: None,
        references: None,
        comment: None,
    };
    let items = items(attributes, "model", &CHOICES, cx);
    for item in &items {
        apply(&mut plain, item, cx);
    }
    plain.references = references(&items, cx);
    if matches!(plain.version, Some((Version::System, _))) {
        if let Some(column) = items.iter().find(|item| item.name == "column") {
            cx.error(column.span, "the column of this version is called \"xmin\" by PostgreSQL");
        }
        plain.column = Name::new("xmin", ident.span());
    }
    plain
}

/// `version`, or `version = "xmin"`
fn version(item: &Item, cx: &Ctxt) -> Option<Version> {
    match item.assigned() {
        None => item.flag(cx).then_some(Version::Written),
        Some(_) => item.choice(&[("xmin", Version::System)], cx),
    }
}

/// `deferred`, `deferred = "group"` or `deferred = false`
fn deferral(item: &Item, cx: &Ctxt) -> Option<Deferral> {
    match (item.truth(), item.assigned_text()) {
        (Some(true), _) => Some(Deferral::Alone),
        (Some(false), _) => Some(Deferral::Read),
        (None, Some(group)) if !group.text.is_empty() => Some(Deferral::Group(group.text)),
        _ => {
            item.expected(cx, "`deferred`, `deferred = \"group\"` or `deferred = false`");
            None
        }
    }
}

fn apply(plain: &mut Plain, item: &Item, cx: &Ctxt) {
    match item.name.as_str() {
        "primary_key" => plain.primary_key = item.flag(cx).then_some(item.span),
        "unique" => plain.unique = item.flag(cx),
        "index" => plain.index = item.flag(cx),
        "length" => plain.length = item.number(cx),
        "column" => plain.column = item.identifier(cx).unwrap_or_else(|| plain.column.clone()),
        "default" => plain.default = item.expression(cx),
        "onupdate" => plain.on_update = item.expression(cx).map(|expression| (expression, item.span)),
        "generated" => plain.generated = item.text(cx),
        "version" => plain.version = version(item, cx).map(|version| (version, item.span)),
        "deferred" => plain.deferred = deferral(item, cx).map(|when| (when, item.span)),
        "server_default" => plain.server_default = item.text(cx),
        "check" => plain.check = item.string(cx),
        "comment" => plain.comment = item.string(cx),
        _ => {}
    }
}

fn references(items: &[Item], cx: &Ctxt) -> Option<References> {
    let mut actions = Actions::default();
    let mut target = None;
    let has_target = items.iter().any(|item| item.name == "references");
    for item in items {
        match item.name.as_str() {
            "references" => target = table_and_column(item, cx),
            "on_delete" | "on_update" | "deferrable" if !has_target => cx.error(
                item.span,
                format_args!("`{}` needs a foreign key: add `references = \"table.column\"`", item.name),
            ),
            "on_delete" => actions.on_delete = action(item, cx),
            "on_update" => actions.on_update = action(item, cx),
            "deferrable" => actions.deferrable = deferrable(item, cx),
            _ => {}
        }
    }
    let (table, column) = target?;
    Some(References { table, column, actions })
}

fn table_and_column(item: &Item, cx: &Ctxt) -> Option<(String, String)> {
    let text = item.text(cx)?;
    match text.text.split_once('.') {
        Some((table, column)) if !table.is_empty() && !column.is_empty() => {
            Some((table.to_owned(), column.to_owned()))
        }
        _ => {
            cx.error(text.span, "expected `references = \"table.column\"`");
            None
        }
    }
}
