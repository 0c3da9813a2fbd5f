//! `#[model(…)]` on a column.

use super::relation::{action, deferrable};
use super::{Choices, Item, checked, items};
use crate::ctxt::Ctxt;
use crate::ir::{Actions, Deferral, Identity, Modifier, Plain, References, Version};
use crate::names::Name;
use proc_macro2::{Ident, Span};
use syn::Attribute;

const CHOICES: Choices = Choices {
    once: &[
        "primary_key",
        "unique",
        "index",
        "length",
        "fixed",
        "precision",
        "scale",
        "column",
        "default",
        "onupdate",
        "generated",
        "identity",
        "collate",
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
        modifier: None,
        server_default: None,
        default: None,
        on_update: None,
        generated: None,
        identity: None,
        collation: None,
        version: None,
        deferred: None,
        check: None,
        references: None,
        comment: None,
    };
    let items = items(attributes, "model", &CHOICES, cx);
    for item in &items {
        apply(&mut plain, item, attributes, cx);
    }
    plain.modifier = modifier(&items, cx);
    plain.references = references(&items, cx);
    if matches!(plain.version, Some((Version::System, _))) {
        if let Some(column) = items.iter().find(|item| item.name == "column") {
            cx.error(column.span, "the column of this version is called \"xmin\" by PostgreSQL");
        }
        plain.column = Name::new("xmin", ident.span());
    }
    plain
}

const IDENTITY: Choices = Choices { once: &["always", "start", "increment"], repeatable: &[] };

/// `identity = "always"`, `identity = "by default"`, or `identity(always, start = 1000, increment = 10)`
fn identity(item: &Item, cx: &Ctxt) -> Option<Identity> {
    if item.assigned().is_some() {
        let always = item.choice(&[("always", true), ("by default", false)], cx)?;
        return Some(Identity { always, ..Identity::default() });
    }
    let Some(settings) = item.nested(cx) else {
        item.expected(cx, "`identity = \"always\"` or `identity(always, start = 1, increment = 1)`");
        return None;
    };
    let mut identity = Identity::default();
    for setting in checked(settings, &IDENTITY, cx) {
        match setting.name.as_str() {
            "always" => identity.always = setting.flag(cx),
            "start" => identity.start = setting.integer(cx),
            _ => {
                identity.increment = setting.integer(cx);
                if identity.increment == Some(0) {
                    setting.wrong(cx, "an `increment` of 0 leads nowhere");
                }
            }
        }
    }
    Some(identity)
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

fn apply(plain: &mut Plain, item: &Item, attributes: &[Attribute], cx: &Ctxt) {
    match item.name.as_str() {
        "primary_key" => plain.primary_key = item.flag(cx).then_some(item.span),
        "unique" => plain.unique = item.flag(cx),
        "index" => plain.index = item.flag(cx),
        "column" => plain.column = item.identifier(cx).unwrap_or_else(|| plain.column.clone()),
        "default" => plain.default = item.expression(cx),
        "onupdate" => plain.on_update = item.expression(cx).map(|expression| (expression, item.span)),
        "generated" => plain.generated = item.text(cx),
        "identity" => plain.identity = identity(item, cx).map(|identity| (identity, item.span)),
        "collate" => plain.collation = item.identifier(cx),
        "version" => plain.version = version(item, cx).map(|version| (version, item.span)),
        "deferred" => plain.deferred = deferral(item, cx).map(|when| (when, item.span)),
        "server_default" => plain.server_default = item.text(cx),
        "check" => plain.check = item.sql(cx).map(|text| text.text),
        "comment" => plain.comment = item.comment(attributes, cx),
        _ => {}
    }
}

/// `length = 80`, `length = 3, fixed`, `precision = 3` or `precision = 10, scale = 2`
fn modifier(items: &[Item], cx: &Ctxt) -> Option<(Modifier, Span)> {
    let of = |name: &str| items.iter().find(|item| item.name == name);
    let [length, fixed, precision, scale] = ["length", "fixed", "precision", "scale"].map(of);
    for (item, needs) in [(fixed, ("length", length)), (scale, ("precision", precision))] {
        if let (Some(item), (name, None)) = (item, needs) {
            cx.error(item.span, format_args!("`{}` needs `{name} = …` beside it", item.name));
            return None;
        }
    }
    if let (Some(_), Some(precision)) = (length, precision) {
        cx.error(
            precision.span,
            "a column has a `length` or a `precision`, not both: texts and bits have lengths",
        );
        return None;
    }
    if let Some(length) = length {
        let is_fixed = fixed.is_some_and(|fixed| fixed.flag(cx));
        let most = length.number(cx)?;
        return Some((if is_fixed { Modifier::Fixed(most) } else { Modifier::Length(most) }, length.span));
    }
    let (precision, span) = (precision?.count(cx)?, precision?.span);
    let Some(scale) = scale else { return Some((Modifier::Precision(precision), span)) };
    let behind = scale.count(cx)?;
    if behind > precision {
        scale.wrong(cx, format_args!("{behind} digits behind the point are more than all {precision}"));
        return None;
    }
    Some((Modifier::Digits { precision, scale: behind }, span))
}

fn references(items: &[Item], cx: &Ctxt) -> Option<References> {
    let mut actions = Actions::default();
    let mut target = None;
    let has_target = items.iter().any(|item| item.name == "references");
    for item in items {
        match item.name.as_str() {
            "references" => target = item.table_and_column(cx),
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
    Some(References { actions, ..target? })
}
