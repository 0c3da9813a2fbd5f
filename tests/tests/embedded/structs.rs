//! Value objects and mixins.

use orm_core::prelude::*;
use orm_tests::models::embedded::{Address, Base, Geo, Person, Stamps};

fn address(city: &str) -> Address {
    Address { street: None, city: city.into(), geo: Geo { lat: 48, long: 10 } }
}

#[test]
fn columns_are_called_after_field_and_part() {
    let table = Base::metadata().unwrap().table("person").unwrap();
    let names: Vec<&str> = table.columns.iter().map(|column| &*column.name).collect();
    let expected = [
        "id",
        "name",
        "home_street",
        "home_city",
        "home_geo_lat",
        "home_geo_long",
        "w_street",
        "w_city",
        "w_geo_lat",
        "w_geo_long",
        "created_at",
        "note",
    ];
    assert_eq!(names, expected);
    let nullable: Vec<bool> = table.columns.iter().map(|column| column.nullable).collect();
    assert_eq!(nullable, [false, false, true, false, false, false, true, true, true, true, false, true]);
    let checks: Vec<&str> = table.checks.iter().map(|check| &*check.expression).collect();
    assert_eq!(
        checks,
        [
            r#""home_geo_lat" BETWEEN -90 AND 90"#,
            r#""w_geo_lat" BETWEEN -90 AND 90"#, // `NULL` passes
            r#"num_nonnulls("w_street", "w_city", "w_geo_lat", "w_geo_long") = 0 OR ("w_city" IS NOT NULL AND "w_geo_lat" IS NOT NULL AND "w_geo_long" IS NOT NULL)"#,
        ]
    );
    assert_eq!(table.indexes[0].columns(), ["home_city"]);
    assert_eq!(table.uniques[0].columns, ["name", "w_street", "w_city", "w_geo_lat", "w_geo_long"]);
}

#[orm_testkit::test(base = Base)]
async fn they_are_written_and_read_with_their_row(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(Person::builder().name("Ann").home(address("Ulm")).work(address("Bonn")));
    let bea = session.add(Person::builder().name("Bea").home(address("Kiel")));
    session.commit().await.unwrap();
    assert!(session[ann].stamps.created_at.is_set(), "the database fills a mixin as any column");

    let mut other = engine.session();
    let found = other.query::<Person>().order_by(Person::ID).all().await.unwrap();
    assert_eq!(other[found[0]].home, address("Ulm"));
    assert_eq!(other[found[0]].work, Some(address("Bonn")));
    assert_eq!(other[found[1]].work, None);
    assert_eq!(session[bea].work, None);
}

#[orm_testkit::test(base = Base)]
async fn a_change_inside_is_an_update_of_one_column(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(Person::builder().name("Ann").home(address("Ulm")));
    session.commit().await.unwrap();
    session[ann].home.city = "Bonn".into();
    assert!(session.is_modified(ann).unwrap());
    let plan = session.flush_plan().unwrap().to_string();
    assert!(plan.contains("home_city") && !plan.contains("home_street"), "{plan}");
    session.commit().await.unwrap();
    session[ann].home = address("Bonn"); // as it is
    assert!(session.flush_plan().unwrap().is_empty());
    session[ann].work = Some(address("Ulm"));
    session.commit().await.unwrap();
    session[ann].work = None;
    session.commit().await.unwrap();
    let nobody = select::<Person>().filter(Person::WORK.is_null()).count(&engine).await.unwrap();
    assert_eq!(nobody, 1);
}

#[orm_testkit::test(base = Base)]
async fn they_can_be_asked_for_in_queries(engine: Engine) {
    let mut session = engine.session();
    session.add(Person::builder().name("Ann").home(address("Ulm")));
    session.add(Person::builder().name("Bea").home(address("Bonn")).work(address("Ulm")));
    session.commit().await.unwrap();
    let by = async |filter| {
        engine.fetch_all(columns(Person::NAME).filter(filter).order_by(Person::ID)).await.unwrap()
    };
    assert_eq!(by(Person::HOME.then(Address::CITY).eq("Ulm")).await, ["Ann"]);
    assert_eq!(by(Person::WORK.then(Address::CITY).eq("Ulm")).await, ["Bea"]);
    assert_eq!(by(Person::HOME.then(Address::GEO).then(Geo::LAT).eq(48)).await, ["Ann", "Bea"]);
    assert_eq!(by(Person::HOME.eq(&address("Ulm"))).await, ["Ann"]);
    assert_eq!(by(Person::HOME.ne(&address("Ulm"))).await, ["Bea"]);
    assert_eq!(by(Person::WORK.is_not_null()).await, ["Bea"]);
    let cities = columns(Person::HOME.then(Address::CITY)).order_by(Person::HOME.then(Address::CITY).desc());
    assert_eq!(engine.fetch_all(cities).await.unwrap(), ["Ulm", "Bonn"]);
    let work = columns(Person::WORK.then(Address::CITY)).order_by(Person::ID);
    assert_eq!(engine.fetch_all(work).await.unwrap(), [None, Some("Ulm".to_owned())]);
}

#[orm_testkit::test(base = Base)]
async fn the_database_refuses_half_a_value(engine: Engine) {
    let mut session = engine.session();
    session.add(Person::builder().name("Ann").home(address("Ulm")));
    session.commit().await.unwrap();
    let error = engine.execute_script("UPDATE person SET w_street = 'x'").await.unwrap_err();
    assert_eq!(error.constraint(), Some("ck_person_work"));
    let error = engine.execute_script("UPDATE person SET home_geo_lat = 91").await.unwrap_err();
    assert!(error.is_check_violation());
}

#[orm_testkit::test(base = Base)]
async fn rows_are_written_without_a_session_too(engine: Engine) {
    let mut ann = Person::builder().name("Ann").home(address("Ulm")).stamps(Stamps::default()).build();
    ann.insert(&engine).await.unwrap();
    assert!(ann.stamps.created_at.is_set());
    ann.home.city = "Bonn".into();
    ann.update(&engine).await.unwrap();
    let key = ann.key().unwrap();
    assert_eq!(Person::find(&engine, key).await.unwrap().unwrap().home.city, "Bonn");
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_and_a_refresh_restore_them(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(Person::builder().name("Ann").home(address("Ulm")));
    session.commit().await.unwrap();
    session[ann].home.city = "Bonn".into();
    session.flush().await.unwrap();
    session.rollback().await.unwrap();
    assert_eq!(session[ann].home.city, "Ulm");
    session[ann].work = Some(address("Kiel"));
    engine.execute_script("UPDATE person SET home_city = 'Hamm'").await.unwrap();
    session.expire(ann).unwrap();
    session.get::<Person>(1).await.unwrap();
    assert_eq!((&*session[ann].home.city, session[ann].work.is_some()), ("Hamm", false));
}
