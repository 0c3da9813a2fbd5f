//! The builder of a model: a type state for the required columns, setters for everything.
//!
//! The values are in one struct, inside the `const` block, so that a setter moves one thing and not
//! every field. Which required columns are set is in the type parameters of the builder only; per such
//! column there is a trait that `Filled` has and `Missing` has not, whose diagnostic names the column.

mod fields;
mod setters;

use super::place;
use crate::ir::{Field, Model};
use crate::names::{Name, camel_case};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

/// The parts of a builder that several generators need.
struct Parts {
    /// `CustomerBuilder`
    builder: Ident,
    /// The required columns.
    required: Vec<Required>,
}

/// A required column.
struct Required {
    /// The field.
    field: Ident,
    /// Its type parameter, `__Name`.
    parameter: Ident,
    /// Its trait, `__HasName`.
    is_set: Ident,
}

impl Parts {
    fn of(model: &Model) -> Self {
        let required = model.required().enumerate().map(|(i, field)| Required::of(model, i, field));
        Self {
            builder: format_ident!("{}Builder", Name::of(&model.ident).text, span = model.ident.span()),
            required: required.collect(),
        }
    }

    fn parameters(&self) -> Vec<&Ident> {
        self.required.iter().map(|required| &required.parameter).collect()
    }

    /// `<__Name, __Email>`, or nothing.
    fn generics(&self) -> TokenStream {
        angled(&self.parameters())
    }

