//! What JSON and the types of Rust do not share: floats that are no numbers, and numbers with more digits than an `f64` has.

use orm_core::ErrorKind;
use orm_core::bulk::{copy_in, insert, update};
use orm_core::prelude::*;
use orm_core::sql::TrustedSql;
use orm_core::types::JsonText;
use serde::{Deserialize, Serialize};

orm_core::declarative_base!(pub(crate) Base);

#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
pub(crate) struct Measured {
    pub(crate) name: Option<String>,
    pub(crate) points: Vec<(i32, Option<f64>)>,
    pub(crate) last: f32,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[model(base = Base)]
pub(crate) struct Probe {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    pub(crate) one: Jsonb<f64>,
    pub(crate) maybe: Option<Jsonb<Measured>>,
    pub(crate) many: Vec<Jsonb<Measured>>,
    pub(crate) holes: Option<Vec<Option<Jsonb<f64>>>>,
}

fn probe() -> Probe {
    let measured = Measured { points: vec![(1, Some(f64::MAX)), (2, None)], ..Measured::default() };
    let probe = Probe::builder().one(Jsonb(0.1)).many(vec![Jsonb(measured.clone())]).build();
    Probe { maybe: Some(Jsonb(measured)), holes: Some(vec![None, Some(Jsonb(-2.5))]), ..probe }
}

/// Probes with a float that is no number in one column each.
fn no_numbers() -> Vec<(&'static str, Probe)> {
    let mut all = Vec::new();
    for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let points = vec![(1, Some(0.5)), (2, None), (3, Some(float))];
        let inside = Jsonb(Measured { points, ..Measured::default() });
        let last = Jsonb(Measured { last: f32::NAN, ..Measured::default() });
        all.extend([
            ("one", Probe { one: Jsonb(float), ..probe() }),
            ("maybe", Probe { maybe: Some(inside.clone()), ..probe() }),
            ("maybe", Probe { maybe: Some(last), ..probe() }),
            ("many", Probe { many: vec![Jsonb(Measured::default()), inside], ..probe() }),
            ("holes", Probe { holes: Some(vec![None, Some(Jsonb(float))]), ..probe() }),
        ]);
    }
    all
}

fn refused(written: orm_core::Result<impl std::fmt::Debug>, column: &str) {
    let error = written.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Encode, Some(column)), "{error}");
    assert_eq!(error.model(), Some("Probe"));
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("NaN or infinite"), "{cause}");
}

#[orm_testkit::test(base = Base)]
async fn floats_that_are_no_numbers_are_refused_before_anything_is_sent(engine: Engine) {
    for (column, bad) in no_numbers() {
        orm_testkit::assert_queries!(engine, 0, {
            refused(bad.clone().insert(&engine).await.map(drop), column);
            refused(insert([bad.clone()]).execute(&engine).await, column);
            refused(insert([probe(), bad.clone()]).execute(&engine).await, column);
        });
        refused(copy_in([probe(), bad.clone()]).execute(&engine).await, column);
        for others in 0..2 {
            let mut session = engine.session();
            session.add_all((0..others).map(|_| probe()).chain([bad.clone()]));
            refused(session.commit().await, column);
        }
    }
    assert_eq!(engine.count(select::<Probe>()).await.unwrap(), 0);
}

#[orm_testkit::test(base = Base)]
async fn updates_with_floats_that_are_no_numbers_are_refused(engine: Engine) {
    for _ in 0..2 {
        probe().insert(&engine).await.unwrap();
    }
    for (column, bad) in no_numbers() {
        for rows in 1..=2 {
            let mut session = engine.session();
            let handles = session.query::<Probe>().limit(rows).all().await.unwrap();
            for handle in handles {
                let id = session[handle].id;
                session[handle] = Probe { id, ..bad.clone() };
            }
            refused(session.commit().await, column);
        }
    }
    let one = update(select::<Probe>().filter(Probe::ID.gt(0))).set(Probe::ONE.set_to(Jsonb(f64::NAN)));
    let error = one.execute(&engine).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Encode && error.to_string().contains("`one` of a `Probe`"), "{error}");
    let error = engine.count(select::<Probe>().filter(Probe::ONE.eq(Jsonb(f64::NAN)))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    for row in engine.fetch_all(select::<Probe>()).await.unwrap() {
        assert_eq!(Probe { id: Auto::Unset, ..row }, probe());
    }
}

