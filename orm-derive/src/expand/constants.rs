//! The typed constants of a model.

use super::model::key_part;
use crate::ir::{BelongsTo, CollectionKind, ColumnOf, Field, Kind, Model, Source};
use crate::names::Name;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use std::collections::HashSet;

/// One constant per column and relation; a foreign key gives both.
///
/// ```text
/// impl Cart {
///     /// The column `cart.customer_id`.
///     pub const CUSTOMER_ID: Column<Cart, <Customer as Model>::Key> = Column::new(1);
///     /// The relation to `Customer`.
///     pub const CUSTOMER: Relation<Cart, Customer, arity::One> = Relation::new(0);
/// }
/// ```
pub(super) fn constants(model: &Model) -> TokenStream {
    let columns = model.columns();
    let of_columns = columns.iter().map(|column| (column.constant(), of_column(model, column)));
    let relations = model.relations().enumerate();
    let of_relations = relations.map(|(index, field)| (field.constant(), of_relation(model, field, index)));
    let broken = model.fields.iter().filter(|field| matches!(field.kind, Kind::Broken));
    let of_broken = broken.map(|field| (field.constant(), of_broken(model, field)));
    // Two of one name are a mistake that is reported; the first stands in for both.
    let mut names = HashSet::new();
    let all = of_columns.chain(of_relations).chain(of_broken);
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
    let ty = match column.source {
        Source::Plain(_) => quote!(#field),
        Source::Part(to, part) => of_part(to, part),
    };
    let doc = format!("The column `{}.{}`.", model.table.text, column.name.text);
    constant(
        model,
        &column.constant(),
        &doc,
        &quote!(::orm_core::__private::Column<#owner, #ty>),
        &quote!(::orm_core::__private::Column::new(#index)),
    )
}

fn of_part(to: &BelongsTo, part: usize) -> TokenStream {
    let key = key_part(to, part);
    match to.nullable {
        true => quote!(::core::option::Option<#key>),
        false => key,
    }
}

fn of_relation(model: &Model, field: &Field, index: usize) -> TokenStream {
    let (target, arity) = match &field.kind {
        Kind::BelongsTo(to) if to.nullable => (&to.target, quote!(Optional)),
        Kind::BelongsTo(to) => (&to.target, quote!(One)),
        Kind::Collection(to) if to.kind == CollectionKind::HasOne => (&to.target, quote!(Optional)),
        Kind::Collection(to) => (&to.target, quote!(Many)),
        Kind::Plain(_) | Kind::Broken => return TokenStream::new(),
    };
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

fn constant(model: &Model, name: &Name, doc: &str, ty: &TokenStream, value: &TokenStream) -> TokenStream {
    let (vis, name) = (&model.vis, Ident::new(&name.text, name.span));
    quote! {
        #[doc = #doc]
        #vis const #name: #ty = #value;
    }
}
