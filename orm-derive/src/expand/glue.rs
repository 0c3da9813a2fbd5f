//! The functions of `Model` that go over the fields.

use super::{embed, place};
use crate::ir::{Argument, ColumnOf, Field, Kind, Model, Setter, Source};
use crate::names::Name;
use crate::shape;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

/// Reads an object from a row.
///
/// ```text
/// fn from_row(row: ModelRow<'_>) -> Result<Self> {
///     Ok(Self {
///         id: read(
///             row, 0, "cart.id", <Auto<i64> as ColumnType>::from_scalar, <Auto<i64> as ColumnType>::not_loaded,
///         )?,
///         customer: <BelongsTo<Customer> as ForeignKeyField>::read(row.row(), &[row.at(1)], "cart.customer_id")?,
///         products: <ManyToMany<Product> as CollectionField>::not_loaded(),
///     })
/// }
/// ```
pub(super) fn from_row(model: &Model, function: &str) -> TokenStream {
    let function = Ident::new(function, Span::call_site());
    let columns = model.columns();
    let fields = model.fields.iter().map(|field| {
        let ident = &field.ident;
        let first = columns.iter().find(|column| column.field.ident == field.ident);
        let value = match &field.kind {
            Kind::Embed(_) => embed::read(model, field),
            _ => first.map_or_else(|| not_loaded(field), |column| read(model, column, &columns)),
        };
        quote!(#ident: #value)
    });
    quote! {
        fn #function(row: ::orm_core::__private::ModelRow<'_>) -> ::orm_core::__private::Result<Self> {
            ::core::result::Result::Ok(Self { #(#fields),* })
        }
    }
}

pub(super) fn read(model: &Model, column: &ColumnOf<'_>, columns: &[ColumnOf<'_>]) -> TokenStream {
    let (ty, index) = (&column.field.ty, column.index);
    let place = name_of(model, column);
    match column.source {
        Source::Plain(_) => {
            let [from_scalar, not_loaded] = ["from_scalar", "not_loaded"].map(|item| place::column(ty, item));
            quote_spanned! {place::located(ty)=>
                ::orm_core::__private::read(row, #index, #place, #from_scalar, #not_loaded)?
            }
        }
        Source::Part(to, _) => {
            let (read, positions) = (place::foreign_key(ty, "read"), to.positions(columns));
            quote_spanned! {place::located(ty)=>
                #read(row.row(), &[#(row.at(#positions)),*], #place)?
            }
        }
    }
}

fn not_loaded(field: &Field) -> TokenStream {
    let not_loaded = place::collection(&field.ty, "not_loaded");
    quote!(#not_loaded())
}

/// `table.column`, for error messages.
pub(super) fn name_of(model: &Model, column: &ColumnOf<'_>) -> String {
    format!("{}.{}", model.table.text, column.name.text)
}

/// What a column holds.
///
/// ```text
/// fn column(&self, index: usize) -> ColumnValue<'_> {
///     match index {
///         0 => <Auto<i64> as ColumnType>::value(&self.id),
///         1 => <BelongsTo<Customer> as ForeignKeyField>::component(&self.customer, 0),
///         _ => no_such_column("Cart", index),
///     }
/// }
/// ```
pub(super) fn column(model: &Model) -> TokenStream {
    let name = Name::of(&model.ident).text;
    let columns = model.columns();
    let arms = columns.iter().map(|column| {
        let (index, ident, ty) = (column.index, &column.field.ident, &column.field.ty);
        match column.source {
            Source::Plain(_) => {
                let value = place::column(ty, "value");
                quote_spanned!(place::located(ty)=> #index => #value(&self.#ident),)
            }
            Source::Part(_, part) => {
                let component = place::foreign_key(ty, "component");
                quote_spanned!(place::located(ty)=> #index => #component(&self.#ident, #part),)
            }
        }
    });
    let embedded = embed::arms(model, |field, at| {
        let (ident, column) = (&field.ident, place::embedded_field(&field.ty, "column"));
        quote!(#column(&self.#ident, #at))
    });
    quote! {
        fn column(
            &self,
            index: ::core::primitive::usize,
        ) -> ::orm_core::__private::ColumnValue<'_> {
            match index {
                #(#arms)*
                #embedded
                _ => ::orm_core::__private::no_such_column(#name, index),
            }
        }
    }
}

/// Takes one column over from another object; of a foreign key of several columns all of it.
///
/// ```text
/// fn copy_column(&mut self, index: usize, from: &Self) {
///     match index {
///         0 => self.id.clone_from(&from.id),
///         _ => no_such_column("Cart", index),
///     }
/// }
/// ```
pub(super) fn copy_column(model: &Model) -> TokenStream {
    let name = Name::of(&model.ident).text;
    let columns = model.columns();
    let arms = columns.iter().map(|column| {
        let (index, ident) = (column.index, &column.field.ident);
        quote!(#index => ::core::clone::Clone::clone_from(&mut self.#ident, &from.#ident),)
    });
    let embedded = embed::arms(model, |field, at| {
        let (ident, copy) = (&field.ident, place::embedded_field(&field.ty, "copy_column"));
        quote!(#copy(&mut self.#ident, #at, &from.#ident))
    });
    quote! {
        fn copy_column(&mut self, index: ::core::primitive::usize, from: &Self) {
            match index {
                #(#arms)*
                #embedded
                _ => ::orm_core::__private::no_such_column(#name, index),
            }
        }
    }
}

/// Takes over what the database made, and takes it back.
///
/// ```text
/// fn set_generated(&mut self, index: usize, ty: &Type, raw: Option<&[u8]>) -> Result<()> {
///     match index {
///         0 => self.id = decode(ty, raw, "cart.id", <Auto<i64> as ColumnType>::from_scalar)?,
///         _ => no_such_column("Cart", index),
///     }
///     Ok(())
/// }
/// fn unset_generated(&mut self, index: usize) {
///     match index {
///         0 => <Auto<i64> as ColumnType>::unset(&mut self.id),
///         _ => no_such_column("Cart", index),
///     }
/// }
/// ```
pub(super) fn generated(model: &Model) -> TokenStream {
    let name = Name::of(&model.ident).text;
    let columns = model.columns();
    let plain = columns.iter().filter(|c| matches!(c.source, Source::Plain(_)));
    let set: Vec<_> = plain.map(|c| set(model, c)).collect();
    let unset: Vec<_> = columns.iter().filter(|c| may_be_generated(c)).map(unset).collect();
    let set_embedded = embed::arms(model, |field, at| {
        let (ident, set) = (&field.ident, place::embedded_field(&field.ty, "set_generated"));
        quote!(#set(&mut self.#ident, #at, ty, raw)?)
    });
    let unset_embedded = embed::arms(model, |field, at| {
        let (ident, unset) = (&field.ident, place::embedded_field(&field.ty, "unset_generated"));
        quote!(#unset(&mut self.#ident, #at))
    });
    let none = quote!(::orm_core::__private::no_such_column(#name, index));
    let set = match &*set {
        [] if set_embedded.is_empty() => quote!({ let _ = (ty, raw); #none }),
        set => quote!({ match index { #(#set)* #set_embedded _ => #none } ::core::result::Result::Ok(()) }),
    };
    quote! {
        fn set_generated(
            &mut self,
            index: ::core::primitive::usize,
            ty: &::orm_core::__private::Type,
            raw: ::core::option::Option<&[::core::primitive::u8]>,
        ) -> ::orm_core::__private::Result<()> #set
        fn unset_generated(&mut self, index: ::core::primitive::usize) {
            match index { #(#unset)* #unset_embedded _ => #none }
        }
    }
}

fn set(model: &Model, column: &ColumnOf<'_>) -> TokenStream {
    let (index, ident, ty) = (column.index, &column.field.ident, &column.field.ty);
    let (place, from_scalar) = (name_of(model, column), place::column(ty, "from_scalar"));
    quote_spanned! {place::located(ty)=>
        #index => self.#ident = ::orm_core::__private::decode(ty, raw, #place, #from_scalar)?,
    }
}

fn unset(column: &ColumnOf<'_>) -> TokenStream {
    let (index, ident, ty) = (column.index, &column.field.ident, &column.field.ty);
    let unset = place::column(ty, "unset");
    quote_spanned!(place::located(ty)=> #index => #unset(&mut self.#ident),)
}

/// Whether the field can be an `Auto`: it says so, or its type has a name of the user's.
fn may_be_generated(column: &ColumnOf<'_>) -> bool {
    match column.field.setter() {
        Setter::Value(Argument::Auto(_), _) => true,
        Setter::Value(Argument::Exact, _) => {
            matches!(column.field.kind, Kind::Plain(_)) && !shape::is_scalar(&column.field.ty)
        }
        _ => false,
    }
}
