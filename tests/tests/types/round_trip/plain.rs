//! The types of Rust, and those of the crates that the core itself uses.

use super::cases;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use orm_core::types::{OrInfinity, Xid};
use proptest::prelude::*;
use serde_json::Value as Json;
use uuid::Uuid;

cases! {
    bools: bool, any::<bool>(), [true, false];
    smallints: i16, any::<i16>(), [i16::MIN, -1, 0, 1, i16::MAX];
    integers: i32, any::<i32>(), [i32::MIN, -1, 0, 1, i32::MAX];
    bigints: i64, any::<i64>(), [i64::MIN, -1, 0, 1, i64::MAX];
    reals: f32, prop::num::f32::ANY, [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, 0.0, 0.1, f32::MAX, f32::MIN_POSITIVE, 1e-45];
    doubles: f64, prop::num::f64::ANY, [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0, 0.1, f64::MAX, f64::MIN_POSITIVE, 5e-324];
    texts: String, any::<String>(), edge_texts(), refuses &[1];
    bytes: Vec<u8>, any::<Vec<u8>>(), [vec![], vec![0], (0..=255).collect(), b"\\x".to_vec(), b"{\"}".to_vec()];
    uuids: Uuid, any::<u128>().prop_map(Uuid::from_u128), [Uuid::nil(), Uuid::max()];
    values: Json, any_json(), [Json::Null, Json::from(i64::MIN), Json::from("\"\\"), Json::from("a\0b")], refuses &[3];
    xids: Xid, any::<u32>().prop_map(Xid), [Xid(0), Xid(u32::MAX)];
    dates: NaiveDate, any_moment().prop_map(|moment| moment.date()), edge_days(), refuses &[6];
    times: NaiveTime, any_time(), edge_times(), refuses &[4];
    timestamps: NaiveDateTime, any_moment(), edge_moments(), refuses &[4, 9, 14, 19, 24, 29, 30, 31, 32, 33, 34, 39];
    timestamptzs: DateTime<Utc>, any_moment().prop_map(|moment| moment.and_utc()), edge_moments().into_iter().map(|moment| moment.and_utc()), refuses &[4, 9, 14, 19, 24, 29, 30, 31, 32, 33, 34, 39];
    open_dates: OrInfinity<NaiveDate>, or_infinity(any_moment().prop_map(|moment| moment.date())), edge_days().map(OrInfinity::Finite), refuses &[6];
    open_timestamps: OrInfinity<NaiveDateTime>, or_infinity(any_moment()), edge_moments().into_iter().map(OrInfinity::Finite), refuses &[4, 9, 14, 19, 24, 29, 30, 31, 32, 33, 34, 39];
    open_timestamptzs: OrInfinity<DateTime<Utc>>, or_infinity(any_moment().prop_map(|moment| moment.and_utc())), [];
}

pub(super) fn edge_texts() -> Vec<String> {
    let texts = [
        "",
        "a\0b",
        "NULL",
        "null",
        "{}",
        "{a,b}",
        "\"",
        "\\",
        "\\\\\"",
        ",",
        "()",
        "'",
        "$1",
        " a ",
        "\t\n\r",
        "\u{202e}ö\u{1f980}",
    ];
    texts.map(str::to_owned).to_vec()
}

pub(super) fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<String>().prop_map(|text| Json::from(text.replace('\0', ""))),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let key = "[a-z\"\\\\{},]{0,4}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map(key, inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

/// In the whole range of PostgreSQL that `chrono` has, in microseconds.
pub(super) fn any_moment() -> impl Strategy<Value = NaiveDateTime> {
    let first = NaiveDate::from_ymd_opt(-4712, 1, 1).unwrap().and_time(NaiveTime::MIN);
    let micros = NaiveDateTime::MAX.signed_duration_since(first).num_microseconds().unwrap();
    (0..micros).prop_map(move |micros| first + TimeDelta::microseconds(micros))
}

fn edge_days() -> impl Iterator<Item = NaiveDate> {
    let days = [
        (1999, 12, 31),
        (2000, 1, 1),
        (2000, 2, 29),
        (1, 1, 1),
        (0, 12, 31),
        (-4712, 1, 1),
        (-4800, 1, 1),
        (262_142, 12, 31),
    ];
    days.into_iter().map(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).unwrap())
}

pub(super) fn any_time() -> impl Strategy<Value = NaiveTime> {
    (0..86_400_u32, 0..1_000_000_u32).prop_map(|(seconds, micros)| {
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, micros * 1_000).unwrap()
    })
}

/// The last one is a leap second.
fn edge_times() -> Vec<NaiveTime> {
    let time = |seconds, nanos| NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos).unwrap();
    vec![time(0, 0), time(0, 1), time(1, 123_456_789), time(86_399, 999_999_000), time(86_399, 1_500_000_000)]
}

fn edge_moments() -> Vec<NaiveDateTime> {
    edge_days().flat_map(|day| edge_times().into_iter().map(move |time| day.and_time(time))).collect()
}

pub(super) fn or_infinity<T: Clone + std::fmt::Debug + 'static>(
    finite: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = OrInfinity<T>> {
    prop_oneof![
        Just(OrInfinity::NegInfinity),
        finite.prop_map(OrInfinity::Finite),
        Just(OrInfinity::Infinity)
    ]
}
