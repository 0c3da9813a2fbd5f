//! Lengths and digits of columns: what the database would round, pad or cut is refused before anything is sent, and what objects hold
//! after a flush is what rows hold.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use orm_core::ErrorKind;
use orm_core::bulk::{copy_in, insert, update};
use orm_core::prelude::*;
use orm_core::query::{Assign, Assignment};
use orm_core::types::{Bits, Interval, Numeric, Range};
use rust_decimal::Decimal;

orm_core::declarative_base!(pub(crate) Base);

#[derive(Composite, Clone, Debug, PartialEq)]
pub(crate) struct Offer {
    pub(crate) at: DateTime<Utc>,
    pub(crate) by: Option<String>,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[model(base = Base)]
pub(crate) struct Price {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    #[model(length = 3, fixed)]
    pub(crate) currency: String,
    #[model(length = 5)]
    pub(crate) note: Option<String>,
    #[model(precision = 6, scale = 2)]
    pub(crate) amount: Decimal,
    #[model(precision = 4, scale = 1)]
    pub(crate) steps: Vec<Numeric>,
    #[model(length = 4, fixed)]
    pub(crate) flags: Bits,
    #[model(precision = 3)]
    pub(crate) since: DateTime<Utc>,
    #[model(precision = 0)]
    pub(crate) daily: Option<NaiveTime>,
    #[model(precision = 1, default = Interval::from_micros(1_550_000))]
    pub(crate) every: Interval,
    /// Finer than a microsecond, which is what the database has.
    pub(crate) exact: Option<DateTime<Utc>>,
    pub(crate) valid: Option<Range<DateTime<Utc>>>,
    pub(crate) offers: Vec<Offer>,
    #[model(onupdate = moment(), precision = 2)]
    pub(crate) changed: Option<DateTime<Utc>>,
}

/// With all nine digits of its second.
fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 987_654_321).unwrap()
}

fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn price() -> Price {
    Price {
        id: Auto::Unset,
        currency: "EUR".into(),
        note: Some("öäüß€".into()),
        amount: amount("12.5"),
        steps: vec!["1".parse().unwrap(), "2.500".parse().unwrap()],
        flags: "0101".parse().unwrap(),
        since: moment(),
        daily: Some(NaiveTime::from_hms_milli_opt(23, 59, 59, 999).unwrap()),
        every: Interval::from_micros(-1_990_000),
        exact: Some(moment()),
        valid: Some(Range::from(moment()..moment() + TimeDelta::nanoseconds(1_500))),
        offers: vec![Offer { at: moment(), by: None }],
        changed: None,
    }
}

/// Also in what `==` does not tell apart: the digits of numbers.
fn shown(price: &Price) -> String {
    format!("{price:?}")
}

async fn rows(engine: &Engine) -> Vec<Price> {
    select::<Price>().order_by(Price::ID).fetch_all(engine).await.unwrap()
}

#[test]
fn they_stand_in_the_table() {
    let metadata = Base::metadata().unwrap();
    let statement =
        orm_core::sql::create_table_statements(metadata.table("price").unwrap(), metadata).remove(0);
    for column in [
        r#""currency" char(3) NOT NULL"#,
        r#""note" varchar(5),"#,
        r#""amount" numeric(6,2) NOT NULL"#,
        r#""steps" numeric(4,1)[] NOT NULL"#,
        r#""flags" bit(4) NOT NULL"#,
        r#""since" timestamptz(3) NOT NULL"#,
        r#""daily" time(0),"#,
        r#""every" interval(1) NOT NULL"#,
        r#""exact" timestamptz,"#,
    ] {
        assert!(statement.contains(column), "{column} in {statement}");
    }
}

