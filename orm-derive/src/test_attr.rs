//! `#[orm_testkit::test]`

use crate::ctxt::Ctxt;
use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, ItemFn, Path, ReturnType, Token};

/// What the attribute says.
struct Arguments {
    base: Option<Path>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() {
            return Ok(Self { base: None });
        }
        let name: Ident = input.parse()?;
        if name != "base" {
            let message = format!("unknown argument `{name}`; expected `base = …`");
            return Err(syn::Error::new(name.span(), message));
        }
        input.parse::<Token![=]>()?;
        let base = Some(input.parse()?);
        input.parse::<Option<Token![,]>>()?;
        match input.is_empty() {
            true => Ok(Self { base }),
            false => Err(input.error("expected nothing after `base = …`")),
        }
    }
}

/// An ordinary test around the user's function.
///
/// ```text
/// #[::core::prelude::v1::test]
/// fn carts_are_counted() {
///     async fn carts_are_counted(engine: Engine) { … }
///     ::orm_testkit::__private::run::<Base, _, _>("my_crate::tests::carts_are_counted", carts_are_counted)
/// }
/// ```
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#error #item);
        }
    };
    let cx = Ctxt::new();
    let arguments = syn::parse2(arguments).unwrap_or_else(|error| {
        cx.push(error);
        Arguments { base: None }
    });
    check(&function, &cx);
    let errors = cx.check();
    match errors.is_empty() {
        true => test(&arguments, function),
        false => errors,
    }
}

fn check(function: &ItemFn, cx: &Ctxt) {
    let signature = &function.sig;
    if signature.asyncness.is_none() {
        cx.error_at(&signature.fn_token, "a test with a database is an `async fn`");
    }
    if signature.inputs.len() != 1 {
        cx.error_at(
            &signature.ident,
            format_args!("a test takes its engine: `async fn {}(engine: Engine)`", signature.ident),
        );
    }
    if !signature.generics.params.is_empty() {
        cx.error_at(&signature.generics, "a test cannot have type parameters");
    }
}

fn test(arguments: &Arguments, mut function: ItemFn) -> TokenStream {
    let attributes = std::mem::take(&mut function.attrs);
    let (vis, name, output) = (function.vis.clone(), &function.sig.ident, &function.sig.output);
    let output = match output {
        ReturnType::Default => TokenStream::new(),
        output @ ReturnType::Type(..) => quote!(#output),
    };
    let text = crate::names::Name::of(name).text;
    let run = match &arguments.base {
        Some(base) => quote!(run::<#base, _, _>),
        None => quote!(run_bare),
    };
    function.vis = syn::Visibility::Inherited;
    quote! {
        #(#attributes)*
        #[::core::prelude::v1::test]
        #vis fn #name() #output {
            #function
            ::orm_testkit::__private::#run(
                ::core::concat!(::core::module_path!(), "::", #text),
                #name,
            )
        }
    }
}
