//! Foreign keys that the database checks at COMMIT.

use orm_core::prelude::*;
use orm_core::schema::Deferrable;
use orm_core::sql::text;
use orm_core::{ErrorKind, error::SqlState};
use orm_tests::models::countries::{Base, City, Country, River};

/// How many countries and cities there are.
async fn counts(engine: &Engine) -> [i64; 2] {
    let mut session = engine.session();
    let countries = session.query::<Country>().count().await.unwrap();
    [countries, session.query::<City>().count().await.unwrap()]
}

#[orm_testkit::test(base = Base)]
async fn the_database_says_when_it_checks(engine: Engine) -> orm_core::Result<()> {
    let sql =
        "SELECT conname::text, condeferrable, condeferred FROM pg_constraint WHERE contype = 'f' ORDER BY 1";
    let found: Vec<(String, bool, bool)> = engine.session().fetch(text(sql)).await?;
    let expected = [
        ("fk_city_country_id_country", true, false),
        ("fk_city_river_id_river", true, true),
        ("fk_country_capital_id_city", true, true),
    ];
    assert_eq!(found, expected.map(|(name, able, now)| (name.to_owned(), able, now)));
    let table = Base::metadata()?.table("city").unwrap();
    let said: Vec<Deferrable> = table.foreign_keys.iter().map(|key| key.deferrable).collect();
    assert_eq!(said, [Deferrable::InitiallyImmediate, Deferrable::InitiallyDeferred]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn rows_come_in_any_order_before_the_commit(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.begin().await?;
    session.execute(text("INSERT INTO country (id, name, capital_id) VALUES (1, 'Peru', 1)")).await?;
    session
        .execute(text("INSERT INTO city (id, name, country_id, river_id) VALUES (1, 'Lima', 1, 5)"))
        .await?;
    session.execute(text("INSERT INTO river (id) VALUES (5)")).await?;
    session.commit().await?;
    assert_eq!(counts(&engine).await, [1, 1]);

    // What is not initially deferred is checked at once, unless the transaction says otherwise.
    let wrong = "INSERT INTO city (id, name, country_id) VALUES (2, 'Paris', 2)";
    session.begin().await?;
    assert!(session.execute(text(wrong)).await.unwrap_err().is_foreign_key_violation());
    session.rollback().await?;
    session.begin().await?;
    session.execute(text("SET CONSTRAINTS ALL DEFERRED")).await?;
    session.execute(text(wrong)).await?;
    session.execute(text("INSERT INTO country (id, name, capital_id) VALUES (2, 'France', 2)")).await?;
    session.commit().await?;
    assert_eq!(counts(&engine).await, [2, 2]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_circle_of_required_references_is_written_and_deleted(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let lima = session.add(City { country: BelongsTo::unset(), ..City::builder().name("Lima").build() });
    let peru = session.add(Country::builder().name("Peru").capital(lima));
    session[lima].country.set(peru);
    let cusco = session.add(City::builder().name("Cusco").country(peru));
    session.commit().await?;
    assert_eq!(session[peru].capital.key().copied(), session[lima].id.get().copied());
    assert_eq!(session[cusco].country.key().copied(), session[peru].id.get().copied());

    session[peru].capital.set(cusco);
    session.commit().await?;
    let mut other = engine.session();
    let one = other.query::<Country>().with(Country::CAPITAL).one().await?;
    assert_eq!(other.at(one).related(Country::CAPITAL)?.name, "Cusco");

    for city in [lima, cusco] {
        session.delete(city)?;
    }
    session.delete(peru)?;
    session.commit().await?;
    assert_eq!(counts(&engine).await, [0, 0]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_the_commit_refuses_is_named_and_nothing_is_lost(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let peru = session.add(Country::builder().name("Peru").capital_key(70));
    let lima = session.add(City::builder().name("Lima").country(peru));
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Database, Some(&SqlState::FOREIGN_KEY_VIOLATION)));
    assert_eq!(
        (error.constraint(), error.table(), error.column()),
        (Some("fk_country_capital_id_city"), Some("country"), Some("capital_id")),
        "{error}"
    );
    session.rollback().await?;
    assert_eq!(counts(&engine).await, [0, 0]);

    // The values are still there: one correction, and all is written.
    assert_eq!((&session[peru].name[..], &session[lima].name[..]), ("Peru", "Lima"));
    session[peru].capital.set(lima);
    session.add_again(lima)?;
    session.commit().await?;
    assert_eq!(counts(&engine).await, [1, 1]);

    // A change of a persistent object is refused in the same way, and taken back with the transaction.
    session[lima].river_id = Some(5);
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.constraint(), error.column()), (Some("fk_city_river_id_river"), Some("river_id")));
    session.rollback().await?;
    session.add(River::builder().id(5));
    session[lima].river_id = Some(5);
    session.commit().await?;
    assert_eq!(session.query::<City>().filter(City::RIVER_ID.eq(5)).count().await?, 1);
    Ok(())
}
