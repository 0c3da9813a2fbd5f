//! Every type of column, required and optional.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// One column a type, and its `Option`.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(base = Base, table = "value")]
#[expect(missing_docs, reason = "the name of a column is its type")]
pub struct Values {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i32>,
    pub boolean: bool,
    pub small: i16,
    pub int: i32,
    pub big: i64,
    pub real: f32,
    pub double: f64,
    pub text: String,
    pub bytes: Vec<u8>,
    pub date: NaiveDate,
    pub time: NaiveTime,
    pub timestamp: NaiveDateTime,
    pub timestamptz: DateTime<Utc>,
    pub uuid: Uuid,
    pub json: Json,
    pub opt_boolean: Option<bool>,
    pub opt_small: Option<i16>,
    pub opt_int: Option<i32>,
    pub opt_big: Option<i64>,
    pub opt_real: Option<f32>,
    pub opt_double: Option<f64>,
    pub opt_text: Option<String>,
    pub opt_bytes: Option<Vec<u8>>,
    pub opt_date: Option<NaiveDate>,
    pub opt_time: Option<NaiveTime>,
    pub opt_timestamp: Option<NaiveDateTime>,
    pub opt_timestamptz: Option<DateTime<Utc>>,
    pub opt_uuid: Option<Uuid>,
    pub opt_json: Option<Json>,
}

/// A row whose optional columns are all set, or all `NULL`.
///
/// # Panics
/// Never: the dates are valid.
pub fn values(text: &str, with_options: bool) -> Values {
    let date = NaiveDate::from_ymd_opt(2024, 2, 29).expect("a leap day");
    let time = NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).expect("a time");
    let json: Json = [("text".to_owned(), Json::from(text))].into_iter().collect();
    let some = with_options.then_some(());
    Values {
        id: Auto::Unset,
        boolean: true,
        small: i16::MIN,
        int: i32::MAX,
        big: i64::MIN,
        real: 1.5,
        double: -0.1,
        text: text.to_owned(),
        bytes: vec![0, 255, b'x'],
        date,
        time,
        timestamp: date.and_time(time),
        timestamptz: date.and_time(time).and_utc(),
        uuid: Uuid::from_u128(7),
        json: json.clone(),
        opt_boolean: some.map(|()| false),
        opt_small: some.map(|()| i16::MAX),
        opt_int: some.map(|()| i32::MIN),
        opt_big: some.map(|()| i64::MAX),
        opt_real: some.map(|()| f32::MIN_POSITIVE),
        opt_double: some.map(|()| f64::MAX),
        opt_text: some.map(|()| String::new()),
        opt_bytes: some.map(|()| Vec::new()),
        opt_date: some.map(|()| date),
        opt_time: some.map(|()| NaiveTime::MIN),
        opt_timestamp: some.map(|()| date.and_time(time)),
        opt_timestamptz: some.map(|()| date.and_time(time).and_utc()),
        opt_uuid: some.map(|()| Uuid::nil()),
        opt_json: some.map(|()| Json::Null),
    }
}
