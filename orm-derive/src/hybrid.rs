//! `#[hybrid]`: methods of a model that the database can compute, too.

mod translate;

use crate::ctxt::Ctxt;
use crate::names::Name;
use crate::shape;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{FnArg, Ident, ImplItem, ImplItemFn, ItemImpl, Pat, ReceiverKind, ReturnType, Type};
use translate::Scope;

/// The user's methods as they are, and beside each that takes `&self` one that gives its expression.
///
/// ```text
/// impl Product {
///     pub fn is_dear(&self) -> bool { self.price_cents > 10_000 }
/// }
/// impl Product {
///     /// `is_dear`, computed by the database.
///     pub fn is_dear_expr() -> SqlExpr<Self, bool> {
///         result::<Self, _, bool>(order(">", column(Self::PRICE_CENTS), value(10_000)))
///     }
/// }
/// ```
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    if !arguments.is_empty() {
        cx.error_at(&arguments, "`#[hybrid]` takes no arguments");
    }
    let block: ItemImpl = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(_) => {
            cx.error_at(&item, "`#[hybrid]` stands on an `impl` of a model: `#[hybrid] impl Product { … }`");
            let errors = cx.check();
            return quote!(#errors #item);
        }
    };
    if let Some((of, _)) = &block.trait_ {
        cx.error_at(
            of,
            "the methods of a trait cannot be hybrids: put them into an `impl` of the model itself",
        );
    }
    let methods: Vec<&ImplItemFn> = block
        .items
        .iter()
        .filter_map(|item| match item {
            ImplItem::Fn(method) => Some(method),
            _ => None,
        })
        .collect();
    let by_hand = |name: &Ident| methods.iter().any(|method| method.sig.ident == *name);
    let expressions: Vec<TokenStream> = methods
        .iter()
        .filter(|method| takes_self(method) && !by_hand(&expression_of(&method.sig.ident)))
        .filter_map(|method| expression(method, &cx))
        .collect();
    let (ty, generics) = (&block.self_ty, &block.generics);
    let errors = cx.check();
    quote! {
        #errors
        #block
        #[allow(clippy::needless_pass_by_value, clippy::redundant_clone, dead_code, unused_variables)]
        impl #generics #ty {
            #(#expressions)*
        }
    }
}

/// The name of the method that gives the expression.
fn expression_of(name: &Ident) -> Ident {
    format_ident!("{}_expr", Name::of(name).text, span = name.span())
}

/// Whether a method is about one object, without changing it.
fn takes_self(method: &ImplItemFn) -> bool {
    let receiver = method.sig.receiver();
    receiver.is_some_and(|receiver| matches!(receiver.kind, ReceiverKind::Reference(_, _, None)))
}

fn expression(method: &ImplItemFn, cx: &Ctxt) -> Option<TokenStream> {
    let (vis, signature) = (&method.vis, &method.sig);
    let name = expression_of(&signature.ident);
    let ReturnType::Type(_, result) = &signature.output else {
        cx.error_at(&signature.ident, "a hybrid gives a value: `fn …(&self) -> bool`");
        return None;
    };
    let result = in_database(result);
    let mut scope = Scope::new(&name, cx);
    let parameters: Option<Vec<(Ident, Type)>> =
        signature.inputs.iter().skip(1).map(|p| parameter(p, cx)).collect();
    let parameters = parameters?;
    let (idents, types): (Vec<&Ident>, Vec<&Type>) = parameters.iter().map(|(ident, ty)| (ident, ty)).unzip();
    idents.iter().for_each(|ident| scope.bind(ident));
    let scalars = types.iter().map(|ty| shape::argument_of(ty, "Option").unwrap_or(ty)).collect::<Vec<_>>();
    // What cannot be `None` in Rust is given nothing that can be `NULL`.
    let never_null = types.iter().map(|ty| match shape::argument_of(ty, "Option") {
        Some(_) => quote!(),
        None => quote!(, Fetched = #ty),
    });
    let body = scope.block(&method.block)?;
    let indices: Vec<Ident> = (0..idents.len()).map(|i| format_ident!("I{i}")).collect();
    let doc = format!("[`{}`](Self::{}), computed by the database.", signature.ident, signature.ident);
    Some(quote! {
        #[doc = #doc]
        #vis fn #name<#(#indices),*>(
            #(#idents: impl ::orm_core::__private::Operand<Self, #scalars, #indices #never_null>),*
        ) -> ::orm_core::__private::SqlExpr<Self, #result> {
            #(let #idents = ::orm_core::__private::hybrid::operand::<Self, #scalars, #indices, _>(#idents);)*
            ::orm_core::__private::hybrid::result::<Self, _, #result>(#body)
        }
    })
}

fn parameter(argument: &FnArg, cx: &Ctxt) -> Option<(Ident, Type)> {
    if let FnArg::Typed(typed) = argument
        && let Pat::Ident(name) = &*typed.pat
    {
        return Some((name.ident.clone(), in_database(&typed.ty)));
    }
    cx.error_at(argument, "a parameter of a hybrid is a name with a type");
    None
}

/// The type of a value in the database: without references, and `String` for `str`.
fn in_database(ty: &Type) -> Type {
    if let Some(inner) = shape::argument_of(ty, "Option") {
        let inner = in_database(inner);
        return syn::parse_quote!(::core::option::Option<#inner>);
    }
    match ty {
        Type::Reference(reference) => in_database(&reference.elem),
        Type::Path(path) if path.path.is_ident("str") => syn::parse_quote!(::std::string::String),
        ty => ty.clone(),
    }
}
