//! The rules between attributes, fields and the struct: one function per rule.

mod columns;
mod indexes;
mod view;

use crate::attr::check_identifier;
use crate::ctxt::Ctxt;
use crate::ir::{Action, Actions, Constraint, Field, Kind, Model, Source};
use crate::names::Name;
use crate::shape;
use crate::suggest::did_you_mean;

/// The most columns that a primary key can have.
const MAX_KEY: usize = 4;

/// Checks a model, and resolves the columns of its constraints.
pub(crate) fn model(model: &mut Model, cx: &Ctxt) {
    check_table(model, cx);
    check_primary_key(model, cx);
    fields(model, cx);
    view::check(model, cx);
    resolve_constraints(model, cx);
}

/// The rules for fields, of a model or of a struct that is embedded in one.
pub(crate) fn fields(model: &Model, cx: &Ctxt) {
    check_key_is_not_null(model, cx);
    check_columns_are_distinct(model, cx);
    check_constants_are_distinct(model, cx);
    check_server_defaults(model, cx);
    check_set_null(model, cx);
    check_shared_columns(model, cx);
    columns::check(model, cx);
}

/// A table that is called after its struct can have a name that is too long, too.
fn check_table(model: &Model, cx: &Ctxt) {
    check_identifier(&model.table, cx);
}

/// Every model has a primary key of one to four columns.
fn check_primary_key(model: &Model, cx: &Ctxt) {
    let columns = model.primary_key();
    if columns.is_empty() && !model.fields.iter().any(is_broken) {
        cx.error_at(
            &model.ident,
            format_args!("`{}` needs a primary key: put `#[model(primary_key)]` on a field", model.ident),
        );
    }
    if let Some(fifth) = columns.get(MAX_KEY) {
        cx.error(
            fifth.name.span,
            format_args!("a primary key has at most {MAX_KEY} columns, this one has {}", columns.len()),
        );
    }
}

fn is_broken(field: &Field) -> bool {
    matches!(field.kind, Kind::Broken)
}

/// No column of a primary key can be `NULL`.
fn check_key_is_not_null(model: &Model, cx: &Ctxt) {
    for field in &model.fields {
        let nullable_key = match &field.kind {
            Kind::Plain(plain) => {
                plain.primary_key.is_some() && shape::argument_of(field.loaded(), "Option").is_some()
            }
            Kind::BelongsTo(to) => to.primary_key.is_some() && to.nullable,
            Kind::Collection(_) | Kind::Embed(_) | Kind::Broken => false,
        };
        if nullable_key {
            cx.error_at(&field.ty, "a primary key cannot be `NULL`: take the type without `Option`");
        }
    }
}

/// No two columns have the same name.
fn check_columns_are_distinct(model: &Model, cx: &Ctxt) {
    let columns = model.columns();
    for (i, column) in columns.iter().enumerate() {
        check_identifier(column.name, cx);
        if let Some(first) = columns[..i].iter().find(|c| c.name.text == column.name.text) {
            let way_out = match (first.source, column.source) {
                (Source::Part(one, _), Source::Part(other, _))
                    if one.columns.len() > 1
                        && other.columns.len() > 1
                        && first.field.ident != column.field.ident =>
                {
                    ": give it a field of its own, and both share that"
                }
                _ => "",
            };
            cx.error(
                column.name.span,
                format_args!(
                    "`{}` and `{}` have the same column \"{}\"{way_out}",
                    first.field.ident, column.field.ident, column.name.text
                ),
            );
        }
    }
}

/// No two columns or relations give a constant of the same name.
fn check_constants_are_distinct(model: &Model, cx: &Ctxt) {
    let columns = model.columns();
    let of_columns = columns.iter().map(|c| (c.constant(), c.field, Some(c.name)));
    let of_relations = model.relations().map(|field| (field.constant(), field, None));
    let of_embedded = model.embedded().map(|(field, _)| (field.constant(), field, None));
    let all: Vec<(Name, &Field, Option<&Name>)> = of_columns.chain(of_relations).chain(of_embedded).collect();
    for (i, (constant, field, column)) in all.iter().enumerate() {
        let Some((_, other, first_column)) = all[..i].iter().find(|(c, ..)| c.text == constant.text) else {
            continue;
        };
        // The same column twice is reported as that.
        let reported = matches!((column, first_column), (Some(a), Some(b)) if a.text == b.text);
        if !reported {
            clash(constant, field, other, cx);
        }
    }
}

fn clash(constant: &Name, field: &Field, other: &Field, cx: &Ctxt) {
    let (a, b) = (&other.ident, &field.ident);
    if a == b {
        let message =
            "the foreign key and the relation cannot have the same name: the column is usually called";
        cx.error(constant.span, format_args!("{message} `{a}_id`"));
        return;
    }
    let constant = &constant.text;
    let message = format!("`{a}` and `{b}` both give a constant `{constant}`: rename one of them");
    let mut error = syn::Error::new(field.ident.span(), message);
    error.combine(syn::Error::new(a.span(), format_args!("`{constant}` comes from here as well")));
    cx.push(error);
}

