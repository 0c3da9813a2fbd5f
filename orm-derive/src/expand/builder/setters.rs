//! The setters of a builder.

use super::Parts;
use crate::expand::place;
use crate::ir::{Argument, Collection, CollectionKind, Field, Initial, Model, Setter};
use crate::shape;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

/// One setter per field; two of an `Option` and of a foreign key.
///
/// ```text
/// impl<__Name, __Email> CustomerBuilder<__Name, __Email> {
///     pub fn name(mut self, value: impl Into<String>) -> CustomerBuilder<Filled, __Email> { … }
///     pub fn age(mut self, value: i32) -> Self { … }
///     pub fn maybe_age(mut self, value: Option<i32>) -> Self { … }
///     pub fn carts(mut self, members: impl IntoIterator<Item: IntoMember<Cart>>) -> Self { … }
/// }
/// ```
pub(super) fn setters(model: &Model, parts: &Parts) -> TokenStream {
    let (generics, ty) = (parts.generics(), parts.ty());
    let setters = model.fields.iter().filter(|field| !field.is_generated() && !field.is_view());
    let setters = setters.map(|field| setter(model, parts, field));
    quote! {
        impl #generics #ty {
            #(#setters)*
        }
    }
}

fn setter(model: &Model, parts: &Parts, field: &Field) -> TokenStream {
    match field.setter() {
        Setter::Value(argument, initial) => value(model, parts, field, argument, initial),
        Setter::BelongsTo(to) => belongs_to(model, field, &to.target),
        Setter::Collection(to) => match to.kind {
            CollectionKind::HasOne => has_one(model, field, &to.target),
            CollectionKind::HasMany | CollectionKind::ManyToMany | CollectionKind::View => {
                to_many(model, field, to)
            }
        },
    }
}

