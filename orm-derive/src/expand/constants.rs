//! The typed constants of a model.

use super::model::key_part;
use super::place;
use crate::ir::{BelongsTo, CollectionKind, ColumnOf, Embed, Field, Kind, Model, Source};
use crate::names::Name;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use std::collections::HashSet;
use syn::Type;
use syn::spanned::Spanned;

/// One constant per column and relation; a foreign key gives both.
///
/// ```text
/// impl Cart {
///     /// The column `cart.customer_id`.
///     pub const CUSTOMER_ID: Column<Cart, <Customer as Related>::Key> = Column::new(1);
///     /// The relation to `Customer`.
///     pub const CUSTOMER: Relation<Cart, Customer, arity::One> = Relation::new(0);
/// }
/// ```
pub(super) fn constants(model: &Model) -> TokenStream {
    let columns = model.columns();
    let of_columns = columns.iter().map(|column| (column.constant(), of_column(model, column)));
    let relations = model.relations().enumerate();
    let of_relations = relations.map(|(index, field)| (field.constant(), of_relation(model, field, index)));
    let embedded = model.embedded().enumerate();
    let of_embedded =
        embedded.map(|(at, (field, embed))| (field.constant(), of_embedded(model, at, field, embed)));
    let broken = model.fields.iter().filter(|field| matches!(field.kind, Kind::Broken));
    let of_broken = broken.map(|field| (field.constant(), of_broken(model, field)));
    // Two of one name are a mistake that is reported; the first stands in for both.
    let mut names = HashSet::new();
    let all = of_columns.chain(of_relations).chain(of_embedded).chain(of_broken);
    let constants = all.filter(|(name, _)| names.insert(name.text.clone())).map(|(_, code)| code);
    let ident = &model.ident;
    quote! {
        impl #ident {
            #(#constants)*
        }
    }
}

fn of_column(model: &Model, column: &ColumnOf<'_>) -> TokenStream {
    let (owner, index, field) = (&model.ident, column.index, &column.field.ty);
    // Placed where the type is: a target that is no model is then one mistake, and not another one here.
    let of = |ty| quote!(::orm_core::__private::Column<#owner, #ty>);
    let (ty, span) = match column.source {
        Source::Plain(_) => (of(quote!(#field)), Span::call_site()),
        Source::Part(to, part) => {
            let span = to.target.span();
            (place::at(span, of(of_part(to, part))), span)
        }
    };
    let doc = format!("The column `{}.{}`.", model.table.text, column.name.text);
    let value = quote_spanned!(span=> ::orm_core::__private::Column::new(#index));
    constant_at(span, model, &column.constant(), &doc, &ty, &value)
}

fn of_part(to: &BelongsTo, part: usize) -> TokenStream {
    let key = key_part(to, part);
    match to.nullable {
        true => quote!(::core::option::Option<#key>),
        false => key,
    }
}

/// The relation of a variant that is a foreign key: another variant has none.
pub(super) fn of_reference(model: &Model, field: &Field, index: usize) -> TokenStream {
    match &field.kind {
        Kind::BelongsTo(to) => relation(model, field, index, &to.target, &quote!(Optional)),
        _ => TokenStream::new(),
    }
}

fn of_relation(model: &Model, field: &Field, index: usize) -> TokenStream {
    let (target, arity) = match &field.kind {
        Kind::BelongsTo(to) if to.nullable => (&to.target, quote!(Optional)),
        Kind::BelongsTo(to) => (&to.target, quote!(One)),
        Kind::Collection(to) if to.kind == CollectionKind::HasOne => (&to.target, quote!(Optional)),
        Kind::Collection(to) => (&to.target, quote!(Many)),
        Kind::Plain(_) | Kind::Embed(_) | Kind::Broken => return TokenStream::new(),
    };
    relation(model, field, index, target, &arity)
}

fn relation(model: &Model, field: &Field, index: usize, target: &Type, arity: &TokenStream) -> TokenStream {
    let owner = &model.ident;
    let doc = format!("The relation `{}`, to `{}`.", field.name(), crate::parse::text(target));
    constant(
        model,
        &field.constant(),
        &doc,
        &quote!(::orm_core::__private::Relation<#owner, #target, ::orm_core::__private::arity::#arity>),
        &quote!(::orm_core::__private::Relation::new(#index)),
    )
}

/// ```text
/// pub const ADDRESS: Composite<Customer, Address, arity::One> = Composite::new("address", 3, 1);
/// ```
fn of_embedded(model: &Model, at: usize, field: &Field, embed: &Embed) -> TokenStream {
    let arity = if embed.optional { quote!(Optional) } else { quote!(One) };
    composite(model, at, (field, embed), &field.constant(), &arity)
}

/// The same of a value that only one variant of an enum has.
pub(super) fn of_nested(
    model: &Model,
    at: usize,
    field: &Field,
    embed: &Embed,
    constant: &Name,
) -> TokenStream {
    composite(model, at, (field, embed), constant, &quote!(Optional))
}

fn composite(
    model: &Model,
    at: usize,
    (field, embed): (&Field, &Embed),
    name_of_constant: &Name,
    arity: &TokenStream,
) -> TokenStream {
    let (owner, inner, name) = (&model.ident, &embed.inner, field.name());
    let doc = format!("The embedded value `{name}`, a `{}`.", crate::parse::text(inner));
    let (column, relation) =
        (super::embed::first(model, at, "COLUMNS"), super::embed::first(model, at, "RELATIONS"));
    constant(
        model,
        name_of_constant,
        &doc,
        &quote!(::orm_core::__private::Composite<#owner, #inner, ::orm_core::__private::arity::#arity>),
        &quote!(::orm_core::__private::Composite::new(#name, #column, #relation)),
    )
}

fn of_broken(model: &Model, field: &Field) -> TokenStream {
    let (owner, ty) = (&model.ident, &field.ty);
    constant(
        model,
        &field.constant(),
        "Not a column.",
        &quote!(::orm_core::__private::Column<#owner, #ty>),
        &quote!(::orm_core::__private::Column::new(0)),
    )
}

pub(super) fn constant(
    model: &Model,
    name: &Name,
    doc: &str,
    ty: &TokenStream,
    value: &TokenStream,
) -> TokenStream {
    constant_at(Span::call_site(), model, name, doc, ty, value)
}

/// The same, placed at what its type depends on.
fn constant_at(
    place: Span,
    model: &Model,
    name: &Name,
    doc: &str,
    ty: &TokenStream,
    value: &TokenStream,
) -> TokenStream {
    let (vis, name) = (&model.vis, Ident::new(&name.text, name.span));
    quote_spanned! {place=>
        #[doc = #doc]
        #vis const #name: #ty = #value;
    }
}
