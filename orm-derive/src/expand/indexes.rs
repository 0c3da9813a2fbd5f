//! Indexes and EXCLUDE constraints as data.

use super::definition::{deferrable, optional};
use crate::ir::{Exclude, Index, IndexKey, Method, ParameterValue};
use crate::names::Name;
use proc_macro2::{Span, TokenStream};
use quote::quote;

/// ```text
/// ConstraintDef::IndexWith(IndexDef {
///     name: None,
///     keys: &[IndexKeyDef { of: "name", is_expression: false, … }],
///     unique: true,
///     …
/// })
/// ```
pub(super) fn index(index: &Index) -> TokenStream {
    let Index { keys, name, unique, nulls_not_distinct, method, include, parameters, filter } = index;
    let (name, filter) = (text(name.as_ref()), text(filter.as_ref()));
    let (unique, nulls_not_distinct) = (unique.is_some(), nulls_not_distinct.is_some());
    let (keys, method) = (keys.iter().map(key), self::method(*method));
    let include = include.iter().map(|column| &column.text);
    let parameters = parameters.iter().map(parameter);
    quote! {
        ::orm_core::__private::ConstraintDef::IndexWith(::orm_core::__private::IndexDef {
            name: #name,
            keys: &[#(#keys),*],
            unique: #unique,
            nulls_not_distinct: #nulls_not_distinct,
            method: #method,
            include: &[#(#include),*],
            parameters: &[#(#parameters),*],
            filter: #filter,
        })
    }
}

/// ```text
/// ConstraintDef::Exclude(ExcludeDef { name: None, keys: &[(IndexKeyDef { … }, "&&")], … })
/// ```
pub(super) fn exclude(exclude: &Exclude) -> TokenStream {
    let Exclude { keys, name, method, filter, deferrable: when } = exclude;
    let (name, filter) = (text(name.as_ref()), text(filter.as_ref()));
    let (method, when) = (self::method(*method), deferrable(*when));
    let keys = keys.iter().map(|(of, operator)| {
        let (of, operator) = (key(of), &operator.text);
        quote!((#of, #operator))
    });
    quote! {
        ::orm_core::__private::ConstraintDef::Exclude(::orm_core::__private::ExcludeDef {
            name: #name,
            keys: &[#(#keys),*],
            method: #method,
            filter: #filter,
            deferrable: #when,
        })
    }
}

fn key(key: &IndexKey) -> TokenStream {
    let IndexKey { of, is_expression, operator_class, descending, nulls_first } = key;
    let (of, class) = (&of.text, text(operator_class.as_ref()));
    let nulls_first = optional(nulls_first.as_ref());
    quote! {
        ::orm_core::__private::IndexKeyDef {
            of: #of,
            is_expression: #is_expression,
            operator_class: #class,
            descending: #descending,
            nulls_first: #nulls_first,
        }
    }
}

/// `("m", ParameterValue::Integer(16))`
fn parameter((name, value): &(String, ParameterValue)) -> TokenStream {
    let value = match value {
        ParameterValue::Integer(number) => quote!(Integer(#number)),
        ParameterValue::Truth(truth) => quote!(Truth(#truth)),
    };
    quote!((#name, ::orm_core::schema::ParameterValue::#value))
}

fn method(method: Option<(Method, Span)>) -> TokenStream {
    optional(method.map(|(method, _)| method.name()).as_ref())
}

fn text(name: Option<&Name>) -> TokenStream {
    optional(name.map(|name| &name.text).as_ref())
}
