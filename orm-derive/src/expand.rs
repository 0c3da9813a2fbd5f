//! From the intermediate representation to code. Nothing here can fail.
//!
//! Everything that code outside the derive can name is written at the place of the struct: the constants and
//! the builder. The rest is inside `const _: () = { … };`, so that it adds no names. All paths are
//! absolute, because a user's module may have its own `Result`, `Option` or `Vec`.

mod builder;
mod check;
mod constants;
mod definition;
mod embed;
mod embedded;
mod glue;
mod indexes;
mod model;
pub(crate) mod place;
mod variants;
mod view;

use crate::ctxt::Ctxt;
use crate::ir::Model;
use crate::{parse, validate};
pub(crate) use embedded::derive as derive_embedded;
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
    let mut model = parse::model(&input, &cx);
    if let Some(model) = &mut model {
        validate::model(model, &cx);
    }
    let errors = cx.check();
    match model {
        Some(model) if errors.is_empty() => complete(&model),
        Some(model) => stand_in(&model, &errors),
        None => errors,
    }
}

/// Code of the builder; of a view no rows are built.
fn builder_of(model: &Model, code: fn(&Model) -> TokenStream) -> TokenStream {
    model.view.as_ref().map_or_else(|| code(model), |_| TokenStream::new())
}

/// A model without mistakes.
fn complete(model: &Model) -> TokenStream {
    let implementation = model::implementation(model);
    let registration = registration();
    let checks = check::checks(model);
    let shared = shared(model);
    let builder = builder_of(model, builder::implementations);
    let builder_type = builder_of(model, builder::declaration);
    hidden(
        &builder_type,
        &quote! {
            #implementation
            #registration
            #shared
            #builder
            #checks
        },
    )
}

/// A model with mistakes: everything that other code may name is there, so that only the mistakes are
/// reported.
fn stand_in(model: &Model, errors: &TokenStream) -> TokenStream {
    let implementation = model::stand_in(model);
    let shared = shared(model);
    let builder = builder_of(model, builder::implementations);
    let builder_type = builder_of(model, builder::declaration);
    hidden(
        &quote!(#errors #builder_type),
        &quote! {
            #implementation
            #shared
            #builder
        },
    )
}

/// Puts items where they add no names, and where the style of the user's names is no concern.
fn hidden(visible: &TokenStream, items: &TokenStream) -> TokenStream {
    quote! {
        #visible
        #[allow(
            clippy::type_complexity,
            dead_code,
            deprecated,
            missing_debug_implementations,
            non_snake_case,
            reason = "not every program uses everything that is generated, and names are the user's"
        )]
        const _: () = {
            #items
        };
    }
}

/// What complete models and stand-ins have alike.
///
/// ```text
/// impl Complete for Customer {
///     type Model = Self;
///     fn complete(self) -> Self { self }
/// }
/// impl AsMember<Customer> for Customer {
///     fn member(self) -> Member<Self> { Member::New(Box::new(self)) }
/// }
/// impl Customer { pub const NAME: Column<Customer, String> = Column::new(1); … }
/// ```
fn shared(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let constants = constants::constants(model);
    quote! {
        #[automatically_derived]
        impl ::orm_core::__private::Complete for #ident {
            type Model = Self;
            fn complete(self) -> Self {
                self
            }
        }
        #[automatically_derived]
        impl ::orm_core::__private::AsMember<#ident> for #ident {
            fn member(self) -> ::orm_core::__private::Member<Self> {
                ::orm_core::__private::new_member(self)
            }
        }
        #constants
    }
}

/// Puts the model into the list that its base reads at first use.
///
/// ```text
/// inventory::submit! { Registration(__def) }
/// ```
fn registration() -> TokenStream {
    quote! {
        ::orm_core::__private::inventory::submit! {
            ::orm_core::__private::Registration(__def)
        }
    }
}
