//! Natural keys that change, and what refers to them.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;

mod models {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(crate) Base);

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Country {
        #[model(primary_key)]
        pub(crate) code: String,
        #[has_many(back_populates = "country", order_by = "name")]
        pub(crate) cities: HasMany<City>,
        #[many_to_many(secondary = "country_language")]
        pub(crate) languages: ManyToMany<Language>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Language {
        #[model(primary_key)]
        pub(crate) name: String,
    }

    /// The key of the country is part of its own.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct City {
        #[model(primary_key)]
        #[belongs_to(back_populates = "cities", on_update = "cascade")]
        pub(crate) country: BelongsTo<Country>,
        #[model(primary_key)]
        pub(crate) name: String,
        pub(crate) people: Option<i32>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Street {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        pub(crate) name: String,
        #[belongs_to(columns("country_code", "city_name"), on_update = "cascade")]
        pub(crate) city: BelongsTo<City>,
    }

    /// Nobody said that it follows.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Embassy {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        #[belongs_to]
        pub(crate) country: BelongsTo<Country>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Stamp {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        #[belongs_to(on_update = "set null")]
        pub(crate) country: Option<BelongsTo<Country>>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Part {
        #[model(primary_key)]
        pub(crate) code: String,
        pub(crate) note: Option<String>,
        #[belongs_to(back_populates = "parts", on_update = "cascade")]
        pub(crate) whole: Option<BelongsTo<Part>>,
        #[has_many(back_populates = "whole", order_by = "code")]
        pub(crate) parts: HasMany<Part>,
    }
}
use models::{Base, City, Country, Embassy, Language, Part, Stamp, Street};

fn country(code: &str) -> Country {
    Country::builder().code(code).build()
}

fn key(session: &Session, city: Handle<City>) -> Option<(String, String)> {
    session[city].key()
}

fn of(code: &str, name: &str) -> Option<(String, String)> {
    Some((code.to_owned(), name.to_owned()))
}

/// A country with a city and a street, loaded in a session of its own: referred to by keys and not by handles.
async fn loaded(engine: &Engine) -> (Session, Handle<Country>, Handle<City>, Handle<Street>) {
    let mut session = engine.session();
    let de = session.add(country("de"));
    let ulm = session.add(City::builder().name("Ulm").country(de));
    session.add(Street::builder().name("a").city(ulm));
    session.commit().await.unwrap();
    let mut other = engine.session();
    let street = other.query::<Street>().one().await.unwrap();
    let city = other.query::<City>().one().await.unwrap();
    let country = other.query::<Country>().one().await.unwrap();
    (other, country, city, street)
}

#[orm_testkit::test(base = Base)]
async fn a_new_key_is_carried_to_all_that_refers_to_it(engine: Engine) {
    let (mut session, de, ulm, street) = loaded(&engine).await;
    session[de].code = "DE".into();
    assert_eq!(session.flush_plan().unwrap().to_string(), "update 1 row of country (code)");
    assert_eq!(key(&session, ulm), of("de", "Ulm"), "not before the flush");
    session.commit().await.unwrap();
    assert_eq!(key(&session, ulm), of("DE", "Ulm"));
    assert_eq!(session[street].city.key().cloned(), of("DE", "Ulm"));
    assert_eq!(session.get::<City>(("DE".to_owned(), "Ulm".to_owned())).await.unwrap(), Some(ulm));
    assert_eq!(session.get::<City>(("de".to_owned(), "Ulm".to_owned())).await.unwrap(), None);
    assert_eq!(session.get::<Country>("DE").await.unwrap(), Some(de));
    assert_eq!(engine.fetch_all(columns(City::COUNTRY_ID)).await.unwrap(), ["DE"]);
    // The objects are as the database has them: what is written next finds its rows.
    session[ulm].people = Some(1);
    session[street].name = "b".into();
    session.commit().await.unwrap();
    session.delete(street).unwrap();
    session.delete(ulm).unwrap();
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<City>()).await.unwrap(), 0);
}

