//! `#[derive(Embedded)]`: the glue of structs. That of enums is in [`variants`](super::variants).

use super::model::stand_in_values;
use super::{check, constants, definition, embed, glue, hidden, variants};
use crate::ctxt::Ctxt;
use crate::embedded::{self, Embedded};
use crate::ir::{Kind, Model};
use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

/// The whole derive: input in, code and mistakes out.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let cx = Ctxt::new();
    let embedded = embedded::parse(&input, &cx);
    let errors = cx.check();
    let Some(embedded) = embedded else { return errors };
    let body = match (errors.is_empty(), &embedded.variants) {
        (false, _) => stand_in(),
        (true, None) => of_struct(&embedded.model),
        (true, Some(all)) => variants::body(&embedded, all),
    };
    complete(&embedded, &errors, &body)
}

fn complete(embedded: &Embedded, errors: &TokenStream, body: &TokenStream) -> TokenStream {
    let ident = &embedded.model.ident;
    let constants = match &embedded.variants {
        None => constants::constants(&embedded.model),
        Some(all) => variants::constants(embedded, all),
    };
    let checks = errors.is_empty().then(|| check::of_embedded(&embedded.model));
    hidden(
        errors,
        &quote! {
            #[automatically_derived]
            impl ::orm_core::__private::Embedded for #ident {
                #body
            }
            #constants
            #checks
        },
    )
}

/// ```text
/// const COLUMNS: usize = 2;
/// const RELATIONS: usize = 0;
/// fn def() -> EmbeddedDef { … }
/// fn read(row: ModelRow<'_>) -> Result<Self> { … }
/// fn column(&self, index: usize) -> ColumnValue<'_> { … }
/// …
/// ```
fn of_struct(model: &Model) -> TokenStream {
    let columns = model.columns();
    let defs: Vec<TokenStream> = columns.iter().map(definition::column).collect();
    let relations = model.fields.iter().filter(|field| matches!(field.kind, Kind::BelongsTo(_)));
    let relations =
        relations.map(|field| definition::relation_by(field, &columns, &definition::access(model, field)));
    let def = def(&defs, &relations.collect::<Vec<_>>(), &embed::parts(model), false);
    let counts = counts(model);
    let read = glue::from_row(model, "read");
    let (column, copy, generated) = (glue::column(model), glue::copy_column(model), glue::generated(model));
    quote! {
        #counts
        fn def() -> ::orm_core::__private::EmbeddedDef {
            #def
        }
        #read
        #column
        #copy
        #generated
    }
}

pub(super) fn counts(model: &Model) -> TokenStream {
    let (columns, relations) = (embed::total(model, "COLUMNS"), embed::total(model, "RELATIONS"));
    quote! {
        const COLUMNS: ::core::primitive::usize = #columns;
        const RELATIONS: ::core::primitive::usize = #relations;
    }
}

/// ```text
/// static COLUMNS: [ColumnDef; 2] = […];
/// static RELATIONS: [RelationDef; 0] = [];
/// nested(EmbeddedDef { … }, vec![…])
/// ```
pub(super) fn def(
    columns: &[TokenStream],
    relations: &[TokenStream],
    parts: &[TokenStream],
    is_enum: bool,
) -> TokenStream {
    let (columns_len, relations_len) = (columns.len(), relations.len());
    quote! {
        static COLUMNS: [::orm_core::__private::ColumnDef; #columns_len] = [#(#columns),*];
        static RELATIONS: [::orm_core::__private::RelationDef; #relations_len] = [#(#relations),*];
        ::orm_core::__private::nested(
            ::orm_core::__private::EmbeddedDef {
                columns: COLUMNS.to_vec(),
                relations: RELATIONS.to_vec(),
                checks: ::std::vec::Vec::new(),
                is_enum: #is_enum,
            },
            ::std::vec![#(#parts),*],
        )
    }
}

/// What only has to compile: a mistake is reported beside it.
fn stand_in() -> TokenStream {
    let private = quote!(::orm_core::__private);
    let values = stand_in_values();
    quote! {
        const COLUMNS: ::core::primitive::usize = 0;
        const RELATIONS: ::core::primitive::usize = 0;
        fn def() -> #private::EmbeddedDef {
            ::core::unreachable!()
        }
        fn read(_: #private::ModelRow<'_>) -> #private::Result<Self> {
            ::core::unreachable!()
        }
        #values
    }
}
