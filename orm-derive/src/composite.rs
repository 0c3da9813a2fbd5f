//! `#[derive(Composite)]`: types of columns that are made of several values.

use crate::attr;
use crate::ctxt::Ctxt;
use crate::expand::place;
use crate::names::Name;
use crate::scalar::{Codec, TypeName, type_name};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Data, DeriveInput, Fields, Type};

/// The whole derive of a composite type: input in, code and mistakes out.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let cx = Ctxt::new();
    let name = type_name(&input, attr::called(&input.attrs, "composite", &cx), "composite(name", &cx);
    let fields = composite_fields(&input, &cx);
    let errors = cx.check();
    if !errors.is_empty() {
        return errors;
    }
    let (ty, codec) = (composite_type(&input.ident, &name, &fields), composite_codec(&input.ident, &fields));
    quote! {
        const _: () = {
            #ty
            #codec
        };
    }
}

/// A field and its name in the database.
struct CompositeField<'a> {
    ident: &'a Ident,
    ty: &'a Type,
    name: Name,
}

fn composite_fields<'a>(input: &'a DeriveInput, cx: &Ctxt) -> Vec<CompositeField<'a>> {
    if !input.generics.params.is_empty() {
        cx.error_at(&input.generics, "a composite type cannot have type parameters or lifetimes");
    }
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => &fields.named,
            _ => {
                cx.error_at(&input.ident, "a composite type has fields with names; for a type with one value there is `#[derive(ScalarType)]`");
                return Vec::new();
            }
        },
        _ => {
            cx.error_at(
                &input.ident,
                "only a struct is a composite type; for an enum there is `#[derive(DbEnum)]`",
            );
            return Vec::new();
        }
    };
    let fields: Vec<CompositeField<'_>> =
        fields.iter().filter_map(|field| composite_field(field, cx)).collect();
    for (at, CompositeField { ident, name, .. }) in fields.iter().enumerate() {
        let Some(first) = fields[..at].iter().find(|other| other.name.text == name.text) else { continue };
        let (first, text) = (first.ident, &name.text);
        cx.error(name.span, format_args!("`{first}` and `{ident}` have the same name \"{text}\""));
    }
    fields
}

fn composite_field<'a>(field: &'a syn::Field, cx: &Ctxt) -> Option<CompositeField<'a>> {
    let ident = field.ident.as_ref()?;
    let name = attr::composite_field(&field.attrs, cx).unwrap_or_else(|| Name::of(ident));
    Some(CompositeField { ident, ty: &field.ty, name })
}

/// ```text
/// static WIRE: LazyLock<WireTypes> = LazyLock::new(|| WireTypes::of_composite("\"address\"", FIELDS));
/// const FIELDS: &[(&str, SqlType)] = &[("street", <String as ColumnType>::SQL)];
/// impl Composite for Address { const TYPE … }
/// ```
fn composite_type(ident: &Ident, name: &TypeName, fields: &[CompositeField<'_>]) -> TokenStream {
    let quoted = name.quoted();
    let named = name.named_type(&quote!(::orm_core::__private::TypeKind::Composite(FIELDS)));
    let fields = fields.iter().map(|CompositeField { ty, name, .. }| {
        let (name, sql) = (&name.text, place::column(ty, "SQL"));
        quote!((#name, #sql))
    });
    quote! {
        static WIRE: ::std::sync::LazyLock<::orm_core::__private::WireTypes> =
            ::std::sync::LazyLock::new(|| ::orm_core::__private::WireTypes::of_composite(#quoted, FIELDS));
        const FIELDS: &[(&::core::primitive::str, ::orm_core::__private::SqlType)] = &[#(#fields),*];

        impl ::orm_core::__private::CompositeType for #ident {
            const TYPE: &'static ::orm_core::__private::NamedType = &#named;
        }
    }
}

fn composite_codec(ident: &Ident, fields: &[CompositeField<'_>]) -> TokenStream {
    let idents: Vec<&Ident> = fields.iter().map(|field| field.ident).collect();
    let names: Vec<&str> = fields.iter().map(|field| field.name.text.as_str()).collect();
    let count = fields.len();
    let words = i32::try_from(count).unwrap_or(i32::MAX).to_be_bytes();
    let of_field = |item| fields.iter().map(move |field| place::column(field.ty, item));
    let values: Vec<TokenStream> = of_field("value").collect();
    let (types, from_scalars) = (of_field("SQL"), of_field("from_scalar"));
    let codec = Codec {
        ty: quote!(::orm_core::__private::SqlType::Named(
            <Self as ::orm_core::__private::CompositeType>::TYPE
        )),
        same: quote!(#(#values(&self.#idents).same_as(&#values(&other.#idents)))&&*),
        to_json: quote! {
            [#((::std::string::String::from(#names), #values(&self.#idents).to_json())),*].into_iter().collect()
        },
        from_wire: quote! {
            let mut fields = ::orm_core::__private::CompositeFields::of(ty, raw, #count)?;
            ::core::result::Result::Ok(Self { #(#idents: fields.read(#names, #from_scalars)?),* })
        },
        to_wire: quote! {
            ::orm_core::__private::BytesMut::extend_from_slice(out, &[#(#words),*]);
            #(::orm_core::__private::put_field(#types, #values(&self.#idents), out)?;)*
            ::core::result::Result::Ok(())
        },
        reads: None,
    };
    codec.items(ident)
}