#[orm_testkit::test(base = Base)]
async fn by_handle_too_and_beside_changes_of_their_own(engine: Engine) {
    let mut session = engine.session();
    let de = session.add(country("de"));
    let cities = session.add_all(["Ulm", "Bonn"].map(|name| City::builder().name(name).country(de)));
    let street = session.add(Street::builder().name("a").city(cities[0]));
    session.commit().await.unwrap();
    session[de].code = "DE".into();
    session[cities[0]].people = Some(1);
    session[cities[1]].people = None;
    session[street].name = "b".into();
    assert_eq!(
        session.flush_plan().unwrap().to_string(),
        "update 1 row of country (code)\nupdate 1 row of city (people)\nupdate 1 row of street (name)"
    );
    session.commit().await.unwrap();
    assert_eq!(session[street].city.key().cloned(), of("DE", "Ulm"));
    let row = City::find(&engine, ("DE".to_owned(), "Ulm".to_owned())).await.unwrap().unwrap();
    assert_eq!(row.people, Some(1));
    session[cities[0]].people = None;
    session[de].code = "D".into();
    session.commit().await.unwrap();
    assert_eq!(key(&session, cities[0]), of("D", "Ulm"));
    assert_eq!(engine.fetch_all(columns(City::PEOPLE)).await.unwrap(), [None, None]);
}

#[orm_testkit::test(base = Base)]
async fn a_row_changes_its_own_part_of_the_key_at_the_same_time(engine: Engine) {
    let (mut session, de, ulm, street) = loaded(&engine).await;
    session[de].code = "DE".into();
    session[ulm].name = "Neu-Ulm".into();
    session.commit().await.unwrap();
    assert_eq!(key(&session, ulm), of("DE", "Neu-Ulm"));
    assert_eq!(session[street].city.key().cloned(), of("DE", "Neu-Ulm"));
    let rows = engine.fetch_all(select::<Street>()).await.unwrap();
    assert_eq!(rows[0].city.key().cloned(), of("DE", "Neu-Ulm"));
    assert_eq!(session.get::<City>(("DE".to_owned(), "Neu-Ulm".to_owned())).await.unwrap(), Some(ulm));
}

#[orm_testkit::test(base = Base)]
async fn new_members_have_the_new_key(engine: Engine) {
    let (mut session, de, ..) = loaded(&engine).await;
    session[de].code = "DE".into();
    session.add(City::builder().name("Bonn").country(de));
    session.add(City::builder().name("Kiel").country_key("DE".to_owned()));
    session[de].cities.push(City::builder().name("Jena"));
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<City>().filter(City::COUNTRY_ID.eq("DE"))).await.unwrap(), 4);
}