#[derive(Model, Clone, Debug, PartialEq)]
#[model(base = Base)]
pub(crate) struct Paper {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    pub(crate) one: Json,
    pub(crate) maybe: Option<Jsonb<Json>>,
    pub(crate) many: Vec<Json>,
}

/// A row with a JSON in one column that the database reads out of a text.
async fn paper(engine: &Engine, column: &str, json: &str) {
    let of = |name| if name == column { json } else { "1.50" };
    let [one, maybe, many] = ["one", "maybe", "many"].map(of);
    let script = format!(
        "TRUNCATE paper; INSERT INTO paper (one, maybe, many) VALUES ('{one}', '{maybe}', ARRAY['\"\\\"7e999\"', '{many}']::jsonb[])"
    );
    engine.execute_script(TrustedSql::new(script)).await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn numbers_that_no_json_of_rust_has_are_errors_and_have_a_text(engine: Engine) {
    let nines = "9".repeat(78);
    let fraction = format!("0.{nines}");
    for number in
        [&*nines, &fraction, "1e400", "-1e-400", "18446744073709551616.5", "12345678901234567890123"]
    {
        for column in ["one", "maybe", "many"] {
            paper(&engine, column, &format!("{{\"a\": [true, {number}]}}")).await;
            let mut session = engine.session();
            for error in [
                engine.fetch_all(select::<Paper>()).await.unwrap_err(),
                session.query::<Paper>().all().await.unwrap_err(),
            ] {
                assert_eq!(
                    (error.kind(), error.column()),
                    (ErrorKind::Decode, Some(column)),
                    "{number}: {error}"
                );
                let first = std::error::Error::source(&error);
                let why = std::iter::successors(first, |cause| cause.source()).last().unwrap().to_string();
                assert!(why.contains("`.cast::<JsonText>()`"), "{why}");
            }
        }
        paper(&engine, "one", number).await;
        let text = select::<Paper>().columns(Paper::ONE.cast::<JsonText>());
        let expected = orm_core::sql::text("SELECT $1::numeric::text").bind(number.to_owned());
        let expected = expected.scalar::<String>(&engine).await.unwrap().unwrap();
        assert_eq!(engine.fetch_one(text).await.unwrap(), JsonText(expected));
    }
}

#[orm_testkit::test(base = Base)]
async fn numbers_that_a_json_of_rust_has_are_equal(engine: Engine) {
    let floats = [f64::MAX, f64::MIN_POSITIVE, 5e-324, 0.1, 1.0 / 3.0, 1e300, -123_456.789_012_345_67];
    let texts = [
        "18446744073709551615",
        "-9223372036854775808",
        "1.500000000000000000000000",
        "100000000000000000000",
    ];
    let numbers =
        floats.map(Json::from).into_iter().chain(texts.map(|text| serde_json::from_str(text).unwrap()));
    for (number, text) in numbers.map(|number| (number.clone(), number.to_string())) {
        for column in ["one", "maybe", "many"] {
            paper(&engine, column, &text).await;
            let found = engine.fetch_one(select::<Paper>()).await.unwrap();
            let maybe = found.maybe.unwrap().0;
            let [one, maybe, many] = [&found.one, &maybe, &found.many[1]];
            assert_eq!(
                *[("one", one), ("maybe", maybe), ("many", many)].iter().find(|of| of.0 == column).unwrap().1,
                number
            );
        }
    }
}