#[orm_testkit::test(base = Base)]
async fn objects_hold_what_rows_hold(engine: Engine) {
    let mut session = engine.session();
    let one = session.add(price());
    session.commit().await.unwrap();
    let many = session.add_all([price(), price()]);
    session.commit().await.unwrap();
    let stored = rows(&engine).await;
    for (handle, row) in [one].iter().chain(&many).zip(&stored) {
        assert_eq!(shown(&session[*handle]), shown(row));
    }
    let kept = &stored[0];
    assert_eq!((kept.amount.to_string(), kept.steps[1].to_string()), ("12.50".into(), "2.5".into()));
    assert_eq!(kept.since.timestamp_subsec_nanos(), 987_000_000);
    assert_eq!(kept.daily, NaiveTime::from_hms_opt(23, 59, 59));
    assert_eq!(kept.every, Interval::from_micros(-1_900_000));
    assert_eq!(kept.exact.unwrap().timestamp_subsec_nanos(), 987_654_000);
    assert_eq!(kept.offers[0].at, kept.exact.unwrap());

    session[one].since += TimeDelta::microseconds(1_999);
    session[one].exact = Some(moment());
    session[many[0]].amount = amount("7");
    session[many[1]].amount = amount("8");
    session.commit().await.unwrap();
    let stored = rows(&engine).await;
    for (handle, row) in [one].iter().chain(&many).zip(&stored) {
        assert_eq!(shown(&session[*handle]), shown(row));
    }
    assert_eq!(stored[0].since.timestamp_subsec_nanos(), 988_000_000);
    assert_eq!(stored[0].changed.unwrap().timestamp_subsec_nanos(), 980_000_000);
}

#[orm_testkit::test(base = Base)]
async fn a_value_that_is_only_finer_is_no_change_and_does_not_stay(engine: Engine) {
    let mut session = engine.session();
    let one = session.add(price());
    session.commit().await.unwrap();
    session[one].exact = Some(moment());
    assert!(session.dirty().next().is_none());
    session.commit().await.unwrap();
    assert_eq!(session[one].exact.unwrap().timestamp_subsec_nanos(), 987_654_000);
    assert_eq!(session[one].changed, None, "nothing was written");
}

#[orm_testkit::test(base = Base)]
async fn records_hold_what_rows_hold(engine: Engine) {
    let mut one = price();
    one.insert(&engine).await.unwrap();
    assert_eq!(shown(&one), shown(&rows(&engine).await[0]));
    (one.since, one.amount) = (moment() + TimeDelta::seconds(1), amount("0"));
    one.update(&engine).await.unwrap();
    assert_eq!(shown(&one), shown(&rows(&engine).await[0]));
    one.amount = amount("0.001");
    let error = one.update(&engine).await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Encode, Some("amount")));
}

/// What does not fit, with the column and a part of the reason.
fn misfits() -> Vec<(Price, &'static str, &'static str)> {
    vec![
        (Price { currency: "EU".into(), ..price() }, "currency", "2 characters do not fit `char(3)`"),
        (Price { currency: "EU ".into(), ..price() }, "currency", "a space at the end"),
        (Price { note: Some("a     ".into()), ..price() }, "note", "6 characters do not fit `varchar(5)`"),
        (Price { amount: amount("0.005"), ..price() }, "amount", "3 digits behind the point"),
        (Price { amount: amount("10000"), ..price() }, "amount", "5 digits before the point"),
        (Price { steps: vec!["0.25".parse().unwrap()], ..price() }, "steps", "does not fit `numeric(4,1)`"),
        (Price { flags: "01".parse().unwrap(), ..price() }, "flags", "2 bits do not fit `bit(4)`"),
    ]
}

fn assert_refused(error: &orm_core::Error, column: &str, why: &str) {
    assert_eq!((error.kind(), error.model()), (ErrorKind::Encode, Some("Price")), "{error:?}");
    assert_eq!(error.column(), Some(column), "{error:?}");
    assert!(format!("{error:?}").contains(why), "{why} in {error:?}");
}

#[orm_testkit::test(base = Base)]
async fn what_does_not_fit_is_refused_by_every_way_to_write(engine: Engine) {
    for (misfit, column, why) in misfits() {
        let mut session = engine.session();
        let good = session.add(price());
        let wrong = session.add(misfit.clone());
        assert_refused(&session.commit().await.unwrap_err(), column, why);
        assert!(session.try_get(good).is_ok(), "nothing was sent, and the session goes on");
        session[wrong] = price();
        session.commit().await.unwrap();
        session[wrong] = Price { id: session[wrong].id, ..misfit.clone() };
        assert_refused(&session.commit().await.unwrap_err(), column, why);

        let mut session = engine.session();
        let both = || [price(), misfit.clone()];
        assert_refused(&misfit.clone().insert(&engine).await.unwrap_err(), column, why);
        assert_refused(&insert([misfit.clone()]).execute(&engine).await.unwrap_err(), column, why);
        assert_refused(&insert(both()).execute(&engine).await.unwrap_err(), column, why);
        assert_refused(&session.bulk_save_objects(both()).await.unwrap_err(), column, why);
        assert_refused(&copy_in(both()).execute(&engine).await.unwrap_err(), column, why);
    }
    assert_eq!(engine.count(select::<Price>()).await.unwrap(), 2 * i64::try_from(misfits().len()).unwrap());
}