#[orm_testkit::test(base = Base)]
async fn association_rows_follow(engine: Engine) {
    let mut session = engine.session();
    let words = session.add_all(["German", "Danish", "Sorbian"].map(|name| Language::builder().name(name)));
    let de = session.add(country("de").clone());
    session[de].languages.extend([words[0], words[1]]);
    session.commit().await.unwrap();
    session[de].code = "DE".into();
    session[words[0]].name = "Deutsch".into();
    session[de].languages.remove(words[1]);
    session[de].languages.push(words[2]);
    session.commit().await.unwrap();
    let mut other = engine.session();
    let de = other.get_one::<Country>("DE").await.unwrap();
    let languages = other.load(de, Country::LANGUAGES).await.unwrap();
    let mut names: Vec<&str> = languages.iter().map(|l| &other[*l].name[..]).collect();
    names.sort_unstable();
    assert_eq!(names, ["Deutsch", "Sorbian"]);
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_restores_keys_and_references(engine: Engine) {
    let (mut session, de, ulm, street) = loaded(&engine).await;
    session[ulm].people = Some(1);
    session[de].code = "DE".into();
    session.flush().await.unwrap();
    assert_eq!(session[street].city.key().cloned(), of("DE", "Ulm"));
    session.rollback().await.unwrap();
    assert_eq!((&session[de].code[..], session[ulm].people), ("de", None));
    assert_eq!(session[street].city.key().cloned(), of("de", "Ulm"));
    assert_eq!(session.get::<City>(("de".to_owned(), "Ulm".to_owned())).await.unwrap(), Some(ulm));
    assert_eq!(session.get::<City>(("DE".to_owned(), "Ulm".to_owned())).await.unwrap(), None);
    assert_eq!(session.get::<Country>("de").await.unwrap(), Some(de));

    // A flush that the server refuses is taken back as well.
    session.add(country("fr"));
    session.commit().await.unwrap();
    let mut third = engine.session();
    let de = third.get_one::<Country>("de").await.unwrap();
    let ulm = third.query::<City>().one().await.unwrap();
    third[de].code = "fr".into();
    assert!(third.commit().await.unwrap_err().is_unique_violation());
    third.rollback().await.unwrap();
    assert_eq!((&third[de].code[..], key(&third, ulm)), ("de", of("de", "Ulm")));
    assert_eq!(third.get::<City>(("fr".to_owned(), "Ulm".to_owned())).await.unwrap(), None);
}

#[orm_testkit::test(base = Base)]
async fn without_the_action_the_error_says_what_to_declare(engine: Engine) {
    let mut session = engine.session();
    let de = session.add(country("de"));
    session.add(Embassy::builder().country(de));
    session.commit().await.unwrap();
    session[de].code = "DE".into();
    let error = session.commit().await.unwrap_err();
    assert!(error.is_foreign_key_violation());
    assert_eq!(
        error.to_string(),
        "a key that `embassy` refers to changed, and the rows that refer to it do not follow: declare \
         `on_update = \"cascade\"` on `Embassy::country`, and have the table so"
    );
    session.rollback().await.unwrap();
    assert_eq!(session[de].code, "de");
}

#[orm_testkit::test(base = Base)]
async fn set_null_clears_those_that_nobody_points_again(engine: Engine) {
    let mut session = engine.session();
    let de = session.add(country("de"));
    let stamps = session.add_all((0..2).map(|_| Stamp::builder().country(de)));
    session.commit().await.unwrap();
    let mut session = engine.session();
    let loaded = session.query::<Stamp>().order_by(Stamp::ID).all().await.unwrap();
    assert_eq!(loaded.len(), stamps.len());
    let de = session.get_one::<Country>("de").await.unwrap();
    session[de].code = "DE".into();
    session[loaded[1]].country = de.into();
    session.commit().await.unwrap();
    assert!(session[loaded[0]].country.is_none());
    let rows = engine.fetch_all(select::<Stamp>().order_by(Stamp::ID)).await.unwrap();
    let keys: Vec<Option<String>> =
        rows.iter().map(|r| r.country.as_ref().and_then(|c| c.key().cloned())).collect();
    assert_eq!(keys, [None, Some("DE".to_owned())]);
}

#[orm_testkit::test(base = Base)]
async fn a_table_that_refers_to_itself(engine: Engine) {
    let part = |code: &str| Part::builder().code(code);
    let mut session = engine.session();
    session.add(part("a").parts([part("b").parts([part("c"), part("d")])]));
    session.commit().await.unwrap();
    let mut session = engine.session();
    let all = session.query::<Part>().order_by(Part::CODE).all().await.unwrap();
    let (a, b, c) = (all[0], all[1], all[2]);
    session[a].code = "A".into();
    session[b].code = "B".into();
    session[c].note = Some("n".into());
    session[b].parts.push(part("e"));
    session.commit().await.unwrap();
    let whole = |part: Handle<Part>| session[part].whole.as_ref().and_then(|w| w.key().cloned());
    assert_eq!((whole(b).as_deref(), whole(c).as_deref()), (Some("A"), Some("B")));
    let rows = engine.fetch_all(select::<Part>().order_by(Part::CODE)).await.unwrap();
    let mut found: Vec<(String, Option<String>)> =
        rows.iter().map(|p| (p.code.clone(), p.whole.as_ref().and_then(|w| w.key().cloned()))).collect();
    found.sort();
    let some = |text: &str| Some(text.to_owned());
    let expected = [("A", None), ("B", some("A")), ("c", some("B")), ("d", some("B")), ("e", some("B"))];
    assert_eq!(found, expected.map(|(code, whole)| (code.to_owned(), whole)));
    // One that refers to itself.
    let own = session.add(part("own"));
    session[own].whole = own.into();
    session.commit().await.unwrap();
    session[own].code = "self".into();
    session.commit().await.unwrap();
    assert_eq!(session[own].whole.as_ref().unwrap().key().map(String::as_str), Some("self"));
    let row = Part::find(&engine, "self".to_owned()).await.unwrap().unwrap();
    assert_eq!(row.whole.unwrap().key().map(String::as_str), Some("self"));
}

#[orm_testkit::test(base = Base)]
async fn keys_move_up_in_a_row_and_into_what_goes(engine: Engine) {
    let mut session = engine.session();
    let all = session.add_all(["a", "b", "c", "d"].map(|code| Part::builder().code(code)));
    let below = session
        .add_all(all.iter().zip(1..).map(|(whole, n)| Part::builder().code(n.to_string()).whole(*whole)));
    session.commit().await.unwrap();
    // d goes, and everybody takes the key of the next one.
    session[below[3]].whole = None;
    session.delete(all[3]).unwrap();
    for (part, code) in all.iter().zip(["b", "c", "d"]) {
        session[*part].code = code.into();
    }
    session.commit().await.unwrap();
    let keys = |session: &Session| -> Vec<Option<String>> {
        below.iter().map(|p| session[*p].whole.as_ref().and_then(|w| w.key().cloned())).collect()
    };
    let expected =
        ["b", "c", "d"].map(|code| Some(code.to_owned())).into_iter().chain([None]).collect::<Vec<_>>();
    assert_eq!(keys(&session), expected);
    for (part, code) in all.iter().zip(["b", "c", "d"]) {
        assert_eq!(session.get::<Part>(code).await.unwrap(), Some(*part));
    }
    let rows = engine.fetch_all(select::<Part>().filter(Part::WHOLE_ID.eq("d"))).await.unwrap();
    assert_eq!(rows.iter().map(|row| &row.code[..]).collect::<Vec<_>>(), ["3"]);
    // And back.
    for (part, code) in all.iter().zip(["a", "b", "c"]) {
        session[*part].code = code.into();
    }
    session.flush().await.unwrap();
    assert_eq!(session.state(all[3]).unwrap(), ObjectState::Deleted);
    session.rollback().await.unwrap();
    assert_eq!(keys(&session), expected);
    assert_eq!(session.get::<Part>("c").await.unwrap(), Some(all[1]));
}

#[orm_testkit::test(base = Base)]
async fn a_key_that_another_object_has_is_refused_before_anything_is_sent(engine: Engine) {
    let mut session = engine.session();
    let (de, fr) = (session.add(country("de")), session.add(country("fr")));
    session.commit().await.unwrap();
    session[de].code = "fr".into();
    let error = session.commit().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.model(), error.column()),
        (ErrorKind::ValueTaken, Some("Country"), Some("code"))
    );
    assert_eq!(
        error.to_string(),
        "the `Country` objects with the keys \"de\" and \"fr\" would have one key: flush with another key in between"
    );
    session[fr].code = "de".into();
    let error = session.commit().await.unwrap_err();
    assert!(error.kind() == ErrorKind::ValueTaken && error.to_string().contains("exchange keys"), "{error}");
    assert!(session.is_active());
    session[fr].code = "x".into();
    session.commit().await.unwrap();
    session[fr].code = "de".into();
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Country>()).await.unwrap(), 2);
}

#[orm_testkit::test(base = Base)]
async fn a_row_whose_key_followed_is_deleted_and_moved_in_the_same_flush(engine: Engine) {
    let (mut session, de, ulm, street) = loaded(&engine).await;
    let bonn = session.add(City::builder().name("Bonn").country(de));
    session.commit().await.unwrap();
    session[de].code = "DE".into();
    session[street].city.set(bonn);
    session.delete(ulm).unwrap();
    session.commit().await.unwrap();
    assert_eq!(session[street].city.key().cloned(), of("DE", "Bonn"));
    assert_eq!(engine.fetch_all(columns(City::NAME)).await.unwrap(), ["Bonn"]);
    let rows = engine.fetch_all(select::<Street>()).await.unwrap();
    assert_eq!(rows[0].city.key().cloned(), of("DE", "Bonn"));
}
