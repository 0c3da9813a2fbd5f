//! Values of several columns, and enums that carry data, in all that a session does.

use orm_core::bulk::Values;
use orm_core::prelude::*;
use orm_core::{ErrorKind, Listeners};
use orm_tests::models::embedded::{Address, Base, Employee, Geo, Person, Role};
use std::sync::{Arc, Mutex};

fn address(city: &str) -> Address {
    Address { street: None, city: city.into(), geo: Geo { lat: 48, long: 10 } }
}

async fn ann(engine: &Engine) -> orm_core::Result<(Session, Handle<Person>)> {
    let mut session = engine.session();
    let ann = session.add(Person::builder().name("Ann").home(address("Ulm")));
    session.commit().await?;
    Ok((session, ann))
}

async fn manager(engine: &Engine) -> orm_core::Result<(Session, Handle<Employee>)> {
    let mut session = engine.session();
    let ann = session.add(Employee::builder().name("Ann").role(Role::Manager { budget: 7, level: None }));
    session.commit().await?;
    Ok((session, ann))
}

#[orm_testkit::test(base = Base)]
async fn the_history_of_a_value_is_that_of_its_columns(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = ann(&engine).await?;
    session[ann].home = Address { city: "Bonn".into(), ..address("Ulm") };
    let history = session.history(ann)?;
    let changes: Vec<String> = history.changes().iter().map(ToString::to_string).collect();
    assert_eq!(changes, ["home_city: \"Ulm\" → \"Bonn\""]);
    assert!(history.of(Person::HOME.then(Address::GEO).then(Geo::LAT)).is_none());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_value_that_comes_and_goes_is_all_of_its_columns(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = ann(&engine).await?;
    session[ann].work = Some(address("Bonn"));
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of person (w_city, w_geo_lat, w_geo_long)");
    session[ann].work = None;
    assert!(session.flush_plan()?.is_empty());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn rows_are_updated_by_their_parts_and_objects_know(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = ann(&engine).await?;
    let city = Person::HOME.then(Address::CITY);
    let lat = Person::HOME.then(Address::GEO).then(Geo::LAT);
    let update = session.query::<Person>().filter(city.eq("Ulm")).set(city, "Bonn").set(lat, lat + 1);
    assert_eq!(update.update().await?, 1);
    assert_eq!((&*session[ann].home.city, session[ann].home.geo.lat), ("Bonn", 49));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_part_is_set_to_what_the_database_computes(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = ann(&engine).await?;
    let lat = Person::HOME.then(Address::GEO).then(Geo::LAT);
    session.set(ann, lat, lat * 2 - 50)?;
    session.commit().await?;
    assert_eq!(session[ann].home.geo.lat, 46);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn many_rows_are_written_by_columns_and_by_values(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let home = |part| Person::HOME.then(Address::GEO).then(part);
    let row = Values::new()
        .set(Person::NAME, "Ann")
        .set(Person::HOME.then(Address::CITY), "Ulm")
        .set(home(Geo::LAT), 1)
        .set(home(Geo::LONG), 2);
    session.bulk_insert_mappings([row]).await?;
    session.bulk_save_objects([Person::builder().name("Bea").home(address("Bonn")).build()]).await?;
    session.commit().await?;
    let all = select::<Person>().order_by(Person::ID).fetch_all(&engine).await?;
    assert_eq!(all[0].home, Address { geo: Geo { lat: 1, long: 2 }, ..address("Ulm") });
    assert_eq!((&all[1].home, &all[1].work), (&address("Bonn"), &None));
    let moved = Values::new().set(Person::ID, 1).set(Person::HOME.then(Address::CITY), "Kiel");
    assert_eq!(session.bulk_update_mappings([moved]).await?, 1);
    session.commit().await?;
    assert_eq!(Person::find(&engine, 1).await?.unwrap().home.city, "Kiel");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_refresh_takes_the_row_over(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = ann(&engine).await?;
    engine
        .execute_script(
            "UPDATE person SET home_city = 'Bonn', w_city = 'Kiel', w_geo_lat = 1, w_geo_long = 1",
        )
        .await?;
    session.refresh(ann).await?;
    assert_eq!(&session[ann].home.city, "Bonn");
    assert_eq!(session[ann].work.as_ref().map(|work| &*work.city), Some("Kiel"));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_stale_is_renewed_under_unsaved_parts(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = ann(&engine).await?;
    engine.execute_script("UPDATE person SET home_city = 'Bonn', home_geo_lat = 2").await?;
    session.expire_all();
    session[ann].home.geo.lat = 1;
    let mut session = session.no_autoflush();
    session.query::<Person>().one().await?;
    assert_eq!((&*session[ann].home.city, session[ann].home.geo.lat), ("Bonn", 1));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_savepoint_takes_its_own_parts_back(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = ann(&engine).await?;
    session[ann].home.city = "Bonn".into();
    let mut nested = session.begin_nested().await?;
    nested[ann].home.city = "Kiel".into();
    nested[ann].work = Some(address("Kiel"));
    nested.flush().await?;
    nested.rollback().await?;
    assert_eq!((&*session[ann].home.city, &session[ann].work), ("Bonn", &None));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_merge_takes_the_whole_value_over(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = ann(&engine).await?;
    let mut given = Person::find(&engine, 1).await?.unwrap();
    given.home = address("Bonn");
    given.work = Some(address("Kiel"));
    assert_eq!(session.merge(given).await?, ann);
    assert_eq!((&session[ann].home, &session[ann].work), (&address("Bonn"), &Some(address("Kiel"))));
    let left = session.expunge(ann)?;
    assert_eq!(left.home, address("Bonn"));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_listener_hears_of_a_part(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = ann(&engine).await?;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = heard.clone();
    let listeners =
        Listeners::new().on_set(Person::HOME.then(Address::CITY), move |person: &Person, old, new| {
            told.lock().unwrap().push(format!("{}: {old:?} → {new:?}", person.name));
            if new.is_some_and(|city| city == "Bonn") {
                Err("not there")?;
            }
            Ok(())
        });
    session.listen(&listeners);
    session[ann].home.geo.lat = 1;
    session.commit().await?;
    assert!(heard.lock().unwrap().is_empty());
    session[ann].home.city = "Bonn".into();
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::Vetoed);
    assert_eq!(heard.lock().unwrap().len(), 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_unique_value_is_named_by_its_columns(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    for _ in 0..2 {
        session.add(
            Person::builder()
                .name("Ann")
                .home(address("Ulm"))
                .work(Address { street: Some("A".into()), ..address("Ulm") }),
        );
    }
    let error = session.commit().await.unwrap_err();
    assert!(error.is_unique_violation());
    assert_eq!(error.columns(), ["name", "w_street", "w_city", "w_geo_lat", "w_geo_long"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_a_row_lacks_is_named(engine: Engine) -> orm_core::Result<()> {
    let (_, _) = ann(&engine).await?;
    engine
        .execute_script(
            "ALTER TABLE person ALTER home_city DROP NOT NULL; UPDATE person SET home_city = NULL",
        )
        .await?;
    let error = select::<Person>().fetch_one(&engine).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("Address.city"), "{error}");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_variant_that_the_program_does_not_know_is_named(engine: Engine) -> orm_core::Result<()> {
    let (_, _) = manager(&engine).await?;
    engine
        .execute_script("ALTER TABLE employee DROP CONSTRAINT ck_employee_role; UPDATE employee SET role = 'boss', role_budget = NULL")
        .await?;
    let error = select::<Employee>().fetch_one(&engine).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let text = format!("{error} {:?}", std::error::Error::source(&error).map(ToString::to_string));
    assert!(text.contains("\"boss\" is no variant") || text.contains("\\\"boss\\\" is no variant"), "{text}");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_returns_the_variant(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = manager(&engine).await?;
    session[ann].role = Role::Engineer { language: "Rust".into(), level: Some(1) };
    session.flush().await?;
    session[ann].role = Role::Intern;
    session.rollback().await?;
    assert_eq!(session[ann].role, Role::Manager { budget: 7, level: None });
    assert!(session.flush_plan()?.is_empty());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_history_of_a_variant_tells_what_comes_and_what_goes(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = manager(&engine).await?;
    session[ann].role = Role::Visitor("Ulm".into());
    let changes: Vec<&str> = session.history(ann)?.changes().iter().map(|change| change.column).collect();
    assert_eq!(changes, ["role", "role_budget", "role_visitor"]);
    assert_eq!(session.history(ann)?.of(Employee::ROLE.tag()).unwrap().new, "visitor");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_value_of_another_variant_cannot_be_set_by_its_column(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = manager(&engine).await?;
    session.set(ann, Employee::ROLE.then(Role::BUDGET), 9)?;
    assert_eq!(session[ann].role, Role::Manager { budget: 9, level: None });
    let error = session.set(ann, Employee::ROLE.then(Role::LANGUAGE), "Rust").unwrap_err();
    assert!(error.to_string().contains("write the whole value"), "{error}");
    assert_eq!(session[ann].role, Role::Manager { budget: 9, level: None });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn rows_of_one_variant_are_updated_and_deleted_by_query(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = manager(&engine).await?;
    session.add(Employee::builder().name("Bea").role(Role::Intern));
    let budget = Employee::ROLE.then(Role::BUDGET);
    let raised = session.query::<Employee>().filter(Employee::ROLE.is(Role::MANAGER)).set(budget, budget + 1);
    assert_eq!(raised.update().await?, 1);
    assert_eq!(session[ann].role, Role::Manager { budget: 8, level: None });
    assert_eq!(session.query::<Employee>().filter(Employee::ROLE.is(Role::INTERN)).delete().await?, 1);
    assert_eq!(session.query::<Employee>().count().await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn columns_that_variants_share_are_ordered_and_read_together(engine: Engine) -> orm_core::Result<()> {
    let (mut session, _) = manager(&engine).await?;
    session.add(
        Employee::builder().name("Bea").role(Role::Engineer { language: "Rust".into(), level: Some(2) }),
    );
    session.add(Employee::builder().name("Cem").role(Role::Manager { budget: 1, level: Some(1) }));
    session.commit().await?;
    let level = Employee::ROLE.then(Role::LEVEL);
    let rows = columns((Employee::NAME, level)).filter(level.is_not_null()).order_by(level.desc());
    assert_eq!(engine.fetch_all(rows).await?, [("Bea".to_owned(), Some(2)), ("Cem".to_owned(), Some(1))]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn streams_and_owned_reads_have_whole_values(engine: Engine) -> orm_core::Result<()> {
    let (mut session, _) = manager(&engine).await?;
    let mut rows = session.stream(select::<Employee>(), 10).await?;
    let first = rows.next().await?.unwrap();
    assert_eq!(first[0].role, Role::Manager { budget: 7, level: None });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_object_shows_its_parts_as_columns_in_json(engine: Engine) -> orm_core::Result<()> {
    let (session, ann) = manager(&engine).await?;
    let json = session.at(ann).columns_to_json();
    assert_eq!((&json["role"], &json["role_budget"]), (&"manager".into(), &7.into()));
    assert!(json["role_language"].is_null() && json["former"].is_null());
    Ok(())
}
