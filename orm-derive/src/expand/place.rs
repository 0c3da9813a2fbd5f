//! Paths to associated items, placed at the user's own types.
//!
//! When such a path fails to compile, the compiler points at it. All paths over one type are written the
//! same way and are placed at exactly that type, so that a mistake in the type gives the same message
//! at the same place every time; the compiler shows that once. For this the first token is placed at the
//! first token of the type and the last one at its last.

use crate::shape;
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, Type};

/// `<#ty as ColumnType>::#item`
pub(crate) fn column(ty: &impl ToTokens, item: &str) -> TokenStream {
    of_trait(ty, "ColumnType", item)
}

/// `<#ty as ForeignKeyField>::#item`
pub(super) fn foreign_key(ty: &Type, item: &str) -> TokenStream {
    of_trait(&relation(ty), "ForeignKeyField", item)
}

/// `<#ty as CollectionField>::#item`
pub(super) fn collection(ty: &Type, item: &str) -> TokenStream {
    of_trait(&relation(ty), "CollectionField", item)
}

/// The type of a relation, which leads to its target through [`related`]: of a target that is no model the compiler speaks once,
/// at the target, since it says no more about a type that it could not find out.
pub(super) fn relation(ty: &Type) -> Type {
    shape::with_target(ty, |target| Type::Verbatim(related(target, "Itself")))
}

/// `<#target as Related>::#item`
pub(super) fn related(target: &Type, item: &str) -> TokenStream {
    of_trait(target, "Related", item)
}

/// `<#ty as EmbeddedField>::#item`
pub(super) fn embedded_field(ty: &impl ToTokens, item: &str) -> TokenStream {
    of_trait(ty, "EmbeddedField", item)
}

/// `<#ty as Embedded>::#item`
pub(super) fn embedded(ty: &impl ToTokens, item: &str) -> TokenStream {
    of_trait(ty, "Embedded", item)
}

/// `<#ty as Model>::#item`
pub(super) fn model(ty: &impl ToTokens, item: &str) -> TokenStream {
    of_trait(ty, "Model", item)
}

/// `<<#target as Related>::Itself as Model>::#item` of the target of a relation.
pub(super) fn target(target: &Type, item: &str) -> TokenStream {
    model(&related(target, "Itself"), item)
}

/// `<<<#target as Related>::Itself as Model>::Backing as Backing>::IS_VIEW` of the target of a relation.
pub(super) fn is_view(target: &Type) -> TokenStream {
    of_trait(&self::target(target, "Backing"), "Backing", "IS_VIEW")
}

/// The value of a field that an attribute gives: a text may be a literal, and what is wrapped in `Option`, `Auto` or
/// `Deferred` may come without it: `default = "EUR"`, `onupdate = Utc::now()`.
pub(super) fn value(ty: &Type, expression: &Expr) -> TokenStream {
    let wrapped = ["Option", "Auto", "Deferred"].iter().any(|name| shape::argument_of(ty, name).is_some());
    match wrapped || shape::is_string(ty) {
        true => quote!(<#ty as ::core::convert::From<_>>::from(#expression)),
        false => quote!(#expression),
    }
}

fn of_trait(ty: &impl ToTokens, of: &str, item: &str) -> TokenStream {
    let (start, end) = ends(ty);
    let (of, item) = (Ident::new(of, start), Ident::new(item, end));
    let own = quote_spanned!(start=> <#ty as ::orm_core::__private::#of>);
    let item = quote_spanned!(end=> ::#item);
    quote!(#own #item)
}

/// The place of a type for code that uses names of this expansion: a type that was passed to a `macro_rules!` macro
/// does not see `self` or `row`.
pub(crate) fn located(ty: &impl ToTokens) -> Span {
    ends(ty).0.resolved_at(Span::call_site())
}

/// The same code, all of it at one place, but for `$crate`, whose place is what it means.
pub(super) fn at(place: Span, code: TokenStream) -> TokenStream {
    let moved = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), at(place, group.stream())).into();
        }
        if !matches!(&token, TokenTree::Ident(ident) if ident == "$crate") {
            token.set_span(place);
        }
        token
    };
    code.into_iter().map(moved).collect()
}

/// The places of the first and the last token.
pub(super) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut tokens = tokens.to_token_stream().into_iter();
    let first = tokens.next();
    let last = tokens.last().or_else(|| first.clone());
    let start = first.as_ref().map_or_else(Span::call_site, opening);
    (start, last.as_ref().map_or(start, closing))
}

fn opening(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) => group.span_open(),
        token => token.span(),
    }
}

fn closing(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) => group.span_close(),
        token => token.span(),
    }
}
