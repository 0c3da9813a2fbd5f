//! The rules for models of views: nobody writes their rows, and nothing in the database refers to them.

use crate::ctxt::Ctxt;
use crate::ir::{BelongsTo, CollectionKind, Constraint, DatabaseView, Definition, Kind, Model, Plain};
use crate::parse::text;
use proc_macro2::Span;
use syn::spanned::Spanned;

pub(super) fn check(model: &Model, cx: &Ctxt) {
    let Some(view) = &model.view else { return };
    let refuse = |span: Span, what: &str| {
        cx.error(span, format_args!("`{}` is a view: it has no {what}", model.ident));
    };
    check_constraints(model, view, &refuse);
    for field in &model.fields {
        match &field.kind {
            Kind::Plain(plain) => check_column(plain, field.ident.span(), view, &refuse),
            Kind::BelongsTo(to) => check_reference(to, field.ident.span(), view, &refuse),
            Kind::Collection(to) if to.kind == CollectionKind::View => {}
            Kind::Collection(to) => {
                let what = format!(
                    "`{}`, because no foreign key leads to it: use `View<{}>` with `#[view(on(\"…\" = \"…\"))]`",
                    to.kind.type_name(),
                    text(&to.target)
                );
                refuse(field.ty.span(), &what);
            }
            Kind::Embed(_) if matches!(view.definition, Definition::Query(_)) => {
                refuse(
                    field.ty.span(),
                    "embedded values where a function defines it: define it by SQL text, which names the columns",
                );
            }
            Kind::Embed(_) | Kind::Broken => {}
        }
    }
}

fn check_constraints(model: &Model, view: &DatabaseView, refuse: &impl Fn(Span, &str)) {
    for constraint in &model.constraints {
        let (what, first) = match constraint {
            Constraint::Unique(_) | Constraint::Index(_) if view.is_materialized => continue,
            Constraint::Unique(columns) => ("unique constraint unless it is `materialized`", columns.first()),
            Constraint::Index(index) => {
                ("index unless it is `materialized`", index.keys.first().map(|key| &key.of))
            }
            Constraint::Exclude(exclude) => ("constraint", exclude.keys.first().map(|(key, _)| &key.of)),
            Constraint::Check { name, .. } => ("check", Some(name)),
        };
        refuse(first.map_or(view.span, |name| name.span), what);
    }
}

fn check_column(plain: &Plain, at: Span, view: &DatabaseView, refuse: &impl Fn(Span, &str)) {
    let is_indexed = (plain.unique || plain.index) && !view.is_materialized;
    let found = [
        (is_indexed.then_some(at), "index unless it is `materialized`"),
        (plain.identity.map(|(_, span)| span), "identity column"),
        (plain.collation.as_ref().map(|name| name.span), "collation: the definition says it"),
        (plain.modifier.map(|(_, span)| span), "length or precision: the definition says the types"),
        (plain.server_default.as_ref().map(|name| name.span), "`server_default`"),
        (plain.default.as_ref().map(Spanned::span), "`default`"),
        (plain.on_update.as_ref().map(|(_, span)| *span), "`onupdate`"),
        (plain.generated.as_ref().map(|name| name.span), "`generated` column: compute it in the definition"),
        (plain.version.map(|(_, span)| span), "version"),
        (plain.check.as_ref().map(|_| at), "check"),
        (plain.references.as_ref().map(|_| at), "foreign key: `BelongsTo<…>` is a relation without one"),
    ];
    for (span, what) in found {
        if let Some(span) = span {
            refuse(span, what);
        }
    }
}

fn check_reference(to: &BelongsTo, at: Span, view: &DatabaseView, refuse: &impl Fn(Span, &str)) {
    for (_, span) in [to.actions.on_delete, to.actions.on_update].into_iter().flatten() {
        refuse(span, "foreign key that the database could follow");
    }
    if (to.unique || to.index) && !view.is_materialized {
        refuse(at, "index unless it is `materialized`");
    }
}
