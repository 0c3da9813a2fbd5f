//! `#[derive(Polymorphic)]`: enums of handles.

use crate::attr::{self, Inheritance};
use crate::ctxt::Ctxt;
use crate::names::{Name, screaming, snake_case};
use crate::parse::text;
use crate::shape;
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Data, DeriveInput, Fields, Path, Type};

/// A variant: `Manager(Handle<Manager>)`.
struct Kind {
    ident: Ident,
    model: Type,
    /// Of the base, none.
    tag: Option<Name>,
}

/// The whole derive: input in, code and mistakes out.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let cx = Ctxt::new();
    let Inheritance { base, on } = attr::inheritance(&input.attrs, &cx);
    let kinds = kinds(&input, base.is_some(), &cx);
    check_tags(&kinds, &cx);
    let errors = cx.check();
    if !errors.is_empty() {
        return errors;
    }
    let items = match (base, on) {
        (Some(base), Some(on)) => joined(&input.ident, &base, &on, &kinds),
        _ => concrete(&input.ident, &kinds),
    };
    quote! {
        const _: () = {
            #items
        };
    }
}

fn kinds(input: &DeriveInput, has_base: bool, cx: &Ctxt) -> Vec<Kind> {
    let Data::Enum(data) = &input.data else {
        cx.error_at(
            &input.ident,
            "only an enum of handles is polymorphic: `enum Staff { Manager(Handle<Manager>), … }`",
        );
        return Vec::new();
    };
    if !input.generics.params.is_empty() {
        cx.error_at(&input.generics, "an enum of handles cannot have type parameters or lifetimes");
    }
    if data.variants.is_empty() {
        cx.error_at(&input.ident, "an enum of handles needs a variant");
    }
    data.variants.iter().filter_map(|variant| kind(variant, has_base, cx)).collect()
}

fn kind(variant: &syn::Variant, has_base: bool, cx: &Ctxt) -> Option<Kind> {
    let said = attr::kind_of(&variant.attrs, cx);
    let handle = match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            shape::argument_of(&fields.unnamed[0].ty, "Handle")
        }
        _ => None,
    };
    let Some(model) = handle else {
        let ident = &variant.ident;
        cx.error_at(ident, format_args!("a variant holds a handle: `{ident}(Handle<…>)`"));
        return None;
    };
    if let (Some(span), Some(_)) = (said.is_base, &said.tag) {
        cx.error(span, "the base is what has no tag of the others: it has none of its own");
    }
    if let (Some(span), false) = (said.is_base, has_base) {
        cx.error(span, "which base? say `#[polymorphic(base = …, on = \"…\")]` on the enum");
    }
    let name = Name::of(&variant.ident);
    let tag = said.tag.unwrap_or_else(|| Name::new(snake_case(&name.text), name.span));
    let tag = said.is_base.is_none().then_some(tag);
    Some(Kind { ident: variant.ident.clone(), model: model.clone(), tag })
}

/// No two variants mean the same rows.
fn check_tags(kinds: &[Kind], cx: &Ctxt) {
    let tag = |kind: &Kind| kind.tag.as_ref().map(|tag| tag.text.clone());
    for (i, kind) in kinds.iter().enumerate() {
        let Some(first) = kinds[..i].iter().find(|other| tag(other) == tag(kind)) else { continue };
        let (a, b) = (&first.ident, &kind.ident);
        match &kind.tag {
            Some(tag) => {
                cx.error(tag.span, format_args!("`{a}` and `{b}` have the same tag \"{}\"", tag.text));
            }
            None => cx.error_at(b, format_args!("`{a}` is the base already")),
        }
    }
    for (i, kind) in kinds.iter().enumerate() {
        if let Some(first) = kinds[..i].iter().find(|other| text(&other.model) == text(&kind.model)) {
            let (a, b, model) = (&first.ident, &kind.ident, text(&kind.model));
            cx.error_at(&kind.model, format_args!("`{a}` and `{b}` both hold a `{model}`"));
        }
    }
}

/// ```text
/// fn of(variant: usize, handle: AnyHandle) -> Option<Self> {
///     match variant {
///         0 => handle.of::<Manager>().map(Self::Manager),
///         _ => None,
///     }
/// }
/// ```
fn of(kinds: &[Kind]) -> TokenStream {
    let arms = kinds
        .iter()
        .enumerate()
        .map(|(at, Kind { ident, model, .. })| quote!(#at => handle.of::<#model>().map(Self::#ident),));
    quote! {
        fn of(
            variant: ::core::primitive::usize,
            handle: ::orm_core::__private::AnyHandle,
        ) -> ::core::option::Option<Self> {
            match variant {
                #(#arms)*
                _ => ::core::option::Option::None,
            }
        }
    }
}

/// ```text
/// impl Polymorphic for Staff {
///     type Base = Employee;
///     fn def() -> &'static PolymorphicDef { … }
///     fn of(variant: usize, handle: AnyHandle) -> Option<Self> { … }
/// }
/// inventory::submit! { Inheritance(<Staff as Polymorphic>::def) }
/// const _: Column<Employee, String> = <Employee>::KIND;
/// ```
fn joined(ident: &Ident, base: &Path, on: &Name, kinds: &[Kind]) -> TokenStream {
    let (name, field) = (Name::of(ident).text, &on.text);
    let defs = kinds.iter().map(|Kind { model, tag, .. }| {
        let tag = match tag {
            Some(Name { text, .. }) => quote!(::core::option::Option::Some(#text)),
            None => quote!(::core::option::Option::None),
        };
        quote! {
            ::orm_core::__private::KindDef {
                tag: #tag,
                model: <#model as ::orm_core::__private::Model>::def,
            }
        }
    });
    let of = of(kinds);
    let constant = Ident::new(&screaming(field), on.span);
    let check = quote_spanned! {on.span=>
        const _: ::orm_core::__private::Column<#base, ::std::string::String> = <#base>::#constant;
    };
    quote! {
        #[automatically_derived]
        impl ::orm_core::__private::Polymorphic for #ident {
            type Base = #base;
            fn def() -> &'static ::orm_core::__private::PolymorphicDef {
                static DEF: ::orm_core::__private::PolymorphicDef = ::orm_core::__private::PolymorphicDef {
                    name: #name,
                    base: <#base as ::orm_core::__private::Model>::def,
                    on: #field,
                    kinds: &[#(#defs),*],
                };
                &DEF
            }
            #of
        }
        ::orm_core::__private::inventory::submit! {
            ::orm_core::__private::Inheritance(<#ident as ::orm_core::__private::Polymorphic>::def)
        }
        #check
    }
}

/// ```text
/// impl Concrete for Vehicle {
///     type Queries = (Select<Car>, Select<Boat>);
///     fn queries(queries: Self::Queries) -> Vec<AnySelect> { vec![queries.0.into(), queries.1.into()] }
///     fn of(variant: usize, handle: AnyHandle) -> Option<Self> { … }
/// }
/// ```
fn concrete(ident: &Ident, kinds: &[Kind]) -> TokenStream {
    let of = of(kinds);
    let queries = kinds.iter().map(|Kind { model, .. }| quote!(::orm_core::__private::Select<#model>,));
    let each = (0..kinds.len()).map(|at| {
        let at = syn::Index::from(at);
        quote!(::core::convert::Into::into(queries.#at))
    });
    quote! {
        #[automatically_derived]
        impl ::orm_core::__private::Concrete for #ident {
            type Queries = (#(#queries)*);
            fn queries(queries: Self::Queries) -> ::std::vec::Vec<::orm_core::__private::AnySelect> {
                ::std::vec![#(#each),*]
            }
            #of
        }
    }
}
