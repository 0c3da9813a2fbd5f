//! Types with names of their own: enums, domains, composites, and all of them inside of each other.

use super::cases;
use super::own::any_numeric;
use super::plain::{any_moment, edge_texts};
use chrono::{DateTime, Utc};
use orm_core::types::{Composite, DbEnum, Interval, Jsonb, Numeric, Range, ScalarType};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

/// A newtype.
#[derive(ScalarType, Clone, Copy, Debug, PartialEq)]
pub(super) struct Cents(i64);

/// A newtype over floats, some of which are no numbers.
#[derive(ScalarType, Clone, Copy, Debug)]
pub(super) struct Weight(f64);

/// A type of the program in a document.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub(super) struct Settings {
    names: Vec<String>,
    share: Option<f64>,
    depth: i64,
}

fn any_settings() -> impl Strategy<Value = Jsonb<Settings>> {
    let names = prop::collection::vec(any::<String>().prop_map(|name| name.replace('\0', "")), 0..4);
    let share = prop::option::of(prop::num::f64::NORMAL | prop::num::f64::ZERO);
    (names, share, any::<i64>()).prop_map(|(names, share, depth)| Jsonb(Settings { names, share, depth }))
}

#[derive(DbEnum, Clone, Copy, Debug, PartialEq)]
#[db_enum(name = "a \"kind\"")]
pub(super) enum Kind {
    Plain,
    #[db_enum(rename = "{\"a\\,b\"} (c)")]
    Strange,
    #[db_enum(rename = "NULL")]
    Null,
}

#[derive(ScalarType, Clone, Debug, PartialEq)]
#[scalar(domain = "sku", check = "VALUE !~ '^[[:space:]]'")]
pub(super) struct Sku(pub(super) String);

/// A domain over an array.
#[derive(ScalarType, Clone, Debug, PartialEq)]
#[scalar(domain = "a \"list\"")]
pub(super) struct List(Vec<Option<i32>>);

/// A domain over a domain.
#[derive(ScalarType, Clone, Debug, PartialEq)]
#[scalar(domain = "short_sku", check = "length(VALUE) < 20")]
pub(super) struct ShortSku(Sku);

/// A domain over an enum.
#[derive(ScalarType, Clone, Debug, PartialEq)]
#[scalar(domain = "usual_kind", check = "VALUE <> 'NULL'")]
pub(super) struct UsualKind(Kind);

#[derive(Composite, Clone, Debug, PartialEq)]
#[composite(name = "in \"ner\"")]
pub(super) struct Inner {
    kind: Option<Kind>,
    sku: Option<Sku>,
    #[composite(rename = "a \"text\"")]
    text: Option<String>,
}

#[derive(Composite, Clone, Debug)]
pub(super) struct Outer {
    number: i64,
    size: f64,
    exact: Option<Numeric>,
    at: DateTime<Utc>,
    span: Option<Interval>,
    bytes: Vec<u8>,
    range: Option<Range<i32>>,
    kinds: Vec<Option<Kind>>,
    list: Option<List>,
    inner: Inner,
    more: Vec<Inner>,
}

cases! {
    enums: Kind, any_kind(), Kind::VARIANTS.iter().copied();
    domains: Sku, any::<String>().prop_map(Sku), edge_texts().into_iter().map(Sku), refuses &[1, 13, 14];
    domains_of_domains: ShortSku, any::<String>().prop_map(|text| ShortSku(Sku(text))), edge_texts().into_iter().map(|text| ShortSku(Sku(text))), refuses &[1, 13, 14], refuses_some;
    domains_of_enums: UsualKind, any_kind().prop_map(UsualKind), Kind::VARIANTS.iter().copied().map(UsualKind), no_equality, refuses &[2], refuses_some;
    domains_of_arrays: List, any::<Vec<Option<i32>>>().prop_map(List), [List(vec![]), List(vec![None])];
    composites: Inner, any_inner(), edge_texts().into_iter().map(|text| Inner { kind: None, sku: None, text: Some(text) }), refuses &[1];
    nested_composites: Outer, any_outer(), [];
    newtypes: Cents, any::<i64>().prop_map(Cents), [i64::MIN, -1, 0, i64::MAX].map(Cents);
    newtypes_of_floats: Weight, prop::num::f64::ANY.prop_map(Weight), [f64::NAN, -0.0, f64::INFINITY].map(Weight);
    documents: Jsonb<Settings>, any_settings(), [Jsonb(Settings { names: vec!["\"\\".to_owned(), String::new()], share: Some(-0.0), depth: i64::MIN }), Jsonb(Settings { names: vec!["a\0b".to_owned()], share: None, depth: 0 }), Jsonb(Settings { names: vec![], share: Some(f64::NAN), depth: 0 })], refuses &[1, 2];
}

fn any_kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(Kind::VARIANTS)
}

fn any_inner() -> impl Strategy<Value = Inner> {
    let text = prop::option::of(any::<String>().prop_map(|text| text.replace('\0', "")));
    let sku = prop::option::of("[a-z\"\\\\,()]{0,5}".prop_map(Sku));
    (prop::option::of(any_kind()), sku, text).prop_map(|(kind, sku, text)| Inner { kind, sku, text })
}

fn any_outer() -> impl Strategy<Value = Outer> {
    let numbers = (any::<i64>(), prop::num::f64::ANY, prop::option::of(any_numeric()));
    let span = (any::<i32>(), any::<i32>(), any::<i64>()).prop_map(|(months, days, micros)| Interval {
        months,
        days,
        micros,
    });
    let range = (0..100, 0..100).prop_map(|(from, len)| Range::from(from..from + len));
    let times = (
        any_moment().prop_map(|moment| moment.and_utc()),
        prop::option::of(span),
        any::<Vec<u8>>(),
        prop::option::of(range),
    );
    let kinds = prop::collection::vec(prop::option::of(any_kind()), 0..4);
    let list = prop::option::of(any::<Vec<Option<i32>>>().prop_map(List));
    let parts = (kinds, list, any_inner(), prop::collection::vec(any_inner(), 0..3));
    (numbers, times, parts).prop_map(
        |((number, size, exact), (at, span, bytes, range), (kinds, list, inner, more))| Outer {
            number,
            size,
            exact,
            at,
            span,
            bytes,
            range,
            kinds,
            list,
            inner,
            more,
        },
    )
}
