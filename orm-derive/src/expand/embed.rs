//! Embedded values in a model, or in another embedded struct: how their columns follow the others.

use super::place;
use crate::ir::{Embed, Field, Model};
use crate::names::Name;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// The position of the first column or relation of embedded value `at`, as a constant expression.
///
/// ```text
/// 3 + <Address as Embedded>::COLUMNS
/// ```
pub(super) fn first(model: &Model, at: usize, item: &str) -> TokenStream {
    let own = match item {
        "COLUMNS" => model.offset + model.columns().len(),
        _ => model.relations().count(),
    };
    let before = model.embedded().take(at).map(|(field, _)| count(field, item));
    quote!((#own #(+ #before)*))
}

/// How many columns or relations there are in all.
pub(super) fn total(model: &Model, item: &str) -> TokenStream {
    first(model, usize::MAX, item)
}

/// `<<Option<Address> as EmbeddedField>::Value as Embedded>::COLUMNS`
fn count(field: &Field, item: &str) -> TokenStream {
    place::embedded(&place::embedded_field(&field.ty, "Value"), item)
}

/// Reads the value from a row.
pub(super) fn read(model: &Model, field: &Field) -> TokenStream {
    let at = model.embedded().position(|(other, _)| other.ident == field.ident).unwrap_or_default();
    let (first, read) = (first(model, at, "COLUMNS"), place::embedded_field(&field.ty, "read"));
    quote_spanned!(place::located(&field.ty)=> #read(row.inside(#first))?)
}

/// An arm for the columns of each value.
///
/// ```text
/// index if (3..3 + <Address as Embedded>::COLUMNS).contains(&index) => …(index - 3),
/// ```
pub(super) fn arms(model: &Model, arm: impl Fn(&Field, TokenStream) -> TokenStream) -> TokenStream {
    let arms = model.embedded().enumerate().map(|(at, (field, _))| {
        let (first, end) = (first(model, at, "COLUMNS"), first(model, at + 1, "COLUMNS"));
        let arm = arm(field, quote!(index - #first));
        quote!(index if (#first..#end).contains(&index) => #arm,)
    });
    arms.collect()
}

/// The values, with the names of their columns.
///
/// ```text
/// part::<Customer, Address>("address", ("ADDRESS", "Address"), "address_", "address", |model| &model.address, |model| &mut model.address)
/// ```
pub(super) fn parts(model: &Model) -> Vec<TokenStream> {
    let owner = &model.ident;
    let parts = model.embedded().map(|(field, embed)| {
        let (ident, ty, name) = (&field.ident, &field.ty, field.name());
        let (prefix, column) = names(&name, embed);
        let constant = constant(&field.constant(), embed);
        quote_spanned! {ty.span()=>
            ::orm_core::__private::part::<#owner, #ty>(
                #name,
                #constant,
                #prefix,
                #column,
                |model| &model.#ident,
                |model| &mut model.#ident,
            )
        }
    });
    parts.collect()
}

/// How a program names the value and its type.
pub(super) fn constant(name: &Name, embed: &Embed) -> TokenStream {
    let (name, inner) = (&name.text, crate::parse::text(&embed.inner));
    quote!((#name, #inner))
}

/// What the names of its columns begin with, and the name of the one that has none.
pub(super) fn names(field: &str, embed: &Embed) -> (String, String) {
    let prefix = embed.prefix.as_ref().map_or_else(|| format!("{field}_"), |prefix| prefix.text.clone());
    (prefix, embed.column.as_ref().map_or_else(|| field.to_owned(), |column| column.text.clone()))
}

/// The definition of the model: static, or made at its first use with what is embedded in it.
///
/// ```text
/// static WHOLE: LazyLock<ModelDef> = LazyLock::new(|| with_embedded(&DEF, vec![…]));
/// &WHOLE
/// ```
pub(super) fn whole(model: &Model) -> TokenStream {
    let parts = parts(model);
    if parts.is_empty() {
        return quote!(&DEF);
    }
    quote! {
        static WHOLE: ::std::sync::LazyLock<::orm_core::__private::ModelDef> =
            ::std::sync::LazyLock::new(|| {
                ::orm_core::__private::with_embedded(&DEF, ::std::vec![#(#parts),*])
            });
        &WHOLE
    }
}
