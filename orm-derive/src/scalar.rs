//! `#[derive(DbEnum)]` and `#[derive(ScalarType)]`: types of columns; and what `#[derive(Composite)]` shares with them.

use crate::attr::{self, Called, Domain};
use crate::ctxt::Ctxt;
use crate::names::{Name, snake_case};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Data, DeriveInput, Fields, Index, Member, Type};

/// Types that every database has: their names would hide those of the program.
const BUILT_IN: &[&str] = &[
    "bit",
    "bool",
    "box",
    "bytea",
    "char",
    "cidr",
    "circle",
    "date",
    "inet",
    "int2",
    "int4",
    "int8",
    "interval",
    "json",
    "jsonb",
    "line",
    "lseg",
    "macaddr",
    "money",
    "name",
    "numeric",
    "oid",
    "path",
    "point",
    "polygon",
    "record",
    "text",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "uuid",
    "varbit",
    "varchar",
    "xid",
    "xml",
];

/// A variant and its label.
struct Labelled {
    ident: Ident,
    label: Name,
}

/// The whole derive of an enum: input in, code and mistakes out.
pub(crate) fn derive_enum(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let cx = Ctxt::new();
    let name = type_name(&input, attr::called(&input.attrs, "db_enum", &cx), "db_enum(name", &cx);
    let variants = variants(&input, &cx);
    let errors = cx.check();
    if !errors.is_empty() {
        return errors;
    }
    let (db_enum, codec) = (db_enum(&input.ident, &name, &variants), enum_codec(&input.ident));
    quote! {
        const _: () = {
            #db_enum
            #codec
        };
    }
}

/// What a type is called in the database.
pub(crate) struct TypeName {
    schema: Option<String>,
    name: String,
}

/// The name that was given, or that of the Rust type in snake case; `how` says how to give one.
pub(crate) fn type_name(input: &DeriveInput, given: Called, how: &str, cx: &Ctxt) -> TypeName {
    let ident = Name::of(&input.ident);
    let name = given.name.unwrap_or_else(|| Name::new(snake_case(&ident.text), ident.span));
    if BUILT_IN.contains(&name.text.as_str()) {
        let text = &name.text;
        cx.error(
            name.span,
            format_args!("`{text}` is a type of PostgreSQL; another name: `#[{how} = \"…\")]`"),
        );
    }
    TypeName { schema: given.schema.map(|schema| schema.text), name: name.text }
}

impl TypeName {
    /// The name as SQL text, with its schema.
    pub(crate) fn quoted(&self) -> String {
        let quote = |name: &String| format!("\"{}\"", name.replace('"', "\"\""));
        self.schema.iter().chain([&self.name]).map(quote).collect::<Vec<_>>().join(".")
    }

