//! `#[derive(Embedded)]`: the glue of enums.

use super::embedded::{counts, def};
use super::model::scalar;
use super::{constants, definition, embed, glue, place};
use crate::embedded::{Embedded, Style, Variant};
use crate::ir::{ColumnOf, Field, Kind, Source};
use crate::names::Name;
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use std::collections::HashSet;
use syn::parse_quote;

/// What stands in the implementation of `Embedded`.
pub(super) fn body(embedded: &Embedded, variants: &[Variant]) -> TokenStream {
    let counts = counts(&embedded.model);
    let def = definition(embedded, variants);
    let read = read(embedded, variants);
    let column = column(embedded, variants);
    let copy = copy_column(embedded);
    let generated = generated(embedded);
    let of_slot = of_slot(embedded);
    quote! {
        #counts
        fn def() -> ::orm_core::__private::EmbeddedDef {
            #def
        }
        #read
        #column
        #copy
        #generated
        #of_slot
    }
}

/// ```text
/// with_variants(nested(EmbeddedDef { … }, vec![…]), &[VariantDef { tag: "manager", required: &[1], … }])
/// ```
fn definition(embedded: &Embedded, variants: &[Variant]) -> TokenStream {
    let model = &embedded.model;
    let columns = model.columns();
    let tag = embedded.is_tagged().then(|| {
        quote! {
            ::orm_core::__private::ColumnDef::new(
                "",
                "",
                "",
                <::std::string::String as ::orm_core::__private::ColumnType>::SQL,
                false,
                false,
                false,
            )
        }
    });
    let own = columns.iter().map(|column| {
        let def = definition::column(column);
        quote!(::orm_core::__private::ColumnDef { nullable: true, default: ::core::option::Option::None, ..#def })
    });
    let defs: Vec<TokenStream> = tag.into_iter().chain(own).collect();
    let references = model.fields.iter().filter(|field| matches!(field.kind, Kind::BelongsTo(_)));
    let relations: Vec<TokenStream> =
        references.map(|field| definition::relation_by(field, &columns, &access(embedded, field))).collect();
    let parts = model.embedded().map(|(field, embed)| {
        let (name, ty) = (field.name(), &field.ty);
        let (prefix, column) = embed::names(&name, embed);
        let constant = embed::constant(&embedded.constant_of_field(field), embed);
        quote!(::orm_core::__private::part_of_variant::<#ty>(#name, #constant, #prefix, #column))
    });
    let def = def(&defs, &relations, &parts.collect::<Vec<_>>(), true);
    let shapes = variants.iter().map(|variant| shape(embedded, variant));
    quote! {
        let def = { #def };
        ::orm_core::__private::with_variants(def, &[#(#shapes),*])
    }
}

fn shape(embedded: &Embedded, variant: &Variant) -> TokenStream {
    let model = &embedded.model;
    let columns = model.columns();
    let own = columns.iter().filter(|column| variant.fields.contains(&column.field.ident));
    let own = own.map(|column| {
        let index = column.index;
        match column.source {
            Source::Plain(_) => {
                let nullable = place::column(&column.field.ty, "NULLABLE");
                quote!((#index, !#nullable))
            }
            Source::Part(..) => quote!((#index, true)),
        }
    });
    let nested = model.embedded().enumerate().filter(|(_, (field, _))| variant.fields.contains(&field.ident));
    let nested = nested.map(|(at, _)| {
        let (first, end) = (embed::first(model, at, "COLUMNS"), embed::first(model, at + 1, "COLUMNS"));
        quote!(#first..#end)
    });
    let tag = match embedded.is_tagged() {
        true => {
            let tag = &variant.tag.text;
            quote!(::core::option::Option::Some(#tag))
        }
        false => quote!(::core::option::Option::None),
    };
    quote! {
        ::orm_core::__private::VariantDef { tag: #tag, columns: &[#(#own),*], embedded: &[#(#nested),*] }
    }
}

/// ```text
/// &VariantAccess::<Subject, BelongsTo<Product>> { get: |value| match value { … }, … }
/// ```
fn access(embedded: &Embedded, field: &Field) -> TokenStream {
    let (owner, ty) = (&embedded.model.ident, place::relation(&field.ty));
    let variant = embedded.variants_with(&field.ident).map(|variant| &variant.ident).next();
    quote! {
        &::orm_core::__private::VariantAccess::<#owner, #ty> {
            get: |value| match value {
                #owner::#variant(field) => ::core::option::Option::Some(field),
                #[allow(unreachable_patterns)]
                _ => ::core::option::Option::None,
            },
            get_mut: |value| match value {
                #owner::#variant(field) => ::core::option::Option::Some(field),
                #[allow(unreachable_patterns)]
                _ => ::core::option::Option::None,
            },
            make: #owner::#variant,
        }
    }
}

/// `Self::Manager { budget: value, .. }`, which binds one field as `name`.
fn pattern(variant: &Variant, field: &Ident, name: &str) -> TokenStream {
    let (ident, name) = (&variant.ident, Ident::new(name, proc_macro2::Span::call_site()));
    match variant.style {
        Style::Named => quote!(Self::#ident { #field: #name, .. }),
        Style::Newtype | Style::Unit => quote!(Self::#ident(#name)),
    }
}

/// Reads the variant that a row has.
fn read(embedded: &Embedded, variants: &[Variant]) -> TokenStream {
    let name = Name::of(&embedded.model.ident).text;
    let tags: Vec<&str> = variants.iter().map(|variant| &*variant.tag.text).collect();
    let body = match embedded.is_tagged() {
        true => {
            let arms = variants.iter().map(|variant| {
                let (tag, value) = (&variant.tag.text, make(embedded, variant));
                quote!(::core::option::Option::Some(#tag) => ::core::result::Result::Ok(#value),)
            });
            quote! {
                let tag: ::core::option::Option<::std::string::String> = ::orm_core::__private::read(
                    row,
                    0usize,
                    #name,
                    <::core::option::Option<::std::string::String> as ::orm_core::__private::ColumnType>::from_scalar,
                    <::core::option::Option<::std::string::String> as ::orm_core::__private::ColumnType>::not_loaded,
                )?;
                match tag.as_deref() {
                    #(#arms)*
                    tag => ::core::result::Result::Err(
                        ::orm_core::__private::unknown_variant(#name, tag, &[#(#tags),*]),
                    ),
                }
            }
        }
        false => {
            let columns = embedded.model.columns();
            let attempts = variants.iter().filter_map(|variant| {
                let ident = &variant.ident;
                let column = columns.iter().find(|column| variant.fields.contains(&column.field.ident))?;
                let (index, place) = (column.index, glue::name_of(&embedded.model, column));
                let ty = &column.field.ty;
                let optional = parse_quote!(::core::option::Option<#ty>);
                let read = place::foreign_key(&optional, "read");
                Some(quote! {
                    if let ::core::option::Option::Some(field) = #read(row.row(), &[row.at(#index)], #place)? {
                        return ::core::result::Result::Ok(Self::#ident(field));
                    }
                })
            });
            quote! {
                #(#attempts)*
                ::core::result::Result::Err(
                    ::orm_core::__private::unknown_variant(#name, ::core::option::Option::None, &[#(#tags),*]),
                )
            }
        }
    };
    quote! {
        fn read(row: ::orm_core::__private::ModelRow<'_>) -> ::orm_core::__private::Result<Self> {
            #body
        }
    }
}

/// A variant with its fields from a row.
fn make(embedded: &Embedded, variant: &Variant) -> TokenStream {
    let (ident, model) = (&variant.ident, &embedded.model);
    let columns = model.columns();
    let values = variant.fields.iter().filter_map(|name| {
        let field = model.fields.iter().find(|field| field.ident == *name)?;
        let value = match columns.iter().find(|column| column.field.ident == *name) {
            Some(column) => glue::read(model, column, &columns),
            None => embed::read(model, field),
        };
        Some((name, value))
    });
    let (names, values): (Vec<&Ident>, Vec<TokenStream>) = values.unzip();
    match variant.style {
        Style::Unit => quote!(Self::#ident),
        Style::Newtype => quote!(Self::#ident(#(#values),*)),
        Style::Named => quote!(Self::#ident { #(#names: #values),* }),
    }
}

/// What a column holds: the tag, what the variant has, and else `NULL`.
fn column(embedded: &Embedded, variants: &[Variant]) -> TokenStream {
    let model = &embedded.model;
    let name = Name::of(&model.ident).text;
    let tags = variants.iter().filter(|_| embedded.is_tagged()).map(|variant| {
        let (ident, tag) = (&variant.ident, &variant.tag.text);
        quote! {
            (0usize, Self::#ident { .. }) => {
                ::orm_core::__private::ColumnValue::Value(&::orm_core::__private::Tag(#tag))
            }
        }
    });
    let columns = model.columns();
    let own = columns.iter().flat_map(|column| {
        let (index, field, ty) = (column.index, &column.field.ident, &column.field.ty);
        embedded.variants_with(field).map(move |variant| {
            let pattern = pattern(variant, field, "value");
            match column.source {
                Source::Plain(_) => {
                    let value = place::column(ty, "value");
                    quote_spanned!(place::located(ty)=> (#index, #pattern) => #value(value),)
                }
                Source::Part(_, part) => {
                    let component = place::foreign_key(ty, "component");
                    quote!((#index, #pattern) => #component(value, #part),)
                }
            }
        })
    });
    let nested = nested(embedded, &["value"], |field, at| {
        let column = place::embedded_field(&field.ty, "column");
        quote!(#column(value, #at))
    });
    let total = embed::total(model, "COLUMNS");
    quote! {
        fn column(
            &self,
            index: ::core::primitive::usize,
        ) -> ::orm_core::__private::ColumnValue<'_> {
            match (index, self) {
                #(#tags)*
                #(#own)*
                #nested
                _ if index < #total => ::orm_core::__private::ColumnValue::Null,
                _ => ::orm_core::__private::no_such_column(#name, index),
            }
        }
    }
}

/// An arm for the columns of each embedded value of a variant; each name is bound in one of the matched values.
fn nested(
    embedded: &Embedded,
    names: &[&str],
    arm: impl Fn(&Field, TokenStream) -> TokenStream,
) -> TokenStream {
    let model = &embedded.model;
    let mut arms = TokenStream::new();
    for (at, (field, _)) in model.embedded().enumerate() {
        let (first, end) = (embed::first(model, at, "COLUMNS"), embed::first(model, at + 1, "COLUMNS"));
        for variant in embedded.variants_with(&field.ident) {
            let patterns = names.iter().map(|name| pattern(variant, &field.ident, name));
            let arm = arm(field, quote!(index - #first));
            arms.extend(quote!((index, #(#patterns),*) if (#first..#end).contains(&index) => #arm,));
        }
    }
    arms
}

/// Takes one column over; another variant as a whole, when the column is one that it has.
fn copy_column(embedded: &Embedded) -> TokenStream {
    let columns = embedded.model.columns();
    let own = columns.iter().flat_map(|column| {
        let (index, field) = (column.index, &column.field.ident);
        embedded.variants_with(field).map(move |variant| {
            let (to, from) = (pattern(variant, field, "to"), pattern(variant, field, "from"));
            quote!((#index, #to, #from) => ::core::clone::Clone::clone_from(to, from),)
        })
    });
    let nested = nested(embedded, &["to", "from"], |field, at| {
        let copy = place::embedded_field(&field.ty, "copy_column");
        quote!(#copy(to, #at, from))
    });
    quote! {
        fn copy_column(&mut self, index: ::core::primitive::usize, from: &Self) {
            if ::core::mem::discriminant(self) != ::core::mem::discriminant(from) {
                let held = <Self as ::orm_core::__private::Embedded>::column(from, index);
                if !::core::matches!(held, ::orm_core::__private::ColumnValue::Null) {
                    *self = ::core::clone::Clone::clone(from);
                }
                return;
            }
            match (index, self, from) {
                #(#own)*
                #nested
                _ => {}
            }
        }
    }
}

/// Takes a value over that a column of the variant gets.
fn generated(embedded: &Embedded) -> TokenStream {
    let model = &embedded.model;
    let name = Name::of(&model.ident).text;
    let columns = model.columns();
    let plain = columns.iter().filter(|column| matches!(column.source, Source::Plain(_)));
    let own = plain.flat_map(|column| {
        let (index, field, ty) = (column.index, &column.field.ident, &column.field.ty);
        let (place, from_scalar) = (glue::name_of(model, column), place::column(ty, "from_scalar"));
        embedded.variants_with(field).map(move |variant| {
            let pattern = pattern(variant, field, "value");
            quote_spanned! {place::located(ty)=>
                (#index, #pattern) => *value = ::orm_core::__private::decode(ty, raw, #place, #from_scalar)?,
            }
        })
    });
    let set = nested(embedded, &["value"], |field, at| {
        let set = place::embedded_field(&field.ty, "set_generated");
        quote!(#set(value, #at, ty, raw)?)
    });
    quote! {
        #[allow(unused_variables, reason = "not every enum has columns of its own")]
        fn set_generated(
            &mut self,
            index: ::core::primitive::usize,
            ty: &::orm_core::__private::Type,
            raw: ::core::option::Option<&[::core::primitive::u8]>,
        ) -> ::orm_core::__private::Result<()> {
            match (index, self) {
                #(#own)*
                #set
                _ if raw.is_none() => {}
                _ => return ::core::result::Result::Err(::orm_core::__private::not_in_variant(#name, index)),
            }
            ::core::result::Result::Ok(())
        }
        fn unset_generated(&mut self, _: ::core::primitive::usize) {}
    }
}

/// ```text
/// fn of_slot(relation: usize, session: u64, index: u32) -> Option<Self> {
///     match relation {
///         0 => Some(Self::Product(<BelongsTo<Product> as ForeignKeyField>::of_slot(session, index))),
///         _ => None,
///     }
/// }
/// ```
fn of_slot(embedded: &Embedded) -> TokenStream {
    let references = embedded.model.fields.iter().filter(|field| matches!(field.kind, Kind::BelongsTo(_)));
    let arms = references.enumerate().map(|(at, field)| {
        let variant = embedded.variants_with(&field.ident).map(|variant| &variant.ident).next();
        let of_slot = place::foreign_key(&field.ty, "of_slot");
        quote!(#at => ::core::option::Option::Some(Self::#variant(#of_slot(session, index))),)
    });
    let arms: Vec<TokenStream> = arms.collect();
    if arms.is_empty() {
        return TokenStream::new();
    }
    quote! {
        fn of_slot(
            relation: ::core::primitive::usize,
            session: ::core::primitive::u64,
            index: ::core::primitive::u32,
        ) -> ::core::option::Option<Self> {
            match relation {
                #(#arms)*
                _ => ::core::option::Option::None,
            }
        }
    }
}

/// A constant per variant, column and relation. A variant that is a foreign key gives its relation.
pub(super) fn constants(embedded: &Embedded, variants: &[Variant]) -> TokenStream {
    let model = &embedded.model;
    let owner = &model.ident;
    let of_variants = variants.iter().filter(|variant| !embedded.is_reference(variant));
    let of_variants =
        of_variants.map(|variant| (Embedded::constant_of(variant), of_variant(embedded, variant)));
    let columns = model.columns();
    let of_columns = columns.iter().map(|column| {
        let name = match column.source {
            Source::Plain(_) => embedded.constant_of_field(column.field),
            Source::Part(..) => column.constant(),
        };
        (name.clone(), of_column(embedded, column, &name))
    });
    let relations = model.relations().enumerate();
    let of_relations =
        relations.map(|(at, field)| (field.constant(), constants::of_reference(model, field, at)));
    let of_embedded = model.embedded().enumerate().map(|(at, (field, embed))| {
        let name = embedded.constant_of_field(field);
        (name.clone(), constants::of_nested(model, at, field, embed, &name))
    });
    // Two of one name are a mistake that is reported; the first stands in for both.
    let mut names = HashSet::new();
    let all = of_variants.chain(of_columns).chain(of_relations).chain(of_embedded);
    let constants = all.filter(|(name, _)| names.insert(name.text.clone())).map(|(_, code)| code);
    quote! {
        impl #owner {
            #(#constants)*
        }
    }
}

fn of_variant(embedded: &Embedded, variant: &Variant) -> TokenStream {
    let (owner, tag) = (&embedded.model.ident, &variant.tag.text);
    constants::constant(
        &embedded.model,
        &Embedded::constant_of(variant),
        &format!("The variant `{}`.", variant.ident),
        &quote!(::orm_core::__private::Variant<#owner>),
        &quote!(::orm_core::__private::Variant::new(#tag)),
    )
}

/// What only some variants have can be `NULL`.
fn of_column(embedded: &Embedded, column: &ColumnOf<'_>, name: &Name) -> TokenStream {
    let (owner, index, scalar) = (&embedded.model.ident, column.index, scalar(column));
    constants::constant(
        &embedded.model,
        name,
        &format!("The column of `{}`.", column.name.text),
        &quote!(::orm_core::__private::Column<#owner, ::core::option::Option<#scalar>>),
        &quote!(::orm_core::__private::Column::new(#index)),
    )
}
