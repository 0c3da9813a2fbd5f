//! What a model of a view has, and one of a table has not.

use super::{model::key_part, place};
use crate::ir::{ColumnOf, Definition, Model, Source};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// The view as data.
///
/// ```text
/// DatabaseViewDef {
///     kind: ViewKind::Plain,
///     security_invoker: false,
///     definition: DefinitionDef::Query(|| definition::<(i64, String), _>(adults)),
/// }
/// ```
pub(super) fn definition(model: &Model) -> Option<TokenStream> {
    let view = model.view.as_ref()?;
    let kind = if view.is_materialized { quote!(Materialized) } else { quote!(Plain) };
    let definition = match &view.definition {
        Definition::Elsewhere => quote!(Elsewhere),
        Definition::Text(text) => {
            let text = &text.text;
            quote!(Text(#text))
        }
        Definition::Query(function) => {
            let columns = model.columns();
            let row = columns.iter().map(fetched);
            quote_spanned! {function.span()=>
                Query(|| ::orm_core::__private::definition::<(#(#row,)*), _>(#function))
            }
        }
    };
    let invoker = view.is_invoked;
    Some(quote! {
        ::orm_core::__private::DatabaseViewDef {
            kind: ::orm_core::__private::ViewKind::#kind,
            security_invoker: #invoker,
            definition: ::orm_core::__private::DefinitionDef::#definition,
        }
    })
}

/// What a query for a column gives.
fn fetched(column: &ColumnOf<'_>) -> TokenStream {
    match column.source {
        Source::Plain(_) => place::column(&column.field.ty, "Fetched"),
        Source::Part(to, part) => {
            let key = key_part(to, part);
            if to.nullable { quote!(::core::option::Option<#key>) } else { key }
        }
    }
}

/// What has the rows: `InTable`.
pub(super) fn backing(model: &Model) -> TokenStream {
    match &model.view {
        None => quote!(InTable),
        Some(view) if view.is_materialized => quote!(InMaterializedView),
        Some(_) => quote!(InView),
    }
}
