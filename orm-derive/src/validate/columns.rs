//! The rules for columns whose values somebody else makes: versions, generated columns, `onupdate`.

use crate::ctxt::Ctxt;
use crate::ir::{Field, Kind, Model, Plain, Version};
use crate::parse::text;
use crate::shape;
use proc_macro2::Span;

/// The types that a version can have, as they are spelled.
const VERSIONS: &[&str] = &["i16", "i32", "i64", "DateTime"];

pub(super) fn check(model: &Model, cx: &Ctxt) {
    check_one_version(model, cx);
    for (field, plain) in plain_fields(model) {
        check_version(field, plain, cx);
        check_generated(field, plain, cx);
        check_identity(field, plain, cx);
        check_on_update(plain, cx);
        check_deferred(field, plain, cx);
    }
}

fn plain_fields(model: &Model) -> impl Iterator<Item = (&Field, &Plain)> {
    model.fields.iter().filter_map(|field| match &field.kind {
        Kind::Plain(plain) => Some((field, &**plain)),
        _ => None,
    })
}

/// A row has one version.
fn check_one_version(model: &Model, cx: &Ctxt) {
    let mut versions = plain_fields(model).filter_map(|(field, plain)| Some((field, plain.version?.1)));
    let Some((first, _)) = versions.next() else { return };
    for (_, span) in versions {
        cx.error(span, format_args!("`{}` is the version of the row already", first.ident));
    }
}

/// A version is a number that grows or a time, never `NULL`, and nobody else gives it a value.
fn check_version(field: &Field, plain: &Plain, cx: &Ctxt) {
    let Some((version, span)) = plain.version else { return };
    if plain.primary_key.is_some() {
        cx.error(span, "the primary key cannot be the version of its row: it never changes");
    }
    refuse_other_sources(plain, "a version", cx);
    if let Some(inner) = shape::argument_of(&field.ty, "Option") {
        let inner = text(inner);
        cx.error_at(&field.ty, format_args!("a version cannot be `NULL`: make it an `{inner}`"));
        return;
    }
    if version == Version::System {
        let is_auto = shape::argument_of(&field.ty, "Auto").is_some();
        if !is_auto {
            cx.error_at(&field.ty, "the version in `xmin` is made by the database: make it an `Auto<Xid>`");
        }
        return;
    }
    let scalar = shape::argument_of(&field.ty, "Auto").unwrap_or(&field.ty);
    if shape::is_scalar(scalar) && !shape::is_one_of(scalar, VERSIONS) {
        let scalar = text(scalar);
        cx.error_at(
            &field.ty,
            format_args!(
                "`{scalar}` cannot be a version: it is an `i16`, `i32`, `i64` or a point in time, as `DateTime<Utc>`"
            ),
        );
    }
}

/// What the database computes comes from nowhere else, and is there after the flush only.
fn check_generated(field: &Field, plain: &Plain, cx: &Ctxt) {
    let Some(generated) = &plain.generated else { return };
    if plain.primary_key.is_some() {
        cx.error(generated.span, "a generated column cannot be the primary key");
    }
    refuse_other_sources(plain, "a generated column", cx);
    if shape::argument_of(field.loaded(), "Auto").is_none() {
        let inner = text(shape::argument_of(field.loaded(), "Option").unwrap_or(field.loaded()));
        let ident = &field.ident;
        let message = format_args!("the database computes `{ident}`: make it an `Auto<{inner}>`");
        cx.error_at(&field.ty, message);
    }
}

/// Other attributes that would give a value to a column which has its own source.
fn refuse_other_sources(plain: &Plain, what: &str, cx: &Ctxt) {
    use syn::spanned::Spanned;
    let mut others: Vec<(&str, Span)> = Vec::new();
    others.extend(plain.default.as_ref().map(|expression| ("default", expression.span())));
    others.extend(plain.server_default.as_ref().map(|name| ("server_default", name.span)));
    others.extend(plain.on_update.as_ref().map(|(_, span)| ("onupdate", *span)));
    if plain.version.is_some() {
        others.extend(plain.generated.as_ref().map(|name| ("generated", name.span)));
    }
    for (name, span) in others {
        cx.error(span, format_args!("{what} makes its own values: it cannot have `{name}`"));
    }
}

/// A column that may be missing says so in its type; what every row needs, or every write changes, is never missing.
fn check_deferred(field: &Field, plain: &Plain, cx: &Ctxt) {
    let attribute = plain.deferred.as_ref().map(|(_, span)| *span);
    if let (Some(span), None) = (attribute, field.deferred()) {
        let ty = text(&field.ty);
        let message = format!("a query may leave `{}` out: make it a `Deferred<{ty}>`", field.ident);
        cx.error(span, message);
    }
    let Some(_) = attribute.map(|_| &field.ty).or_else(|| field.deferred()) else { return };
    let why = match () {
        () if plain.primary_key.is_some() => "the primary key is part of every row that is read",
        () if plain.version.is_some() => "a version is part of every row that is read",
        () if plain.generated.is_some() => "a generated column comes back with every write",
        () => return,
    };
    cx.error_at(&field.ty, format_args!("{why}: it cannot be deferred"));
}

/// The database counts the rows, and their keys say the numbers.
fn check_identity(field: &Field, plain: &Plain, cx: &Ctxt) {
    let Some((_, span)) = plain.identity else { return };
    if plain.primary_key.is_none() {
        cx.error(span, "only a primary key is an identity column");
    }
    if shape::argument_of(&field.ty, "Auto").is_none() {
        let (ident, inner) = (&field.ident, text(&field.ty));
        cx.error_at(&field.ty, format_args!("the database numbers `{ident}`: make it an `Auto<{inner}>`"));
    }
    refuse_other_sources(plain, "an identity column", cx);
}

/// The key names the row.
fn check_on_update(plain: &Plain, cx: &Ctxt) {
    if let (Some((_, span)), Some(_)) = (&plain.on_update, plain.primary_key) {
        cx.error(*span, "a primary key cannot have `onupdate`: it names the row");
    }
}
