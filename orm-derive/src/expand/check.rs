//! Checks that only the compiler can make, because they are about other models.

use super::model::{key_part, scalar};
use super::place;
use crate::ir::{BelongsTo, CollectionKind, ColumnOf, Field, Kind, Model, Modifier, Version};
use crate::names::{Name, screaming};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::Type;
use syn::spanned::Spanned;

/// Constants whose only purpose is to be checked.
pub(super) fn checks(model: &Model) -> TokenStream {
    model.fields.iter().map(|field| of_field(model, field)).collect()
}

/// Those of a type that is embedded: who holds it, and so the other side of a relation, is not known there.
pub(super) fn of_embedded(model: &Model) -> TokenStream {
    let checks = model.fields.iter().map(|field| match &field.kind {
        Kind::BelongsTo(to) => column_count(model, field, to),
        // Only enums have a column before those of their fields.
        Kind::Embed(_) if model.offset > 0 => no_relations(model, field),
        _ => of_field(model, field),
    });
    checks.collect()
}

/// A relation is all of its variant, and not part of a value in one.
///
/// ```text
/// const _: () = assert!(<<Owned as EmbeddedField>::Value as Embedded>::RELATIONS == 0, "…");
/// ```
fn no_relations(model: &Model, field: &Field) -> TokenStream {
    let relations = place::embedded(&place::embedded_field(&field.ty, "Value"), "RELATIONS");
    let message = format!(
        "`{}` is embedded in a variant of `{}`, and has a relation: a relation is all of its variant",
        crate::parse::text(&field.ty),
        Name::of(&model.ident).text,
    );
    quote_spanned! {field.ty.span()=>
        const _: () = ::core::assert!(#relations == 0, #message);
    }
}

fn of_field(model: &Model, field: &Field) -> TokenStream {
    match &field.kind {
        Kind::BelongsTo(to) => {
            let mirror = back_populates(model, &to.target, to.back_populates.as_ref());
            let columns = column_count(model, field, to);
            let table = (model.view.is_none()).then(|| refers_to_table(model, field, &to.target));
            mirror.into_iter().chain([columns, shared_columns(model, to)]).chain(table).collect()
        }
        Kind::Collection(to) => {
            let mirror = back_populates(model, &to.target, to.back_populates.as_ref());
            let table = (to.kind != CollectionKind::View).then(|| refers_to_table(model, field, &to.target));
            mirror.into_iter().chain(table).collect()
        }
        Kind::Plain(plain) => {
            let modifier = plain.modifier.map(|modifier| self::modifier(model, field, modifier));
            let version = plain.version.map(|(kind, _)| version(model, field, kind));
            modifier.into_iter().chain(version).collect()
        }
        Kind::Embed(_) | Kind::Broken => TokenStream::new(),
    }
}

/// A foreign key leads from a table to a table.
///
/// ```text
/// const _: () = assert!(!<<<Customer as Related>::Itself as Model>::Backing as Backing>::IS_VIEW, "…");
/// ```
fn refers_to_table(model: &Model, field: &Field, target: &Type) -> TokenStream {
    let (is_view, target) = (place::is_view(target), crate::parse::text(target));
    let message = format!(
        "`{}` of `{}` needs a foreign key, and `{target}` is a view: use `View<{target}>` with \
         `#[view(on(\"own column\" = \"column of the view\"))]`",
        field.name(),
        Name::of(&model.ident).text,
    );
    quote_spanned! {field.ty.span()=>
        const _: () = ::core::assert!(!#is_view, #message);
    }
}

/// The other side of a `back_populates` must be a relation back to this model. A wrong name is
/// reported at the string.
///
/// ```text
/// const _: () = back_populates::<Cart, Customer>(<Cart>::CUSTOMER);
/// ```
fn back_populates(model: &Model, target: &Type, name: Option<&Name>) -> Option<TokenStream> {
    let name = name?;
    let span = name.span;
    let (owner, constant) = (&model.ident, Ident::new(&screaming(&name.text), span));
    Some(quote_spanned! {span=>
        const _: () = ::orm_core::__private::back_populates::<#target, #owner>(<#target>::#constant);
    })
}

/// A foreign key must have as many columns as the key it refers to.
///
/// ```text
/// const _: () = assert!(<<Customer as Related>::Key as Key>::TYPES.len() == 1, "…");
/// ```
fn column_count(model: &Model, field: &Field, to: &BelongsTo) -> TokenStream {
    let (count, key) = (to.columns.len(), place::related(&to.target, "Key"));
    let columns = if count == 1 { "one column" } else { "several columns" };
    let message = format!(
        "`{}` of `{}` has {columns}, but the primary key of `{}` has another number: name each column with \
         `columns(\"…\", \"…\")`",
        field.name(),
        Name::of(&model.ident).text,
        crate::parse::text(&to.target),
    );
    quote_spanned! {field.ty.span()=>
        const _: () = ::core::assert!(
            <#key as ::orm_core::__private::Key>::TYPES.len() == #count,
            #message
        );
    }
}

/// A field that has a column of a foreign key has the type of that part of the key.
///
/// ```text
/// const _: () = same::<<i64 as ColumnType>::Scalar, <<Customer as Model>::Key as KeyPart<0>>::Part>();
/// ```
fn shared_columns(model: &Model, to: &BelongsTo) -> TokenStream {
    let check = |(part, column): (usize, ColumnOf<'_>)| {
        let (held, key) = (scalar(&column), key_part(to, part));
        quote_spanned! {column.field.ty.span()=>
            const _: () = ::orm_core::__private::same::<#held, #key>();
        }
    };
    model.shared(to).into_iter().map(check).collect()
}

/// A length or precision is one of the type of the field.
///
/// ```text
/// const _: () = assert!(TypeModifier::Length(80).is_of(<String as ColumnType>::SQL), "…");
/// ```
fn modifier(model: &Model, field: &Field, (modifier, span): (Modifier, Span)) -> TokenStream {
    let (name, types) = match modifier {
        Modifier::Length(_) => ("`length`", "texts, bits and vectors have one"),
        Modifier::Fixed(_) => ("fixed `length`", "texts and bits have one"),
        Modifier::Precision(_) => {
            ("`precision`", "numerics have one up to 1000, times and intervals one up to 6")
        }
        Modifier::Digits { .. } => ("`scale`", "numerics have one, with a `precision` up to 1000"),
    };
    let (sql, modifier) = (place::column(&field.ty, "SQL"), super::definition::modifier(modifier));
    let (field, owner) = (field.name(), Name::of(&model.ident).text);
    let message = format!("`{field}` of `{owner}` cannot have this {name}: {types}");
    quote_spanned! {span=>
        const _: () = ::core::assert!(#modifier.is_of(#sql), #message);
    }
}

/// A version has a type of which there is always a next value.
///
/// ```text
/// const _: () = assert!(is_version(<i32 as ColumnType>::SQL), "…");
/// ```
fn version(model: &Model, field: &Field, kind: Version) -> TokenStream {
    let sql = place::column(&field.ty, "SQL");
    let (check, types) = match kind {
        Version::Written => ("is_version", "an `i16`, `i32`, `i64` or a point in time, as `DateTime<Utc>`"),
        Version::System => ("is_system_version", "an `Auto<Xid>`"),
    };
    let check = Ident::new(check, field.ty.span());
    let (name, owner) = (field.name(), Name::of(&model.ident).text);
    let message = format!("`{name}` of `{owner}` cannot be a version: it is {types}");
    quote_spanned! {field.ty.span()=>
        const _: () = ::core::assert!(::orm_core::__private::#check(#sql), #message);
    }
}
