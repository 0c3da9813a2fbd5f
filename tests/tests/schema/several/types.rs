//! Types of schemas: an enum, a domain and a composite beside others of the same names.

use orm_core::bulk::{copy_in, insert, update};
use orm_core::prelude::*;
use orm_core::sql::text;
use orm_core::types::SqlType;

mod models {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(super) Base);

    /// Where the connection looks first.
    #[derive(DbEnum, Clone, Copy, Debug, PartialEq)]
    pub(super) enum Mood {
        Calm,
        Loud,
    }

    /// The same name with other labels.
    #[derive(DbEnum, Clone, Copy, Debug, PartialEq)]
    #[db_enum(name = "mood", schema = "the \"types\"")]
    pub(super) enum Weather {
        Dry,
        Wet,
    }

    #[derive(ScalarType, Clone, Debug, PartialEq)]
    #[scalar(domain = "percent", schema = "the \"types\"", check = "VALUE BETWEEN 0 AND 100")]
    pub(super) struct Percent(pub(super) i32);

    /// Made of types of two schemas.
    #[derive(Composite, Clone, Debug, PartialEq)]
    #[composite(name = "report", schema = "the \"types\"")]
    pub(super) struct Report {
        pub(super) weather: Weather,
        pub(super) mood: Option<Mood>,
        pub(super) chance: Percent,
    }

    #[derive(Model, Clone, Debug, PartialEq)]
    #[model(base = Base, schema = "log")]
    pub(super) struct Day {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        pub(super) mood: Mood,
        pub(super) weather: Weather,
        pub(super) seen: Vec<Weather>,
        pub(super) chance: Percent,
        pub(super) report: Report,
        pub(super) reports: Vec<Report>,
    }
}
use models::{Base, Day, Mood, Percent, Report, Weather};

fn day(number: i32) -> Day {
    let weather = [Weather::Dry, Weather::Wet][number as usize % 2];
    let report = Report { weather, mood: Some(Mood::Loud).filter(|_| number > 0), chance: Percent(number) };
    let new = Day::builder().mood(Mood::Calm).weather(weather).seen(vec![Weather::Wet, weather]);
    new.chance(Percent(number)).reports(vec![report.clone(), report.clone()]).report(report).build()
}

#[orm_testkit::test(base = Base)]
async fn values_come_back_from_every_way_of_writing(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(day(0));
    session.commit().await?; // one row
    session.add_all((1..4).map(day));
    session.commit().await?; // a batch
    insert((4..7).map(day)).execute(&engine).await?;
    assert_eq!(copy_in::<Day>((7..9).map(day)).execute(&engine).await?, 2);
    let days = engine.fetch_all(select::<Day>().order_by(Day::CHANCE)).await?;
    assert_eq!(days.len(), 9);
    for (number, found) in days.into_iter().enumerate() {
        assert_eq!(Day { id: Auto::Unset, ..found }, day(number as i32));
    }
    let wet = columns(Day::ID).filter(Day::WEATHER.eq(Weather::Wet) & Day::MOOD.eq(Mood::Calm));
    assert_eq!(engine.count(wet).await?, 4);
    let some = columns(Day::ID).filter(Day::WEATHER.in_any([Weather::Wet, Weather::Dry]));
    assert_eq!(engine.count(some).await?, 9);
    let days = session.query::<Day>().filter(Day::WEATHER.eq(Weather::Wet)).all().await?;
    days.iter().for_each(|day| session[*day].weather = Weather::Dry);
    session.commit().await?;
    let all = update(select::<Day>())
        .set((Day::SEEN.set_to(vec![Weather::Dry]), Day::REPORT.set_to(day(50).report)));
    assert_eq!(all.returning(Day::SEEN).fetch_all(&engine).await?, vec![vec![Weather::Dry]; 9]);
    let error = insert([day(101)]).execute(&engine).await.unwrap_err();
    assert_eq!(error.code(), Some(&orm_core::error::SqlState::CHECK_VIOLATION));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn types_are_where_they_say_and_are_made_once(engine: Engine) -> orm_core::Result<()> {
    Base::create_all(&engine).await?;
    let types = "SELECT n.nspname || ' ' || t.typname || ' ' || t.typtype::text FROM pg_type AS t JOIN pg_namespace AS n \
         ON n.oid = t.typnamespace WHERE t.typname IN ('mood', 'percent', 'report') ORDER BY 1";
    let expected =
        ["public mood e", "the \"types\" mood e", "the \"types\" percent d", "the \"types\" report c"];
    assert_eq!(text(types).scalars::<String>(&engine).await?, expected);
    assert!(Base::metadata()?.schemas().eq(["log", "the \"types\""]));
    engine.execute_script("DROP TABLE log.day; DROP TYPE \"the \"\"types\"\"\".report").await?;
    Base::create_all(&engine).await?;
    assert_eq!(text(types).scalars::<String>(&engine).await?, expected);
    Base::drop_all(&engine).await?;
    assert!(text(types).scalars::<String>(&engine).await?.is_empty());
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname IN ('log', 'the \"types\"')";
    assert_eq!(text(schemas).scalar::<i64>(&engine).await?, Some(0));
    Ok(())
}

#[test]
fn a_type_is_known_by_its_schema_and_its_name() {
    assert_ne!(Mood::TYPE, Weather::TYPE);
    assert_eq!(SqlType::Named(Weather::TYPE).name(), r#""the ""types"""."mood""#);
    assert_eq!((Weather::TYPE.schema(), Mood::TYPE.schema()), (Some("the \"types\""), None));
}

#[orm_testkit::test(base = Base)]
async fn a_search_path_moves_only_types_without_a_schema(engine: Engine) -> orm_core::Result<()> {
    // The first `mood` of the path has the labels of neither.
    engine.execute_script("CREATE SCHEMA tenant; CREATE TYPE tenant.mood AS ENUM ('other')").await?;
    let mut session = engine.session();
    session.search_path(["tenant", "public"])?;
    assert_eq!(session.query::<Day>().filter(Day::WEATHER.eq(Weather::Wet)).count().await?, 0);
    assert!(session.query::<Day>().filter(Day::MOOD.in_any([Mood::Calm])).count().await.is_err());
    Ok(())
}
