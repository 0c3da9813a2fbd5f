//! What a builder has collected so far.

use crate::expand::place;
use crate::ir::{Field, Initial, Model, Setter};
use proc_macro2::TokenStream;
use quote::quote;

/// The struct of the values, and how a model is made of it.
///
/// ```text
/// #[derive(Clone, Default)]
/// pub struct __CustomerFields {
///     id: Auto<i64>,
///     name: Option<String>,
///     carts: HasMany<Cart>,
/// }
/// impl Buildable for Customer {
///     type Fields = __CustomerFields;
///     fn build(fields: __CustomerFields) -> Self {
///         Self { id: fields.id, name: required(fields.name), carts: fields.carts }
///     }
/// }
/// ```
pub(super) fn fields(model: &Model) -> TokenStream {
    let (vis, ident) = (&model.vis, &model.ident);
    let name = quote::format_ident!("__{}Fields", crate::names::Name::of(ident).text);
    let declarations = model.fields.iter().map(declaration);
    let values = model.fields.iter().map(value);
    let defaults = model.fields.iter().map(|field| {
        let ident = &field.ident;
        let empty = quote!(::core::default::Default::default());
        // A new row has every value.
        match (field.deferred(), field.setter()) {
            (Some(_), Setter::Value(_, Initial::Empty)) => {
                quote!(#ident: ::orm_core::__private::Deferred::Loaded(#empty))
            }
            _ => quote!(#ident: #empty),
        }
    });
    quote! {
        #[derive(::core::clone::Clone)]
        #vis struct #name {
            #(#declarations,)*
        }
        #[automatically_derived]
        impl ::core::default::Default for #name {
            fn default() -> Self {
                Self { #(#defaults,)* }
            }
        }
        #[automatically_derived]
        impl ::orm_core::__private::Buildable for #ident {
            type Fields = #name;
            fn build(fields: #name) -> Self {
                Self { #(#values,)* }
            }
        }
    }
}

fn declaration(field: &Field) -> TokenStream {
    let (ident, ty) = (&field.ident, &field.ty);
    match field.setter() {
        Setter::Value(_, Initial::Required | Initial::Expression(_)) => {
            quote!(#ident: ::core::option::Option<#ty>)
        }
        _ => quote!(#ident: #ty),
    }
}

fn value(field: &Field) -> TokenStream {
    let (ident, ty) = (&field.ident, &field.ty);
    match field.setter() {
        Setter::Value(_, Initial::Required) => {
            quote!(#ident: ::orm_core::__private::required(fields.#ident))
        }
        Setter::Value(_, Initial::Expression(default)) => {
            let default = place::value(ty, default);
            quote! {
                #ident: match fields.#ident {
                    ::core::option::Option::Some(value) => value,
                    ::core::option::Option::None => {
                        let value: #ty = #default;
                        value
                    }
                }
            }
        }
        _ => quote!(#ident: fields.#ident),
    }
}