    /// `NamedType::new("status", ["\"status\"", "\"status\"[]"], kind, || &WIRE)`
    pub(crate) fn named_type(&self, kind: &TokenStream) -> TokenStream {
        let (name, quoted) = (&self.name, self.quoted());
        let quoted_array = format!("{quoted}[]");
        let schema = self.schema.iter();
        quote! {
            ::orm_core::__private::NamedType::new(#name, [#quoted, #quoted_array], #kind, || &WIRE)
                #(.in_schema(#schema))*
        }
    }
}

fn variants(input: &DeriveInput, cx: &Ctxt) -> Vec<Labelled> {
    let Data::Enum(data) = &input.data else {
        let message = "only an enum is an enum of the database; for a type with one field there is `#[derive(ScalarType)]`";
        cx.error_at(&input.ident, message);
        return Vec::new();
    };
    if !input.generics.params.is_empty() {
        cx.error_at(&input.generics, "an enum of the database cannot have type parameters or lifetimes");
    }
    if data.variants.is_empty() {
        cx.error_at(&input.ident, "an enum of the database needs a variant");
    }
    let variants: Vec<Labelled> = data.variants.iter().map(|variant| labelled(variant, cx)).collect();
    for (at, Labelled { ident, label }) in variants.iter().enumerate() {
        let Some(first) = variants[..at].iter().find(|other| other.label.text == label.text) else {
            continue;
        };
        let (first, text) = (&first.ident, &label.text);
        cx.error(label.span, format_args!("`{first}` and `{ident}` have the same label \"{text}\""));
    }
    variants
}

fn labelled(variant: &syn::Variant, cx: &Ctxt) -> Labelled {
    let ident = variant.ident.clone();
    if !matches!(variant.fields, Fields::Unit) {
        let message = format_args!(
            "`{ident}` carries data, a label of the database cannot; `#[derive(Embedded)]` gives the data columns of their own"
        );
        cx.error_at(&variant.fields, message);
    }
    let name = Name::of(&ident);
    let label = attr::label(&variant.attrs, cx);
    Labelled { label: label.unwrap_or_else(|| Name::new(snake_case(&name.text), name.span)), ident }
}

/// ```text
/// static WIRE: LazyLock<WireTypes> = LazyLock::new(|| WireTypes::of_enum("\"status\""));
/// impl DbEnum for Status { const TYPE …; const VARIANTS …; fn label(&self) -> &'static str { … } }
/// ```
fn db_enum(ident: &Ident, name: &TypeName, variants: &[Labelled]) -> TokenStream {
    let quoted = name.quoted();
    let idents: Vec<&Ident> = variants.iter().map(|variant| &variant.ident).collect();
    let labels: Vec<&str> = variants.iter().map(|variant| variant.label.text.as_str()).collect();
    let named = name.named_type(&quote!(::orm_core::__private::TypeKind::Enum(&[#(#labels),*])));
    quote! {
        static WIRE: ::std::sync::LazyLock<::orm_core::__private::WireTypes> =
            ::std::sync::LazyLock::new(|| ::orm_core::__private::WireTypes::of_enum(#quoted));

        impl ::orm_core::__private::DbEnum for #ident {
            const TYPE: &'static ::orm_core::__private::NamedType = &#named;
            const VARIANTS: &'static [Self] = &[#(Self::#idents),*];

            fn label(&self) -> &'static ::core::primitive::str {
                match self {
                    #(Self::#idents => #labels,)*
                }
            }
        }
    }
}

fn enum_codec(ident: &Ident) -> TokenStream {
    let same = quote!(::core::mem::discriminant(self) == ::core::mem::discriminant(other));
    let to_json = quote!(::orm_core::__private::Json::from(::orm_core::__private::DbEnum::label(self)));
    let ty = quote! {
        ::orm_core::__private::SqlType::Named(<Self as ::orm_core::__private::DbEnum>::TYPE)
    };
    let codec = Codec {
        from_wire: quote! {
            let _ = ty;
            ::orm_core::__private::decode_label(raw)
        },
        to_wire: quote! {
            let label = ::orm_core::__private::DbEnum::label(self);
            ::orm_core::__private::BytesMut::extend_from_slice(out, label.as_bytes());
            ::core::result::Result::Ok(())
        },
        reads: None,
        ty,
        same,
        to_json,
    };
    codec.items(ident)
}

/// What a column type needs.
pub(crate) struct Codec {
    pub(crate) ty: TokenStream,
    pub(crate) same: TokenStream,
    pub(crate) to_json: TokenStream,
    pub(crate) from_wire: TokenStream,
    pub(crate) to_wire: TokenStream,
    /// Where it is not what the type itself tells.
    pub(crate) reads: Option<TokenStream>,
}

impl Codec {
    /// `impl ScalarType`.
    pub(crate) fn items(self, ident: &Ident) -> TokenStream {
        let Self { ty, same, to_json, from_wire, to_wire, reads } = self;
        let error = quote!(::orm_core::__private::WireError);
        let reads = reads.map(|reads| {
            quote! {
                fn reads(ty: &::orm_core::__private::Type) -> ::core::primitive::bool {
                    #reads
                }
            }
        });
        quote! {
            impl ::orm_core::__private::ScalarType for #ident {
                const SQL: ::orm_core::__private::SqlType = #ty;

                fn to_wire(
                    &self,
                    out: &mut ::orm_core::__private::BytesMut,
                ) -> ::core::result::Result<(), #error> {
                    #to_wire
                }

                fn from_wire(
                    ty: &::orm_core::__private::Type,
                    raw: &[::core::primitive::u8],
                ) -> ::core::result::Result<Self, #error> {
                    #from_wire
                }

                #reads

                fn same(&self, other: &Self) -> ::core::primitive::bool {
                    #same
                }

                fn to_json(&self) -> ::orm_core::__private::Json {
                    #to_json
                }
            }
        }
    }
}

/// The whole derive of a type with one field: input in, code and mistakes out.
pub(crate) fn derive_newtype(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let cx = Ctxt::new();
    let field = only_field(&input, &cx);
    let domain = attr::domain(&input.attrs, &cx);
    let domain = domain.map(|Domain { schema, name, check }| {
        (type_name(&input, Called { schema, name: Some(name) }, "scalar(domain", &cx), check)
    });
    let errors = cx.check();
    let Some((member, inner)) = field.filter(|_| errors.is_empty()) else { return errors };
    let base = quote!(<#inner as ::orm_core::__private::ScalarType>::SQL);
    let ty = match domain {
        Some(_) => quote!(::orm_core::__private::SqlType::Named(&TYPE)),
        None => base.clone(),
    };
    let domain = domain.map(|(name, check)| domain_type(&name, check, &base));
    let codec = Codec {
        ty,
        same: quote!(::orm_core::__private::ScalarType::same(&self.#member, &other.#member)),
        to_json: quote!(::orm_core::__private::ScalarType::to_json(&self.#member)),
        from_wire: quote! {
            ::core::result::Result::Ok(Self {
                #member: ::orm_core::__private::ScalarType::from_wire(ty, raw)?,
            })
        },
        to_wire: quote!(::orm_core::__private::ScalarType::to_wire(&self.#member, out)),
        reads: Some(quote!(<#inner as ::orm_core::__private::ScalarType>::reads(ty))),
    };
    let (ident, items) = (&input.ident, codec.items(&input.ident));
    // The lifetime lets the bound be one that does not hold: then there is no implementation.
    quote! {
        const _: () = {
            #domain
            #items

            impl ::orm_core::__private::TextScalar for #ident
            where
                for<'text> #inner: ::orm_core::__private::TextScalar,
            {
            }
        };
    }
}

/// ```text
/// static WIRE: LazyLock<WireTypes> = …;
/// const TYPE: NamedType = NamedType::new("email", …, TypeKind::Domain(DomainType { … }), || &WIRE);
/// ```
fn domain_type(name: &TypeName, check: Option<String>, base: &TokenStream) -> TokenStream {
    let quoted = name.quoted();
    let check = match check {
        Some(check) => quote!(::core::option::Option::Some(#check)),
        None => quote!(::core::option::Option::None),
    };
    let named = name.named_type(&quote! {
        ::orm_core::__private::TypeKind::Domain(::orm_core::__private::DomainType { base: #base, check: #check })
    });
    quote! {
        static WIRE: ::std::sync::LazyLock<::orm_core::__private::WireTypes> =
            ::std::sync::LazyLock::new(|| ::orm_core::__private::WireTypes::of_domain(#quoted, #base));
        const TYPE: ::orm_core::__private::NamedType = #named;
    }
}

fn only_field<'a>(input: &'a DeriveInput, cx: &Ctxt) -> Option<(Member, &'a Type)> {
    if !input.generics.params.is_empty() {
        cx.error_at(&input.generics, "a column type cannot have type parameters or lifetimes");
    }
    let fields: Vec<&syn::Field> = match &input.data {
        Data::Struct(data) => data.fields.iter().collect(),
        Data::Enum(_) => {
            cx.error_at(
                &input.ident,
                "for an enum whose variants carry no data there is `#[derive(DbEnum)]`",
            );
            return None;
        }
        Data::Union(_) => Vec::new(),
    };
    let [field] = fields[..] else {
        let message = format_args!(
            "a column type is one value: `struct {}(i64);`; for several columns there is `#[derive(Embedded)]`",
            input.ident
        );
        cx.error_at(&input.ident, message);
        return None;
    };
    let member = field.ident.clone().map_or(Member::Unnamed(Index::from(0)), Member::Named);
    Some((member, &field.ty))
}