#[orm_testkit::test(base = Base)]
async fn statements_set_what_fits(engine: Engine) {
    price().insert(&engine).await.unwrap();
    let set = async |assignment: Assignment<Price>| {
        update(select::<Price>()).set(assignment).execute(&engine).await.map_err(|error| error.to_string())
    };
    fn of<I>(value: impl Assign<Price, DateTime<Utc>, I>) -> Assignment<Price> {
        Price::SINCE.set_to(value)
    }
    assert_eq!(set(of(moment() + TimeDelta::milliseconds(1))).await, Ok(1));
    assert_eq!(rows(&engine).await[0].since.timestamp_subsec_nanos(), 988_000_000);
    assert_eq!(set(Price::AMOUNT.set_to(amount("9.9"))).await, Ok(1));
    let refused = set(Price::AMOUNT.set_to(amount("9.999"))).await.unwrap_err();
    assert!(refused.contains("`amount` of a `Price`: 9.999 does not fit `numeric(6,2)`"), "{refused}");
    assert!(set(Price::NOTE.set_to(Some("too long".to_owned()))).await.is_err());
    let mut session = engine.session();
    let refused = session.query::<Price>().set(Price::AMOUNT, amount("9.999")).update().await.unwrap_err();
    assert!(refused.to_string().contains("9.999 does not fit `numeric(6,2)`"), "{refused}");
    // What the database computes, it rounds.
    assert_eq!(set(Price::AMOUNT.set_to(Price::AMOUNT * amount("0.333"))).await, Ok(1));
    assert_eq!(rows(&engine).await[0].amount, amount("3.30"));
}

#[orm_testkit::test(base = Base)]
async fn what_the_database_is_to_compute_is_computed(engine: Engine) {
    let mut session = engine.session();
    let one = session.add(price());
    session.commit().await.unwrap();
    session[one].amount = amount("0.001"); // and then somebody thinks of something better
    session.set(one, Price::AMOUNT, Price::AMOUNT * amount("3")).unwrap();
    session.commit().await.unwrap();
    assert_eq!(rows(&engine).await[0].amount, amount("37.50"));
}

mod codes {
    use orm_core::prelude::*;
    use orm_core::types::Bits;

    orm_core::declarative_base!(pub(super) Base);

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(super) struct Currency {
        #[model(primary_key, length = 3, fixed)]
        pub(super) code: String,
        #[model(length = 2, fixed)]
        pub(super) flags: Bits,
        #[model(precision = 4, scale = 1)]
        pub(super) rate: rust_decimal::Decimal,
        #[has_many(back_populates = "currency", cascade = "all, delete-orphan")]
        pub(super) notes: HasMany<Note>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(super) struct Note {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        #[belongs_to]
        pub(super) currency: BelongsTo<Currency>,
    }
}

#[orm_testkit::test(base = codes::Base)]
async fn they_are_keys_and_compared_like_others(engine: Engine) {
    use codes::{Currency, Note};
    let mut session = engine.session();
    let currency = |code: &str| {
        let notes = [Note::builder(), Note::builder()];
        Currency::builder().code(code).flags("01".parse::<Bits>().unwrap()).rate(amount("1.5")).notes(notes)
    };
    session.add_all(["EUR", "USD", "X Y"].map(currency));
    session.commit().await.unwrap();

    let mut session = engine.session();
    let all = session.query::<Currency>().order_by(Currency::CODE).with(Currency::NOTES).all().await.unwrap();
    assert_eq!(session.get::<Currency>("USD").await.unwrap(), Some(all[1]));
    for handle in &all {
        assert_eq!(session.at(*handle).related(Currency::NOTES).unwrap().count(), 2);
        session[*handle].rate = amount("2.5");
    }
    session.commit().await.unwrap();
    let found = Currency::CODE.in_any(["EUR", "X Y"])
        & Currency::FLAGS.eq("01".parse::<Bits>().unwrap())
        & Currency::RATE.eq(amount("2.50"));
    assert_eq!(engine.count(select::<Currency>().filter(found)).await.unwrap(), 2);
    all.iter().for_each(|handle| session.delete(*handle).unwrap());
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Note>()).await.unwrap(), 0);
}
