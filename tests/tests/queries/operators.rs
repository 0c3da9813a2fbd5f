//! What single kinds of values can be asked: JSON, texts, dates and times, arrays, ranges, documents.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::{
    DateField, age, coalesce, concat, current_date, now, phraseto_tsquery, plainto_tsquery, value,
    websearch_to_tsquery,
};
use orm_core::types::{Interval, Multirange, Range, TsQuery};
use serde::{Deserialize, Serialize};
use serde_json::json;

orm_core::declarative_base!(pub(crate) Base);

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub(crate) struct Address {
    city: String,
    tags: Vec<String>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Person {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    pub(crate) name: String,
    pub(crate) nick: Option<String>,
    pub(crate) data: Json,
    pub(crate) address: Option<Jsonb<Address>>,
    pub(crate) born: NaiveDate,
    pub(crate) seen: Option<NaiveDateTime>,
    pub(crate) at: DateTime<Utc>,
    #[has_many(back_populates = "person")]
    pub(crate) visits: HasMany<Visit>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Visit {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    pub(crate) data: Json,
    #[belongs_to(back_populates = "visits")]
    pub(crate) person: BelongsTo<Person>,
}

async fn people(engine: &Engine) {
    let mut session = engine.session();
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let address = Address { city: "Ulm".into(), tags: vec!["home".into(), "old".into()] };
    let ann = Person::builder()
        .name("Ann Lee")
        .data(json!({ "age": 41, "pets": ["cat", "dog"], "x": null, "it's": { "a": 1 } }));
    session.add(
        ann.address(Jsonb(address))
            .born(day("1983-07-15"))
            .seen("2024-02-29T13:14:15.5".parse::<NaiveDateTime>().unwrap())
            .at("2024-12-31T23:30:00Z".parse::<DateTime<Utc>>().unwrap())
            .visits([Visit::builder().data(json!("cat")), Visit::builder().data(json!({ "age": 41 }))]),
    );
    let bea =
        Person::builder().name("Bea").nick("Bee").data(json!([1, [2, 3], "Bea"])).born(day("2000-01-01"));
    session.add(bea.at("2001-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap()));
    session.commit().await.unwrap();
}

/// The names of those who meet a condition.
async fn who(engine: &Engine, filter: Predicate<Person>) -> String {
    let names = columns(Person::NAME).filter(filter).order_by(Person::ID).fetch_all(engine).await.unwrap();
    names.join(", ")
}

#[orm_testkit::test(base = Base)]
async fn json_has_parts_and_keys(engine: Engine) {
    people(&engine).await;
    let data = Person::DATA;
    assert_eq!(who(&engine, data.has_key("age")).await, "Ann Lee");
    assert_eq!(who(&engine, data.has_key("Bea")).await, "Bea");
    assert_eq!(who(&engine, data.has_any_key(["none", "it's"])).await, "Ann Lee");
    assert_eq!(who(&engine, data.has_all_keys(["age", "none"])).await, "");
    assert_eq!(who(&engine, data.has_all_keys(Vec::<String>::new())).await, "Ann Lee, Bea");
    assert_eq!(who(&engine, data.contains(json!({ "pets": ["dog"] }))).await, "Ann Lee");
    assert_eq!(who(&engine, data.contained_in(json!([1, 2, [2, 3, 4], "Bea"]))).await, "Bea");
    assert_eq!(who(&engine, data.at("pets").at(-1).eq(json!("dog"))).await, "Ann Lee");
    assert_eq!(who(&engine, data.at(1).at(0).as_text().cast::<i32>().eq(2)).await, "Bea");
    assert_eq!(who(&engine, data.text_at("age").cast::<i64>().gt(40)).await, "Ann Lee");
    assert_eq!(who(&engine, data.at("x").is_null()).await, "Bea");
    assert_eq!(who(&engine, data.text_at("x").is_null()).await, "Ann Lee, Bea");
    assert_eq!(who(&engine, data.at("it's").text_at("a").eq("1")).await, "Ann Lee");
    assert_eq!(who(&engine, data.json_type().eq("array") & data.json_len().eq(3)).await, "Bea");
    assert_eq!(who(&engine, data.path_exists("$.pets[*] ? (@ == \"cat\")")).await, "Ann Lee");
    assert_eq!(who(&engine, data.path_matches("$[0] == 1")).await, "Bea");
    // Types of the program's own.
    assert_eq!(who(&engine, Person::ADDRESS.text_at("city").starts_with("U")).await, "Ann Lee");
    assert_eq!(who(&engine, Person::ADDRESS.contains(json!({ "tags": ["old"] }))).await, "Ann Lee");
    assert_eq!(who(&engine, !Person::ADDRESS.at("tags").has_key("new")).await, "Ann Lee");
    // Along relations, in joins, and with columns of another table.
    assert_eq!(who(&engine, Person::VISITS.any(Visit::DATA.contains(json!({ "age": 41 })))).await, "Ann Lee");
    let joined = select::<Visit>().join(Visit::PERSON).filter(Person::DATA.at("pets").contains(Visit::DATA));
    let row = joined.columns((Visit::ID, Person::DATA.at("pets"), value(Visit::DATA).as_text().upper()));
    assert_eq!(
        row.fetch_all(&engine).await.unwrap(),
        [(1, Some(json!(["cat", "dog"])), Some("CAT".to_owned()))]
    );
}

#[orm_testkit::test(base = Base)]
async fn json_changes_in_the_database(engine: Engine) {
    people(&engine).await;
    let mut session = engine.session();
    let older = Person::DATA.with_at(["age"], json!(42)).without("x").merged(json!({ "new": true }));
    let changed =
        session.query::<Person>().filter(Person::DATA.has_key("age")).set(Person::DATA, older).update().await;
    assert_eq!(changed.unwrap(), 1);
    session.commit().await.unwrap();
    let ann = select::<Person>().filter(Person::NAME.eq("Ann Lee")).fetch_one(&engine).await.unwrap();
    assert_eq!(ann.data, json!({ "age": 42, "pets": ["cat", "dog"], "it's": { "a": 1 }, "new": true }));
    let deep = columns(Person::DATA.with_at(["it's", "b"], json!("'")).at("it's")).filter(Person::ID.eq(1));
    assert_eq!(deep.fetch_one(&engine).await.unwrap(), Some(json!({ "a": 1, "b": "'" })));
}

#[orm_testkit::test(base = Base)]
async fn what_no_path_can_be_is_the_servers_error(engine: Engine) {
    people(&engine).await;
    for path in ["", "$.", "'; DROP TABLE person; --", "$ ? (@ == "] {
        let error =
            select::<Person>().filter(Person::DATA.path_exists(path)).count(&engine).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Database, "{path}: {error}");
        assert!(matches!(error.code().unwrap().code(), "42601" | "22P02"), "{path}: {error}");
    }
    let length = columns(Person::DATA.json_len()).fetch_all(&engine).await.unwrap_err();
    assert_eq!(length.code().unwrap().code(), "22023");
    assert_eq!(select::<Person>().count(&engine).await.unwrap(), 2);
}

#[orm_testkit::test(base = Base)]
async fn texts_are_taken_apart_and_put_together(engine: Engine) {
    people(&engine).await;
    let name = Person::NAME;
    let parts = columns((name.lower(), name.upper(), name.chars(), name.first_chars(3), name.last_chars(3)));
    let row = parts.filter(Person::ID.eq(1)).fetch_one(&engine).await.unwrap();
    assert_eq!(row, ("ann lee".into(), "ANN LEE".into(), 7, "Ann".into(), "Lee".into()));
    let parts = columns((
        name.substring(5, 9),
        name.position_of("Lee"),
        name.replaced("n", "m"),
        name.split_at(" ", 1),
    ));
    let row = parts.filter(Person::ID.eq(1)).fetch_one(&engine).await.unwrap();
    assert_eq!(row, ("Lee".into(), 5, "Amm Lee".into(), "Ann".into()));
    assert_eq!(who(&engine, name.contains_text("n L")).await, "Ann Lee");
    assert_eq!(who(&engine, name.contains_text("%")).await, "");
    assert_eq!(who(&engine, name.contains_text(Person::NICK)).await, "");
    assert_eq!(who(&engine, name.first_chars(2).eq(Person::NICK.first_chars(2))).await, "Bea");
    let label = concat((coalesce(Person::NICK, Person::NAME), ": ", Person::NAME.lower(), Person::NICK));
    let labels = select::<Person>().columns(label).order_by(Person::ID).fetch_all(&engine).await.unwrap();
    assert_eq!(labels, ["Ann Lee: ann lee", "Bee: beaBee"]);
    // What is made of `NULL` is `NULL`, and says so.
    let nicks =
        columns(Person::NICK.trimmed().upper()).order_by(Person::ID).fetch_all(&engine).await.unwrap();
    assert_eq!(nicks, [None, Some("BEE".to_owned())]);
    let bytes = select::<Person>().columns(value("größe").bytes()).limit(1).fetch_one(&engine).await.unwrap();
    assert_eq!(bytes, 7);
}

#[orm_testkit::test(base = Base)]
async fn dates_and_times_have_parts(engine: Engine) {
    people(&engine).await;
    let fields = [
        (DateField::Millennium, 2.0),
        (DateField::Century, 20.0),
        (DateField::Decade, 198.0),
        (DateField::Year, 1983.0),
        (DateField::Quarter, 3.0),
        (DateField::Month, 7.0),
        (DateField::Week, 28.0),
        (DateField::Day, 15.0),
        (DateField::DayOfYear, 196.0),
        (DateField::DayOfWeek, 5.0),
        (DateField::IsoDayOfWeek, 5.0),
    ];
    for (field, expected) in fields {
        let found =
            columns(Person::BORN.part(field)).filter(Person::ID.eq(1)).fetch_one(&engine).await.unwrap();
        assert_eq!(found, expected, "{field:?}");
    }
    let times = [
        (DateField::Hour, 13.0),
        (DateField::Minute, 14.0),
        (DateField::Second, 15.5),
        (DateField::Milliseconds, 15_500.0),
        (DateField::Microseconds, 15_500_000.0),
        (DateField::Epoch, 1_709_212_455.5),
    ];
    for (field, expected) in times {
        let found = columns(Person::SEEN.part(field)).order_by(Person::ID).fetch_all(&engine).await.unwrap();
        assert_eq!(found, [Some(expected), None], "{field:?}");
    }
    let cut = columns((Person::BORN.truncated(DateField::Month), Person::SEEN.truncated(DateField::Day)));
    let row = cut.filter(Person::ID.eq(1)).fetch_one(&engine).await.unwrap();
    assert_eq!(row, ("1983-07-01".parse().unwrap(), "2024-02-29T00:00:00".parse().ok()));
    let year = columns(Person::AT.truncated(DateField::Year))
        .filter(Person::ID.eq(2))
        .fetch_one(&engine)
        .await
        .unwrap();
    assert_eq!(year, "2001-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
    assert_eq!(who(&engine, Person::AT.lt(now()) & Person::BORN.lt(current_date())).await, "Ann Lee, Bea");
    assert_eq!(who(&engine, Person::AT.date().eq(Person::SEEN.date())).await, "");
    let text = columns(Person::SEEN.formatted("HH24 'o''clock'")).filter(Person::ID.eq(1));
    assert_eq!(text.fetch_one(&engine).await.unwrap().as_deref(), Some("13 'o''clock'"));
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Room {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    pub(crate) tags: Vec<String>,
    pub(crate) sizes: Option<Vec<Option<i32>>>,
    pub(crate) free: Range<NaiveDate>,
    pub(crate) hours: Multirange<i32>,
    pub(crate) about: String,
}

async fn rooms(engine: &Engine) {
    let day = |number: u32| NaiveDate::from_ymd_opt(2024, 2, number).unwrap();
    let mut session = engine.session();
    let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
    let small = Room::builder().tags(tags(&["small", "it's", "{}"])).free(Range::from(day(1)..day(10)));
    session.add(
        small.hours(Multirange(vec![(8..12).into(), (13..17).into()])).about("A small room with two windows"),
    );
    let large = Room::builder().tags(tags(&["large"])).sizes(vec![Some(3), None, Some(7)]).free(Range::Empty);
    session.add(large.hours(Multirange(Vec::new())).about("Windowless, but large"));
    session.commit().await.unwrap();
}

/// No room.
const NONE: [i64; 0] = [];

/// The keys of the rooms that meet a condition.
async fn which(engine: &Engine, filter: Predicate<Room>) -> Vec<i64> {
    columns(Room::ID).filter(filter).order_by(Room::ID).fetch_all(engine).await.unwrap()
}

#[orm_testkit::test(base = Base)]
async fn arrays_have_elements(engine: Engine) {
    rooms(&engine).await;
    for tag in ["small", "it's", "{}"] {
        assert_eq!(which(&engine, Room::TAGS.has(tag)).await, [1], "{tag}");
        assert_eq!(which(&engine, Room::TAGS.contains(vec![tag.to_owned()])).await, [1], "{tag}");
    }
    assert_eq!(which(&engine, Room::TAGS.has(Room::ABOUT)).await, NONE);
    assert_eq!(which(&engine, Room::TAGS.contained_in(vec!["large".to_owned(), "x".to_owned()])).await, [2]);
    assert_eq!(which(&engine, Room::TAGS.overlaps(vec!["large".to_owned(), "{}".to_owned()])).await, [1, 2]);
    assert_eq!(which(&engine, Room::SIZES.has(7) & Room::SIZES.cardinality().eq(3)).await, [2]);
    assert_eq!(which(&engine, Room::SIZES.contains(vec![Some(3)])).await, [2]);
    assert_eq!(which(&engine, Room::SIZES.position(7).eq(3) & Room::TAGS.joined("").eq("large")).await, [2]);
    let changed = Room::SIZES.removed(3).appended(9).prepended(1);
    engine.session().query::<Room>().set(Room::SIZES, changed.clone()).update().await.unwrap();
    let row = columns(changed).filter(Room::ID.eq(2)).fetch_one(&engine).await.unwrap();
    assert_eq!(row, Some(vec![Some(1), None, Some(7), Some(9)]));
}

#[orm_testkit::test(base = Base)]
async fn ranges_lie_somewhere(engine: Engine) {
    rooms(&engine).await;
    let day = |number: u32| NaiveDate::from_ymd_opt(2024, 2, number).unwrap();
    let days = |from, to| Range::from(day(from)..day(to));
    assert_eq!(which(&engine, Room::FREE.contains_value(day(9))).await, [1]);
    assert_eq!(which(&engine, Room::FREE.contains_value(day(10))).await, NONE);
    assert_eq!(which(&engine, Room::FREE.overlaps(days(9, 20))).await, [1]);
    assert_eq!(which(&engine, Room::FREE.contains(days(2, 3))).await, [1]);
    assert_eq!(which(&engine, Room::FREE.contained_in(days(1, 20))).await, [1, 2]);
    assert_eq!(
        which(&engine, Room::FREE.is_before(days(10, 20)) & Room::FREE.is_adjacent_to(days(10, 20))).await,
        [1]
    );
    assert_eq!(which(&engine, Room::FREE.is_after(days(1, 2))).await, NONE);
    assert_eq!(which(&engine, Room::FREE.is_empty()).await, [2]);
    assert_eq!(which(&engine, Room::HOURS.contains_value(12)).await, NONE);
    assert_eq!(which(&engine, Room::HOURS.contains_value(13) & !Room::HOURS.is_empty()).await, [1]);
    let bounds = columns((Room::FREE.lower_bound(), Room::HOURS.upper_bound()));
    let rows = bounds.order_by(Room::ID).fetch_all(&engine).await.unwrap();
    assert_eq!(rows, [(Some(day(1)), Some(17)), (None, None)]);
    let common = columns(Room::FREE.common_with(days(5, 20))).filter(Room::ID.eq(1)).fetch_one(&engine).await;
    assert_eq!(common.unwrap(), days(5, 10));
}

#[orm_testkit::test(base = Base)]
async fn documents_answer_questions(engine: Engine) {
    rooms(&engine).await;
    let document = || Room::ABOUT.to_tsvector("english");
    assert_eq!(which(&engine, document().answers(websearch_to_tsquery("english", "window"))).await, [1]);
    assert_eq!(
        which(&engine, document().answers(websearch_to_tsquery("english", "large -small"))).await,
        [2]
    );
    assert_eq!(which(&engine, document().answers(phraseto_tsquery("english", "two windows"))).await, [1]);
    assert_eq!(which(&engine, document().answers(plainto_tsquery("simple", Room::ABOUT))).await, NONE);
    assert_eq!(which(&engine, document().answers(TsQuery::lexeme("windowl").prefix())).await, [2]);
    for text in ["", "'", "& | !", "\"", "((", "'; DROP TABLE room; --"] {
        assert_eq!(
            which(&engine, document().answers(websearch_to_tsquery("english", text))).await,
            NONE,
            "{text}"
        );
    }
    let unknown = Room::ABOUT.to_tsvector("no'such").answers(plainto_tsquery("simple", "x"));
    let error = select::<Room>().filter(unknown).count(&engine).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Database);
}

#[orm_testkit::test(base = Base)]
async fn time_is_added_and_measured(engine: Engine) {
    people(&engine).await;
    let later =
        columns((Person::BORN.plus(Interval::from_months(1)), Person::AT.minus(Interval::from_days(1))));
    let row = later.filter(Person::ID.eq(1)).fetch_one(&engine).await.unwrap();
    assert_eq!(row.0, "1983-08-15T00:00:00".parse().unwrap());
    assert_eq!(row.1, "2024-12-30T23:30:00Z".parse::<DateTime<Utc>>().unwrap());
    let between = select::<Person>().columns(age(Person::AT.plus(Interval::from_micros(5)), Person::AT));
    let rows: Vec<Interval> = between.fetch_all(&engine).await.unwrap();
    assert_eq!(rows, [Interval::from_micros(5), Interval::from_micros(5)]);
}

/// One text, with numbers and with names, more often than a connection needs to prepare it.
#[orm_testkit::test(base = Base)]
async fn a_text_is_not_prepared_for_values_of_another_type(engine: Engine) {
    people(&engine).await;
    let mut session = engine.session();
    session.begin().await.unwrap();
    for _ in 0..4 {
        let by_number =
            session.query::<Person>().filter(Person::DATA.at(0).eq(json!(1))).count().await.unwrap();
        let by_name =
            session.query::<Person>().filter(Person::DATA.at("age").eq(json!(41))).count().await.unwrap();
        assert_eq!((by_number, by_name), (1, 1));
    }
}

/// `to_char` knows no infinity, and nothing of a pattern without characters.
#[orm_testkit::test(base = Base)]
async fn infinite_times_and_empty_patterns_have_a_text(engine: Engine) {
    people(&engine).await;
    engine
        .execute_script("UPDATE person SET at = '-infinity', seen = 'infinity' WHERE name = 'Bea'")
        .await
        .unwrap();
    let texts =
        columns((Person::AT.formatted("YYYY"), Person::SEEN.formatted("DD.MM."), Person::BORN.formatted("")));
    let texts = texts.order_by(Person::ID).fetch_all(&engine).await.unwrap();
    assert_eq!(texts[0], ("2024".into(), Some("29.02.".into()), String::new()));
    assert_eq!(texts[1], ("-infinity".into(), Some("infinity".into()), String::new()));
}