/// A server default works only where the program may leave the value to the server.
fn check_server_defaults(model: &Model, cx: &Ctxt) {
    for field in &model.fields {
        let Kind::Plain(plain) = &field.kind else { continue };
        let Some(default) = &plain.server_default else { continue };
        if shape::argument_of(field.loaded(), "Auto").is_none() {
            let inner = shape::argument_of(field.loaded(), "Option").unwrap_or(field.loaded());
            let inner = crate::parse::text(inner);
            cx.error(
                default.span,
                format_args!(
                    "this default would never be used, because a value is always sent for `{}`: \
                     make it an `Auto<{inner}>`",
                    field.ident
                ),
            );
        }
    }
}

/// `SET NULL` needs a column that can be `NULL`.
fn check_set_null(model: &Model, cx: &Ctxt) {
    for field in &model.fields {
        let (actions, nullable): (&Actions, bool) = match &field.kind {
            Kind::BelongsTo(to) => (&to.actions, to.nullable),
            Kind::Plain(plain) => match &plain.references {
                Some(to) => (&to.actions, shape::argument_of(field.loaded(), "Option").is_some()),
                None => continue,
            },
            Kind::Collection(_) | Kind::Embed(_) | Kind::Broken => continue,
        };
        for (action, span) in [actions.on_delete, actions.on_update].into_iter().flatten() {
            if action == Action::SetNull && !nullable {
                let ty = crate::parse::text(&field.ty);
                cx.error(span, format_args!("`{}` cannot be `NULL`: make it an `Option<{ty}>`", field.ident));
            }
        }
    }
}

/// What a foreign key shares with another field is never `NULL` and always read; nothing else changes it.
fn check_shared_columns(model: &Model, cx: &Ctxt) {
    for field in &model.fields {
        let Kind::BelongsTo(to) = &field.kind else { continue };
        for (part, home) in model.shared(to) {
            let (name, span) = (&to.columns[part].text, to.columns[part].span);
            let (this, that) = (&field.ident, &home.field.ident);
            if let Some(inner) = shape::argument_of(home.field.loaded(), "Option") {
                let inner = crate::parse::text(inner);
                cx.error(
                    span,
                    format_args!(
                        "`{this}` shares \"{name}\" with `{that}`, which can be `NULL`: make that a `{inner}`, or give `{this}` \
                         a column of its own"
                    ),
                );
            } else if home.field.deferred().is_some() {
                let message =
                    format_args!("`{this}` shares \"{name}\" with `{that}`, so it cannot be deferred");
                cx.error_at(&home.field.ty, message);
            }
            if let Some((Action::SetNull | Action::SetDefault, span)) = to.actions.on_update {
                let message =
                    format_args!("this would change \"{name}\" as well, which is the column of `{that}`");
                cx.error(span, message);
            }
        }
    }
}

/// Constraints name fields or columns; afterwards they name columns.
fn resolve_constraints(model: &mut Model, cx: &Ctxt) {
    let mut constraints = std::mem::take(&mut model.constraints);
    for constraint in &mut constraints {
        if let Constraint::Unique(names) = constraint {
            *names = names.iter().flat_map(|name| columns_of(model, name, cx)).collect();
            check_once(names, cx);
        }
        indexes::resolve(constraint, model, cx);
    }
    model.constraints = constraints;
}

/// The columns that a name means: the column of that name, or those of the field of that name.
fn columns_of(model: &Model, name: &Name, cx: &Ctxt) -> Vec<Name> {
    let columns = model.columns();
    let here = |text: &str| Name::new(text, name.span);
    if columns.iter().any(|column| column.name.text == name.text) {
        return vec![here(&name.text)];
    }
    let of_field: Vec<Name> =
        columns.iter().filter(|c| c.field.name() == name.text).map(|c| here(&c.name.text)).collect();
    if of_field.is_empty() && model.embedded().next().is_some() {
        // It may be one of an embedded value; the registry looks.
        return vec![here(&name.text)];
    }
    if of_field.is_empty() {
        unknown_column(&columns.iter().map(|c| c.name.text.as_str()).collect::<Vec<_>>(), name, cx);
    }
    of_field
}

fn unknown_column(columns: &[&str], name: &Name, cx: &Ctxt) {
    let guess = did_you_mean(&name.text, columns);
    let list = columns.join(", ");
    cx.error(name.span, format_args!("no column \"{}\"{guess} the columns are: {list}", name.text));
}

fn check_once(names: &[Name], cx: &Ctxt) {
    for (i, name) in names.iter().enumerate() {
        if names[..i].iter().any(|other| other.text == name.text) {
            cx.error(name.span, format_args!("\"{}\" is named twice", name.text));
        }
    }
}
