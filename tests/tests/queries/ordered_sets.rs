//! Means of decimals and intervals, percentiles, the most frequent value; decimals and arrays where they pass through JSON and joins.

use bigdecimal::BigDecimal;
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::{
    avg, mode, named, percentile_cont, percentile_disc, percentiles_cont, percentiles_disc, select_from, sum,
    window,
};
use orm_core::types::{Interval, Numeric};
use rust_decimal::Decimal;
use serde_json::json;

orm_core::declarative_base!(pub(crate) Base);

#[derive(ScalarType, Clone, Debug, PartialEq)]
#[scalar(domain = "price_of_a_round")]
pub(crate) struct Price(pub(crate) Numeric);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Race {
    #[model(primary_key)]
    id: Auto<i64>,
    name: String,
    #[has_many(back_populates = "race")]
    rounds: HasMany<Round>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Round {
    #[model(primary_key)]
    id: Auto<i64>,
    #[belongs_to]
    race: BelongsTo<Race>,
    number: i16,
    seconds: Option<f64>,
    took: Interval,
    exact: Numeric,
    exacts: Vec<Numeric>,
    decimal: Decimal,
    big: BigDecimal,
    price: Price,
    tags: Vec<String>,
}

/// More digits than a float has.
const LONG: &str = "12345678901234567890.000000000000000001";

fn seconds(seconds: i64) -> Interval {
    Interval { months: 0, days: 0, micros: seconds * 1_000_000 }
}

/// Two races: rounds of 1, 2, 4 and 4 seconds, and none.
async fn fill(engine: &Engine) {
    let mut session = engine.session();
    session.add(Race::builder().name("none"));
    let race = session.add(Race::builder().name("four"));
    for (number, took) in [(1, 1), (2, 2), (3, 4), (4, 4)] {
        let exact: Numeric = LONG.parse().unwrap();
        let round =
            Round::builder().race(race).number(number).took(seconds(took)).exacts(vec![exact.clone(); 2]);
        let round = round.exact(exact.clone()).decimal(Decimal::new(took, 1)).big(LONG.parse().unwrap());
        let round = session.add(round.price(Price(exact)).tags(vec![format!("'{number}"), "all".to_owned()]));
        session[round].seconds = (number < 4).then_some(took as f64);
    }
    session.commit().await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn means_are_of_the_type_of_their_values(engine: Engine) {
    fill(&engine).await;
    let of = |rounds: orm_core::query::Select<Round>| {
        rounds.aggregate((
            avg(Round::EXACT),
            avg(Round::BIG),
            avg(Round::DECIMAL),
            avg(Round::TOOK),
            avg(Round::NUMBER),
        ))
    };
    let (exact, big, decimal, took, number) = of(select()).fetch_one(&engine).await.unwrap();
    assert_eq!(exact.unwrap().to_string(), LONG);
    assert_eq!(big.unwrap(), LONG.parse::<BigDecimal>().unwrap());
    assert_eq!(decimal.unwrap().normalize(), Decimal::new(275, 3));
    assert_eq!((took, number), (Some(Interval { months: 0, days: 0, micros: 2_750_000 }), Some(2.5)));
    let none = of(select().filter(Round::ID.lt(0))).fetch_one(&engine).await.unwrap();
    assert_eq!(none, (None, None, None, None, None));
    let summed =
        select::<Round>().aggregate((sum(Round::TOOK), sum(Round::EXACT))).fetch_one(&engine).await.unwrap();
    assert_eq!(
        (summed.0, summed.1.to_string().as_str()),
        (seconds(11), "49382715604938271560.000000000000000004")
    );
    // Of the members of a relation, and of windows.
    let means = columns((
        Race::NAME,
        Race::ROUNDS.avg(Round::EXACT).nullable(),
        Race::ROUNDS.avg(Round::TOOK).nullable(),
    ));
    let rows = engine.fetch_all(means.order_by(Race::NAME)).await.unwrap();
    assert_eq!(
        (rows[0].1.as_ref().unwrap().to_string().as_str(), rows[0].2.unwrap().micros),
        (LONG, 2_750_000)
    );
    assert_eq!((&rows[1].1, rows[1].2), (&None, None));
    let running = avg(Round::DECIMAL).over(window().order_by(Round::NUMBER));
    let rows = engine.fetch_all(columns((Round::NUMBER, running)).order_by(Round::NUMBER)).await.unwrap();
    let means: Vec<Decimal> = rows.iter().map(|(_, mean)| mean.unwrap().normalize()).collect();
    assert_eq!(means[..2], [Decimal::new(1, 1), Decimal::new(15, 2)]);
}

#[orm_testkit::test(base = Base)]
async fn percentiles_lie_between_values_or_are_some(engine: Engine) {
    fill(&engine).await;
    let rounds = || select::<Round>();
    let median = rounds().aggregate((
        percentile_cont(0.5, Round::NUMBER),
        percentile_cont(0.5, Round::TOOK),
        percentile_cont(0.5, Round::SECONDS),
    ));
    assert_eq!(median.fetch_one(&engine).await.unwrap(), (Some(2.5), Some(seconds(3)), Some(2.0)));
    let some = rounds().aggregate((
        percentile_disc(0.5, Round::DECIMAL),
        percentile_disc(1.0, Round::EXACT),
        percentile_disc(0.5, Round::TAGS),
        percentiles_cont([1.0, 0.0], Round::NUMBER),
        mode(Round::TOOK),
    ));
    let (decimal, exact, tags, ends, often) = some.fetch_one(&engine).await.unwrap();
    assert_eq!((decimal, exact.unwrap().to_string().as_str()), (Some(Decimal::new(2, 1)), LONG));
    assert_eq!(tags.unwrap(), ["'2", "all"]);
    assert_eq!((ends, often), (Some(vec![4.0, 1.0]), Some(seconds(4))));
    let none = rounds()
        .filter(Round::ID.lt(0))
        .aggregate((percentiles_cont([0.5], Round::NUMBER), mode(Round::NUMBER)));
    assert_eq!(none.fetch_one(&engine).await.unwrap(), (None, None));
    // Of groups, of a part of their rows, compared and ordered by.
    let by_race = select::<Race>().join(Race::ROUNDS).group_by(Race::NAME);
    let early = || percentile_disc(0.9, Round::NUMBER).filter(Round::SECONDS.is_not_null());
    let by_race =
        by_race.having(|_| early().ge(2)).order_by(|_| early().desc()).columns(|name| (name, early()));
    assert_eq!(by_race.fetch_all(&engine).await.unwrap(), [("four".to_owned(), Some(3))]);
    let error = rounds().aggregate(percentile_cont(1.5, Round::NUMBER)).fetch_one(&engine).await.unwrap_err();
    assert_eq!(error.code().map(orm_core::error::SqlState::code), Some("22003"), "{error}");
}

#[orm_testkit::test(base = Base)]
async fn what_an_ordered_set_cannot_be_is_said_before_it_is_sent(engine: Engine) {
    fill(&engine).await;
    let refused = async |query: orm_core::query::Select<_, Option<i16>>, what: &str| {
        let error = engine.fetch_one(query).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mapping, "{error}");
        assert!(error.to_string().contains(what), "{error}");
    };
    let rounds = |value| select::<Round>().aggregate(value);
    refused(rounds(mode(Round::NUMBER).distinct()), "`mode` counts each value").await;
    refused(rounds(percentile_disc(0.5, Round::NUMBER).order_by(Round::ID)), "leave `order_by(…)` out").await;
    let some = select::<Round>().aggregate(percentiles_disc([0.5, 1.0], Round::NUMBER));
    assert_eq!(engine.fetch_one(some).await.unwrap(), Some(vec![2, 4]));
    let arrays = select::<Round>().aggregate(percentiles_disc([0.5], Round::TAGS));
    let error = engine.fetch_one(arrays).await.unwrap_err();
    assert!(error.to_string().contains("no arrays of arrays"), "{error}");
    let windowed = columns((Round::ID, mode(Round::NUMBER).over(window())));
    let error = engine.fetch_all(windowed).await.unwrap_err();
    assert!(error.to_string().contains("`mode` is made of whole groups"), "{error}");
}

#[orm_testkit::test(base = Base)]
async fn decimals_by_name_keep_their_digits(engine: Engine) {
    fill(&engine).await;
    let names = ["number", "exact", "exacts", "decimal", "price", "tags"];
    let query = select::<Round>().order_by(Round::ID).columns_by_name(names).unwrap();
    let expected = json!({
        "number": 1, "exact": LONG, "exacts": [LONG, LONG], "decimal": "0.1", "price": LONG, "tags": ["'1", "all"],
    });
    assert_eq!(engine.fetch_all(query).await.unwrap()[0], expected);
    // More than any float: it cannot be read as a number of JSON at all.
    let digits = "9".repeat(400);
    let huge: Numeric = digits.parse().unwrap();
    orm_core::sql!("UPDATE round SET exact = {huge}, exacts = ARRAY[{huge}, 'NaN', NULL]")
        .execute(&engine)
        .await
        .unwrap();
    let query = select::<Round>().columns_by_name(["exact", "exacts"]).unwrap();
    assert_eq!(
        engine.fetch_all(query).await.unwrap()[0],
        json!({ "exact": digits, "exacts": [digits, "NaN", null] })
    );
}

#[derive(Row, Clone, Debug, PartialEq)]
struct Tagged {
    number: i16,
    tags: Vec<String>,
    exacts: Option<Vec<Option<Numeric>>>,
}

#[derive(Row, Clone, Debug)]
struct Labelled {
    number: i16,
    tags: Vec<String>,
}

orm_core::alias!(Given = Tagged);

#[orm_testkit::test(base = Base)]
async fn rows_with_arrays_are_joined(engine: Engine) {
    fill(&engine).await;
    let one: Numeric = "1.50".parse().unwrap();
    let given = vec![
        Tagged { number: 1, tags: vec!["'1".to_owned(), "all".to_owned()], exacts: None },
        Tagged { number: 2, tags: Vec::new(), exacts: Some(vec![None, Some(one.clone())]) },
        Tagged { number: 3, tags: vec!["{\"a\",NULL}".to_owned()], exacts: Some(Vec::new()) },
    ];
    let joined =
        select::<Round>().join_rows(given.clone(), Round::NUMBER.eq(Tagged::NUMBER)).order_by(Round::ID);
    let rows = joined
        .clone()
        .columns((Round::NUMBER, Tagged::TAGS, Tagged::EXACTS))
        .fetch_all(&engine)
        .await
        .unwrap();
    let rows: Vec<Tagged> =
        rows.into_iter().map(|(number, tags, exacts)| Tagged { number, tags, exacts }).collect();
    assert_eq!(rows, given);
    let same = joined.filter(Round::TAGS.eq(Tagged::TAGS)).columns(Round::NUMBER);
    assert_eq!(same.fetch_all(&engine).await.unwrap(), [1]);
    let without = select::<Round>().left_join_rows(given[..1].to_vec(), Round::NUMBER.eq(Tagged::NUMBER));
    let without = without.order_by(Round::ID.desc()).columns((Round::NUMBER, Tagged::TAGS, Tagged::EXACTS));
    assert_eq!(without.limit(1).fetch_one(&engine).await.unwrap(), (4, None, None));
    // Arrays of both sides, where both are rows of a query.
    let tags = columns(LabelledColumns { number: Round::NUMBER, tags: Round::TAGS });
    let both = select_from(tags).join_rows(named(given, Given), Labelled::TAGS.eq(Tagged::TAGS.from(Given)));
    let both = both.columns((Labelled::NUMBER, Tagged::TAGS.from(Given)));
    assert_eq!(both.fetch_all(&engine).await.unwrap(), [(1, vec!["'1".to_owned(), "all".to_owned()])]);
}
