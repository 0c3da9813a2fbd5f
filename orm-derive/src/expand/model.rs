//! The implementation of `Model`.

use super::{definition, glue, place, view};
use crate::ir::{BelongsTo, ColumnOf, Model, Source};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// The glue between the fields and the columns of a model.
///
/// ```text
/// impl Model for Customer {
///     type Base = Base;
///     type Key = <Auto<i64> as ColumnType>::Scalar;
///     type Backing = InTable;
///     fn def() -> &'static ModelDef { __def() }
///     fn from_row(row: ModelRow<'_>) -> Result<Self> { … }
///     fn column(&self, index: usize) -> ColumnValue<'_> { … }
///     fn set_generated(&mut self, index: usize, ty: &Type, raw: Option<&[u8]>) -> Result<()> { … }
///     fn unset_generated(&mut self, index: usize) { … }
/// }
/// ```
pub(super) fn implementation(model: &Model) -> TokenStream {
    let from_row = glue::from_row(model, "from_row");
    let column = glue::column(model);
    let copy_column = glue::copy_column(model);
    let generated = glue::generated(model);
    let definition = definition::definition(model);
    let implementation = with_body(
        model,
        &key(model),
        &quote! {
            fn def() -> &'static ::orm_core::__private::ModelDef {
                __def()
            }
            #from_row
            #column
            #copy_column
            #generated
        },
    );
    quote!(#definition #implementation)
}

/// An implementation that only has to compile: a mistake is reported beside it.
///
/// ```text
/// impl Model for Customer {
///     type Base = NoBase;
///     type Key = i64;
///     type Backing = InTable;
///     fn def() -> &'static ModelDef { unreachable!() }
///     …
/// }
/// ```
pub(super) fn stand_in(model: &Model) -> TokenStream {
    let private = quote!(::orm_core::__private);
    let values = stand_in_values();
    let key = match model.primary_key().len() {
        1..=4 => key(model),
        _ => quote!(::core::primitive::i64),
    };
    with_body(
        model,
        &key,
        &quote! {
            fn def() -> &'static #private::ModelDef {
                ::core::unreachable!()
            }
            fn from_row(_: #private::ModelRow<'_>) -> #private::Result<Self> {
                ::core::unreachable!()
            }
            #values
        },
    )
}

/// The functions over the columns of a stand-in.
pub(super) fn stand_in_values() -> TokenStream {
    let private = quote!(::orm_core::__private);
    quote! {
        fn column(&self, _: ::core::primitive::usize) -> #private::ColumnValue<'_> {
            ::core::unreachable!()
        }
        fn copy_column(&mut self, _: ::core::primitive::usize, _: &Self) {}
        fn set_generated(
            &mut self,
            _: ::core::primitive::usize,
            _: &#private::Type,
            _: ::core::option::Option<&[::core::primitive::u8]>,
        ) -> #private::Result<()> {
            ::core::unreachable!()
        }
        fn unset_generated(&mut self, _: ::core::primitive::usize) {}
    }
}

fn with_body(model: &Model, key: &TokenStream, body: &TokenStream) -> TokenStream {
    let ident = &model.ident;
    let base = match &model.base {
        Some(base) => quote!(#base),
        None => quote!(::orm_core::__private::NoBase),
    };
    let backing = view::backing(model);
    quote! {
        #[automatically_derived]
        impl ::orm_core::__private::Model for #ident {
            type Base = #base;
            type Key = #key;
            type Backing = ::orm_core::__private::#backing;
            #body
        }
    }
}

/// The type of the primary key: of one column its scalar, of several a tuple.
fn key(model: &Model) -> TokenStream {
    let parts: Vec<TokenStream> = model.primary_key().iter().map(scalar).collect();
    match &*parts {
        [part] => quote!(#part),
        parts => quote!((#(#parts),*)),
    }
}

/// The type of one value of a column.
pub(super) fn scalar(column: &ColumnOf<'_>) -> TokenStream {
    match column.source {
        Source::Plain(_) => place::column(&column.field.ty, "Scalar"),
        Source::Part(to, part) => key_part(to, part),
    }
}

/// The type of part `part` of the key that a foreign key refers to.
///
/// It shows in the documentation of constants, and therefore goes the short way to the target.
pub(super) fn key_part(to: &BelongsTo, part: usize) -> TokenStream {
    let key = place::related(&to.target, "Key");
    match to.columns.len() {
        1 => key,
        _ => quote_spanned!(to.target.span()=> <#key as ::orm_core::__private::KeyPart<#part>>::Part),
    }
}
