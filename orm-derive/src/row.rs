//! `#[derive(Row)]`: structs of values that queries give.

use crate::attr;
use crate::ctxt::Ctxt;
use crate::expand::place;
use crate::names::{Name, camel_case, screaming, snake_case};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Data, DeriveInput, Fields, Type, Visibility};

/// A struct of values.
struct Row {
    ident: Ident,
    vis: Visibility,
    fields: Vec<Field>,
}

/// A value of it.
struct Field {
    ident: Ident,
    vis: Visibility,
    ty: Type,
    column: Name,
}

/// The whole derive: input in, code and mistakes out.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let cx = Ctxt::new();
    let row = parse(&input, &cx);
    let errors = cx.check();
    let Some(row) = row.filter(|_| errors.is_empty()) else { return errors };
    let (constants, impls, columns) = (row.constants(), row.impls(), row.columns());
    quote! {
        #constants
        #columns
        const _: () = {
            #impls
        };
    }
}

fn parse(input: &DeriveInput, cx: &Ctxt) -> Option<Row> {
    if !input.generics.params.is_empty() {
        cx.error_at(&input.generics, "a row cannot have type parameters or lifetimes");
    }
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => fields,
            _ => {
                cx.error_at(&input.ident, "a row has fields with names: columns are found by them");
                return None;
            }
        },
        _ => {
            cx.error_at(&input.ident, "a row is a struct with a field for each column");
            return None;
        }
    };
    let fields: Vec<Field> = fields.named.iter().filter_map(|field| self::field(field, cx)).collect();
    for (at, field) in fields.iter().enumerate() {
        if let Some(first) = fields[..at].iter().find(|other| other.column.text == field.column.text) {
            let (first, second, text) = (&first.ident, &field.ident, &field.column.text);
            cx.error(
                field.column.span,
                format_args!("`{first}` and `{second}` have the same column \"{text}\""),
            );
        }
    }
    Some(Row { ident: input.ident.clone(), vis: input.vis.clone(), fields })
}

fn field(field: &syn::Field, cx: &Ctxt) -> Option<Field> {
    let ident = field.ident.clone()?;
    let column = attr::column_of_row(&field.attrs, cx).unwrap_or_else(|| Name::of(&ident));
    Some(Field { ident, vis: field.vis.clone(), ty: field.ty.clone(), column })
}

impl Field {
    /// The type parameter for what is selected.
    fn parameter(&self) -> Ident {
        Ident::new(&camel_case("__", &Name::of(&self.ident).text), Span::mixed_site())
    }

    /// The trait of what fits into it.
    fn fits(&self) -> Ident {
        Ident::new(&camel_case("__Fits", &Name::of(&self.ident).text), Span::mixed_site())
    }

    /// The type parameter for where that stands in a scope.
    fn place(&self) -> Ident {
        Ident::new(&camel_case("__At", &Name::of(&self.ident).text), Span::mixed_site())
    }
}

impl Row {
    /// ```text
    /// impl Spent {
    ///     /// The column `total` of a query that gives a `Spent`.
    ///     pub const TOTAL: Column<Spent, i64> = Column::new(1);
    /// }
    /// ```
    fn constants(&self) -> TokenStream {
        let owner = &self.ident;
        let constants = self.fields.iter().enumerate().map(|(index, field)| {
            let (vis, ty) = (&field.vis, &field.ty);
            let name = Ident::new(&screaming(&Name::of(&field.ident).text), field.ident.span());
            let doc = format!("The column `{}` of a query that gives a `{owner}`.", field.column.text);
            quote! {
                #[doc = #doc]
                #vis const #name: ::orm_core::__private::Column<#owner, #ty> =
                    ::orm_core::__private::Column::new(#index);
            }
        });
        quote! {
            impl #owner {
                #(#constants)*
            }
        }
    }

    /// ```text
    /// impl Source for Spent { … }
    /// impl Row for Spent { … }
    /// impl Gives<(String, i64)> for Spent {}
    /// impl FromRow for Spent { … }
    /// ```
    fn impls(&self) -> TokenStream {
        let ident = &self.ident;
        let name = Name::of(ident).text;
        let table = snake_case(&name);
        let columns: Vec<&str> = self.fields.iter().map(|field| field.column.text.as_str()).collect();
        let types = self.fields.iter().map(|field| place::column(&field.ty, "SQL"));
        let fields = self.fields.iter().map(|field| &field.ty);
        let reads = self.fields.iter().enumerate().map(|(index, field)| {
            let (member, ty, at) = (&field.ident, &field.ty, format!("{name}.{}", field.column.text));
            let from_scalar = place::column(ty, "from_scalar");
            quote_spanned! {place::located(ty)=>
                #member: ::orm_core::__private::read_value(row, at(#index), #at, #from_scalar)?
            }
        });
        let values = self.fields.iter().enumerate().map(|(index, field)| {
            let (member, value) = (&field.ident, place::column(&field.ty, "value"));
            quote_spanned!(place::located(&field.ty)=> #index => #value(&self.#member))
        });
        quote! {
            impl ::orm_core::__private::Source for #ident {
                const ALIAS: ::core::option::Option<&'static ::core::primitive::str> = ::core::option::Option::None;
                type Kind = ::orm_core::__private::Computed;

                fn table() -> ::orm_core::__private::TableName<'static> {
                    ::orm_core::__private::TableName::new(#table)
                }

                fn name() -> &'static ::core::primitive::str {
                    #name
                }

                fn column(index: ::core::primitive::usize) -> &'static ::core::primitive::str {
                    <Self as ::orm_core::__private::Row>::COLUMNS[index]
                }
            }