    /// `CustomerBuilder<__Name, __Email>`
    ///
    /// All of it is placed at the model's name: the compiler takes an implementation that is placed at the derive for one
    /// of `Clone`'s kind, and advises to write it by hand; and of one that reaches to the fields it shows all lines between.
    fn ty(&self) -> TokenStream {
        let (builder, span) = (&self.builder, self.builder.span());
        let parameters = self
            .parameters()
            .into_iter()
            .map(|parameter| Ident::new(&parameter.to_string(), parameter.span().located_at(span)));
        match self.required.is_empty() {
            true => quote!(#builder),
            false => quote_spanned!(span=> #builder<#(#parameters),*>),
        }
    }

    /// `CustomerBuilder<__Name, __Email>` with one parameter replaced by `Filled`.
    fn with(&self, set: &Ident) -> TokenStream {
        let arguments = self.parameters().into_iter().map(|parameter| match parameter {
            parameter if parameter == set => quote!(::orm_core::__private::Filled),
            parameter => quote!(#parameter),
        });
        let arguments: Vec<TokenStream> = arguments.collect();
        let (builder, arguments) = (&self.builder, angled(&arguments));
        quote!(#builder #arguments)
    }

    /// `where __Name: __HasName, __Email: __HasEmail`, or nothing; placed at the fields.
    fn complete(&self) -> TokenStream {
        self.complete_at(None)
    }

    /// The same, placed somewhere else.
    fn complete_at(&self, place: Option<Span>) -> TokenStream {
        if self.required.is_empty() {
            return TokenStream::new();
        }
        let at = |ident: &Ident| {
            let span = ident.span();
            Ident::new(&ident.to_string(), place.map_or(span, |place| span.located_at(place)))
        };
        let bounds = self.required.iter().map(|Required { field, parameter, is_set }| {
            let (parameter, is_set) = (at(parameter), at(is_set));
            quote_spanned!(place.unwrap_or_else(|| field.span())=> #parameter: #is_set)
        });
        quote!(where #(#bounds),*)
    }
}

impl Required {
    /// Two fields can have the same name in camel case; the later one gets its number.
    fn of(model: &Model, index: usize, field: &Field) -> Self {
        let camel = |prefix, field: &Field| camel_case(prefix, &field.name());
        let taken = model.required().take(index).any(|other| camel("__", other) == camel("__", field));
        let ident = |prefix| {
            let number = if taken { index.to_string() } else { String::new() };
            Ident::new(&format!("{}{number}", camel(prefix, field)), field.ident.span())
        };
        Self { field: field.ident.clone(), parameter: ident("__"), is_set: ident("__Has") }
    }
}

fn angled(arguments: &[impl quote::ToTokens]) -> TokenStream {
    match arguments {
        [] => TokenStream::new(),
        [first, ..] => quote_spanned!(place::ends(first).0=> <#(#arguments),*>),
    }
}

/// The struct, beside the model.
///
/// ```text
/// /// Builds a `Customer`; …
/// pub struct CustomerBuilder<__Name = Missing, __Email = Missing> {
///     fields: <Customer as Buildable>::Fields,
///     state: PhantomData<fn() -> (__Name, __Email)>,
/// }
/// ```
pub(super) fn declaration(model: &Model) -> TokenStream {
    let parts = Parts::of(model);
    let (vis, ident, builder) = (&model.vis, &model.ident, &parts.builder);
    let parameters = parts.parameters();
    let defaults: Vec<TokenStream> =
        parameters.iter().map(|p| quote!(#p = ::orm_core::__private::Missing)).collect();
    let generics = angled(&defaults);
    let doc = doc(model, &parts);
    quote! {
        #[doc = #doc]
        #[must_use = "a builder does nothing until it is added to a session or built"]
        #[allow(
            clippy::type_complexity,
            dead_code,
            reason = "a type parameter for each required column, and not every program builds every model"
        )]
        #vis struct #builder #generics {
            fields: <#ident as ::orm_core::__private::Buildable>::Fields,
            state: ::core::marker::PhantomData<fn() -> (#(#parameters,)*)>,
        }
    }
}

fn doc(model: &Model, parts: &Parts) -> String {
    let ident = &model.ident;
    let names: Vec<String> = parts.required.iter().map(|required| format!("`{}`", required.field)).collect();
    match &*names {
        [] => format!("Builds a [`{ident}`]; everything is optional."),
        names => format!("Builds a [`{ident}`]; it is complete once it has {}.", names.join(", ")),
    }
}

/// Everything else of the builder.
pub(super) fn implementations(model: &Model) -> TokenStream {
    let parts = Parts::of(model);
    let fields = fields::fields(model);
    let setters = setters::setters(model, &parts);
    let state = state(model, &parts);
    let start = start(model, &parts);
    let conversions = conversions(model, &parts);
    let common = common(&parts);
    quote!(#fields #setters #state #start #conversions #common)
}

/// One trait per required column.
///
/// ```text
/// #[diagnostic::on_unimplemented(message = "`email` of `Customer` is not set", …)]
/// pub trait __HasEmail {}
/// impl __HasEmail for Filled {}
/// ```
fn state(model: &Model, parts: &Parts) -> TokenStream {
    let (vis, ident) = (&model.vis, Name::of(&model.ident).text);
    let traits = parts.required.iter().map(|Required { field, is_set, .. }| {
        let name = Name::of(field).text;
        let message = format!("`{name}` of `{ident}` is not set");
        let label = format!("this `{ident}` lacks the required `{name}`");
        let note = format!("call `.{field}(…)` on the builder");
        quote! {
            #[diagnostic::on_unimplemented(message = #message, label = #label, note = #note)]
            #vis trait #is_set {}
            #[diagnostic::do_not_recommend]
            impl #is_set for ::orm_core::__private::Filled {}
        }
    });
    quote!(#(#traits)*)
}

/// ```text
/// impl Customer {
///     /// A builder of this model.
///     pub fn builder() -> CustomerBuilder { … }
/// }
/// ```
fn start(model: &Model, parts: &Parts) -> TokenStream {
    let (vis, ident, builder) = (&model.vis, &model.ident, &parts.builder);
    let doc = format!("A new `{ident}`, to be filled column by column.");
    quote! {
        impl #ident {
            #[doc = #doc]
            #vis fn builder() -> #builder {
                #builder {
                    fields: ::core::default::Default::default(),
                    state: ::core::marker::PhantomData,
                }
            }
        }
    }
}

/// A complete builder is as good as the model.
///
/// ```text
/// impl<__Name, __Email> Complete for CustomerBuilder<__Name, __Email>
/// where __Name: __HasName, __Email: __HasEmail
/// {
///     type Model = Customer;
///     fn complete(self) -> Customer { Buildable::build(self.fields) }
/// }
/// ```
fn conversions(model: &Model, parts: &Parts) -> TokenStream {
    let (vis, ident) = (&model.vis, &model.ident);
    let (generics, ty, complete) = (parts.generics(), parts.ty(), parts.complete());
    let doc = format!("The `{ident}`, once all required columns are set.");
    let span = ident.span();
    let complete_trait = quote_spanned!(span=> ::orm_core::__private::Complete);
    let member_trait = quote_spanned!(span=> ::orm_core::__private::AsMember<#ident>);
    let complete_member = parts.complete_at(Some(span));
    let build = (!model.fields.iter().any(|field| field.ident == "build")).then(|| {
        quote! {
                impl #generics #ty {
                #[doc = #doc]
                #vis fn build(self) -> #ident #complete {
                    ::orm_core::__private::Buildable::build(self.fields)
                }
            }
        }
    });
    quote! {
        impl #generics #complete_trait for #ty #complete {
            type Model = #ident;
            fn complete(self) -> #ident {
                ::orm_core::__private::Buildable::build(self.fields)
            }
        }
        impl #generics #member_trait for #ty #complete_member {
            fn member(self) -> ::orm_core::__private::Member<#ident> {
                ::orm_core::__private::new_member(
                    ::orm_core::__private::Buildable::build(self.fields),
                )
            }
        }
        #build
    }
}

/// `Clone` and `Debug`, whatever the type parameters are.
fn common(parts: &Parts) -> TokenStream {
    let (generics, ty) = (parts.generics(), parts.ty());
    let name = parts.builder.to_string();
    quote! {
        #[automatically_derived]
        impl #generics ::core::clone::Clone for #ty {
            fn clone(&self) -> Self {
                Self {
                    fields: ::core::clone::Clone::clone(&self.fields),
                    state: ::core::marker::PhantomData,
                }
            }
        }
        #[automatically_derived]
        impl #generics ::core::fmt::Debug for #ty {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#name).finish_non_exhaustive()
            }
        }
    }
}