/// ```text
/// /// Sets `name`.
/// pub fn name(mut self, value: impl Into<String>) -> CustomerBuilder<Filled, __Email> {
///     self.fields.name = Some(value.into());
///     CustomerBuilder { fields: self.fields, state: PhantomData }
/// }
/// ```
fn value(
    model: &Model,
    parts: &Parts,
    field: &Field,
    argument: Argument<'_>,
    initial: Initial<'_>,
) -> TokenStream {
    let (some, ident) = (quote!(::core::option::Option::Some), &field.ident);
    let stored = |value: TokenStream| {
        let value = match field.deferred() {
            Some(_) => quote!(::orm_core::__private::Deferred::Loaded(#value)),
            None => value,
        };
        match initial {
            Initial::Expression(_) | Initial::Required => quote!(self.fields.#ident = #some(#value);),
            Initial::Empty => quote!(self.fields.#ident = #value;),
        }
    };
    let (ty, wrapped) = match argument {
        Argument::Exact => (field.loaded(), quote!(value)),
        Argument::Optional(inner) => (inner, quote!(#some(value))),
        Argument::Auto(inner) => (inner, quote!(::core::convert::From::from(value))),
    };
    let (parameter, convert) = accepted(ty);
    let store = stored(wrapped);
    let body = quote!(#convert #store);
    let whole = match argument {
        Argument::Optional(_) => maybe(model, field, &stored(quote!(value))),
        Argument::Exact | Argument::Auto(_) => TokenStream::new(),
    };
    let setter = match initial {
        Initial::Required => required(model, parts, field, &parameter, &body),
        Initial::Empty | Initial::Expression(_) => method(model, ident, &sets(field), &parameter, &body),
    };
    quote!(#setter #whole)
}

/// What a setter takes for a value of this type: a `String` comes from anything that gives one.
fn accepted(ty: &Type) -> (TokenStream, TokenStream) {
    match shape::is_string(ty) {
        true => (
            quote!(value: impl ::core::convert::Into<#ty>),
            quote!(let value: #ty = ::core::convert::Into::into(value);),
        ),
        false => (quote!(value: #ty), TokenStream::new()),
    }
}

fn required(
    model: &Model,
    parts: &Parts,
    field: &Field,
    parameter: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let (vis, ident, builder, doc) = (&model.vis, &field.ident, &parts.builder, sets(field));
    let own = parts.required.iter().find(|required| required.field == *ident);
    let result = own.map_or_else(|| parts.ty(), |own| parts.with(&own.parameter));
    quote! {
        #[doc = #doc]
        #vis fn #ident(mut self, #parameter) -> #result {
            #body
            #builder { fields: self.fields, state: ::core::marker::PhantomData }
        }
    }
}

/// `maybe_age(Option<i32>)`, unless a field has that name.
fn maybe(model: &Model, field: &Field, body: &TokenStream) -> TokenStream {
    let (name, ty) = (format_ident!("maybe_{}", field.name()), field.loaded());
    match taken(model, &name) {
        true => TokenStream::new(),
        false => {
            let doc = format!("Sets `{}`, or leaves it `NULL`.", field.name());
            method(model, &name, &doc, &quote!(value: #ty), body)
        }
    }
}

/// ```text
/// pub fn customer(mut self, target: impl IntoMember<Customer>) -> Self {
///     self.fields.customer = <BelongsTo<Customer> as ForeignKeyField>::to(target);
///     self
/// }
/// pub fn customer_key(mut self, key: impl IntoKey<<Customer as Related>::Key>) -> Self { … }
/// ```
fn belongs_to(model: &Model, field: &Field, target: &Type) -> TokenStream {
    let (ident, name) = (&field.ident, field.name());
    let (target_text, span) = (crate::parse::text(target), place::located(&field.ty));
    let (to, key_of) = (place::foreign_key(&field.ty, "to"), place::foreign_key(&field.ty, "key_of"));
    let object = method(
        model,
        ident,
        &format!("Sets `{name}`: a handle, a `{target_text}` or a complete builder of one."),
        &member(field, target),
        &quote_spanned!(span=> self.fields.#ident = #to(target);),
    );
    let key_name = format_ident!("{name}_key");
    if taken(model, &key_name) {
        return object;
    }
    let key_type = place::related(target, "Key");
    let key_type = place::at(target.span(), quote!(impl ::orm_core::__private::IntoKey<#key_type>));
    let key = method_at(
        target.span(),
        model,
        &key_name,
        &format!("Sets `{name}` by the key of a `{target_text}`."),
        &quote!(key: #key_type),
        &quote_spanned!(span=> self.fields.#ident = #key_of(key);),
    );
    quote!(#object #key)
}

/// `target: impl IntoMember<Customer>`, whose bound is placed at the field: that is what the compiler shows.
fn member(field: &Field, target: &Type) -> TokenStream {
    let bound = quote_spanned!(field.ident.span()=> impl ::orm_core::__private::IntoMember<#target>);
    quote!(target: #bound)
}

fn has_one(model: &Model, field: &Field, target: &Type) -> TokenStream {
    let (ident, (insert, call)) = (&field.ident, insert(field, target));
    method(
        model,
        ident,
        &sets(field),
        &member(field, target),
        &quote! {
            self.fields.#ident = ::core::default::Default::default();
            #insert
            #call(&mut self.fields.#ident, ::orm_core::__private::IntoMember::into_member(target));
        },
    )
}

/// The function that adds a member. A constant of its own, so that a target that is no model is not asked for again where it is called.
///
/// ```text
/// const INSERT: fn(&mut HasMany<<Cart as Related>::Itself>, Member<<Cart as Related>::Itself>) = …;
/// ```
fn insert(field: &Field, target: &Type) -> (TokenStream, Ident) {
    let (ty, member) = (place::relation(&field.ty), place::related(target, "Itself"));
    let ty = place::at(target.span(), quote!(fn(&mut #ty, ::orm_core::__private::Member<#member>)));
    let insert = place::at(target.span(), place::collection(&field.ty, "insert"));
    let name = Ident::new("INSERT", target.span());
    (quote!(const #name: #ty = #insert;), name)
}

fn to_many(model: &Model, field: &Field, to: &Collection) -> TokenStream {
    let (ident, target) = (&field.ident, &to.target);
    let (insert, call) = insert(field, target);
    let item = quote_spanned!(ident.span()=> ::orm_core::__private::IntoMember<#target>);
    method(
        model,
        ident,
        &format!("Adds to `{}`: handles, values or complete builders.", field.name()),
        &quote! {
            members: impl ::core::iter::IntoIterator<
                Item: #item,
            >
        },
        &quote! {
            #insert
            ::orm_core::__private::extend(&mut self.fields.#ident, members, #call);
        },
    )
}

fn method(
    model: &Model,
    name: &Ident,
    doc: &str,
    parameter: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    method_at(Span::call_site(), model, name, doc, parameter, body)
}

/// The same, placed at what its signature depends on.
fn method_at(
    place: Span,
    model: &Model,
    name: &Ident,
    doc: &str,
    parameter: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let (vis, this) = (&model.vis, Ident::new("self", place.resolved_at(Span::call_site())));
    quote_spanned! {place=>
        #[doc = #doc]
        #vis fn #name(mut #this, #parameter) -> Self {
            #body
            #this
        }
    }
}

fn sets(field: &Field) -> String {
    format!("Sets `{}`.", field.name())
}

/// Whether a field has this name: its setter wins.
fn taken(model: &Model, name: &Ident) -> bool {
    model.fields.iter().any(|field| field.ident == *name)
}