            impl ::orm_core::__private::Row for #ident {
                const COLUMNS: &'static [&'static ::core::primitive::str] = &[#(#columns),*];
                const TYPES: &'static [::orm_core::__private::SqlType] = &[#(#types),*];

                fn read(
                    row: &::orm_core::__private::AnyRow,
                    at: impl ::core::ops::Fn(::core::primitive::usize) -> ::core::primitive::usize,
                ) -> ::orm_core::__private::Result<Self> {
                    ::core::result::Result::Ok(Self { #(#reads),* })
                }

                fn value(&self, column: ::core::primitive::usize) -> ::orm_core::__private::ColumnValue<'_> {
                    match column {
                        #(#values,)*
                        _ => ::orm_core::__private::no_such_column(#name, column),
                    }
                }
            }

            impl ::orm_core::__private::Gives<(#(#fields,)*)> for #ident {}

            impl ::orm_core::__private::FromRow for #ident {
                fn from_row(row: ::orm_core::__private::AnyRow) -> ::orm_core::__private::Result<Self> {
                    ::orm_core::__private::row_by_names(&row)
                }
            }
        }
    }

    /// ```text
    /// pub struct SpentColumns<__Name, __Total> { pub name: __Name, pub total: __Total }
    /// impl<S, __Name, …> Selected<S, (__AtName, __AtTotal)> for SpentColumns<__Name, __Total> { … }
    /// ```
    fn columns(&self) -> TokenStream {
        let (ident, vis) = (&self.ident, &self.vis);
        let columns = format_ident!("{}Columns", ident);
        let doc = format!("What a query selects for each field of a [`{ident}`].");
        let parameters: Vec<Ident> = self.fields.iter().map(Field::parameter).collect();
        let members = self.fields.iter().zip(&parameters).map(|(field, parameter)| {
            let (vis, member) = (&field.vis, &field.ident);
            let doc = format!("What is selected for [`{ident}::{member}`].");
            quote!(#[doc = #doc] #vis #member: #parameter)
        });
        let impls = self.columns_impls(&columns, &parameters);
        quote! {
            #[doc = #doc]
            #[derive(Clone, Copy, Debug)]
            #[must_use = "columns do nothing before they are selected"]
            #vis struct #columns<#(#parameters),*> {
                #(#members),*
            }

            const _: () = {
                #impls
            };
        }
    }

    fn columns_impls(&self, columns: &Ident, parameters: &[Ident]) -> TokenStream {
        let ident = &self.ident;
        let places: Vec<Ident> = self.fields.iter().map(Field::place).collect();
        let members: Vec<&Ident> = self.fields.iter().map(|field| &field.ident).collect();
        let fits: Vec<Ident> = self.fields.iter().map(Field::fits).collect();
        let traits = self.fields.iter().map(|field| self.fit(field));
        let (width, first) = (self.fields.len(), &parameters[0]);
        let head = quote!(__Scope: ::orm_core::__private::Scope, #(#parameters, #places),*);
        let bounds = quote! {
            #(
                #parameters: ::orm_core::__private::Selected<__Scope, #places>,
                <#parameters as ::orm_core::__private::Selected<__Scope, #places>>::Value: #fits,
            )*
        };
        quote! {
            #(#traits)*

            impl<#head> ::orm_core::__private::Selected<__Scope, (#(#places,)*)> for #columns<#(#parameters),*>
            where
                #bounds
            {
                type Value = #ident;

                fn selected(self, all: &mut ::std::vec::Vec<::orm_core::__private::Expr>) {
                    #(::orm_core::__private::Selected::<__Scope, #places>::selected(self.#members, all);)*
                }

                fn width() -> ::core::primitive::usize {
                    #width
                }

                fn read(
                    row: &::orm_core::__private::AnyRow,
                    at: ::core::primitive::usize,
                ) -> ::orm_core::__private::Result<#ident> {
                    <#ident as ::orm_core::__private::Row>::read(row, |column| at + column)
                }
            }

            impl<#(#parameters),*> ::orm_core::__private::Anchored for #columns<#(#parameters),*>
            where
                #first: ::orm_core::__private::Anchored,
            {
                type Anchor = <#first as ::orm_core::__private::Anchored>::Anchor;
            }
        }
    }

    /// What can be selected for a field, as a trait of its own whose message names it.
    fn fit(&self, field: &Field) -> TokenStream {
        let (fits, ty, member) = (field.fits(), &field.ty, Name::of(&field.ident).text);
        let shown = shown(ty);
        let message =
            format!("`{member}` of `{}` is a `{shown}`, and the query selects `{{Self}}` for it", self.ident);
        let label = format!("`{member}` does not fit");
        quote! {
            #[diagnostic::on_unimplemented(
                message = #message,
                label = #label,
                note = "what can be `NULL` is an `Option`; `.or(…)` says what stands in place of `NULL`"
            )]
            pub trait #fits {}

            #[diagnostic::do_not_recommend]
            impl<__Value: ::orm_core::__private::Fits<#ty>> #fits for __Value {}
        }
    }
}

/// A type as one writes it.
fn shown(ty: &Type) -> String {
    let text = quote!(#ty).to_string();
    text.replace(" :: ", "::")
        .replace(" < ", "<")
        .replace(" > ", ">")
        .replace(" >", ">")
        .replace(['{', '}'], "")
}
