//! Natural keys that change, and what refers to them by each kind of relation.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::sql::text;
use orm_core::state::ObjectState;
use orm_tests::models::clubs::{Badge, Base, Club, Person, Sport, Team};

fn club(code: &str) -> Club {
    Club::builder().code(code).name(format!("Club {code}")).build()
}

fn person(name: &str) -> Person {
    Person::builder().name(name).build()
}

/// A club with two members, a badge, a team and a sport; and a session that knows none of it.
async fn start(engine: &Engine) -> orm_core::Result<Session> {
    let mut session = engine.session();
    session.add(
        Club::builder()
            .code("fc")
            .name("FC")
            .members([person("ann"), person("bea")])
            .badge(Badge::builder().colour("red"))
            .teams([Team::builder().name("first")])
            .sports([Sport::builder().name("chess")]),
    );
    session.commit().await?;
    Ok(engine.session())
}

/// The codes that the rows of persons have.
async fn codes(engine: &Engine) -> orm_core::Result<Vec<Option<String>>> {
    engine.fetch_all(columns(Person::CLUB_ID).order_by(Person::ID)).await
}

fn some(code: &str) -> Option<String> {
    Some(code.to_owned())
}

#[orm_testkit::test(base = Base)]
async fn an_object_is_found_by_its_new_key_only(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let fc = session.add(club("fc"));
    session.commit().await?;
    session[fc].code = "sc".into();
    assert_eq!(session.no_autoflush().get::<Club>("fc").await?, Some(fc), "not before the flush");
    session.flush().await?;
    assert_eq!(session.get::<Club>("sc").await?, Some(fc));
    assert_eq!(session.get::<Club>("fc").await?, None);
    session.expire(fc)?;
    assert_eq!(session.get_one::<Club>("sc").await?, fc, "and read again by it");
    assert_eq!(session[fc].name, "Club fc");
    session.commit().await
}

#[orm_testkit::test(base = Base)]
async fn a_key_that_text_changed_is_a_row_that_is_gone(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let fc = session.get_one::<Club>("fc").await?;
    session.execute(text("UPDATE club SET code = 'sc'")).await?;
    session.expire(fc)?;
    assert_eq!(session.refresh(fc).await.unwrap_err().kind(), ErrorKind::StaleData);
    let again = session.get_one::<Club>("sc").await?;
    assert_ne!(again, fc);
    assert_eq!(session.load(again, Club::MEMBERS).await?.len(), 2);
    session.commit().await
}

#[orm_testkit::test(base = Base)]
async fn members_of_a_loaded_collection_show_the_new_key(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let fc = session.get_one::<Club>("fc").await?;
    let members = session.load(fc, Club::MEMBERS).await?;
    session[fc].code = "sc".into();
    assert_eq!(
        session.flush_plan()?.to_string(),
        "update 1 row of club (code)",
        "the database does the rest"
    );
    session.commit().await?;
    for member in members {
        assert_eq!(session[member].club.as_ref().and_then(|club| club.key().cloned()), some("sc"));
    }
    assert_eq!(codes(&engine).await?, [some("sc"), some("sc")]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_that_are_not_loaded_are_read_with_the_new_key(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let fc = session.get_one::<Club>("fc").await?;
    session[fc].code = "sc".into();
    session.flush().await?;
    let members = session.load(fc, Club::MEMBERS).await?;
    assert_eq!(members.len(), 2);
    assert_eq!(session.at(members[0]).related(Person::CLUB)?.unwrap().handle(), fc);
    session.commit().await
}

#[orm_testkit::test(base = Base)]
async fn a_member_without_its_owner_in_the_session_is_stale_and_not_wrong(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut members = start(&engine).await?;
    let ann = members.get_one::<Person>(1).await?;
    let mut owners = engine.session();
    let fc = owners.get_one::<Club>("fc").await?;
    owners[fc].code = "sc".into();
    owners.commit().await?;
    assert_eq!(members[ann].club.as_ref().unwrap().key().cloned(), some("fc"), "reads never do I/O");
    members.refresh(ann).await?;
    assert_eq!(members[ann].club.as_ref().unwrap().key().cloned(), some("sc"));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_one_member_follows(engine: Engine) -> orm_core::Result<()> {
    for load in [false, true] {
        let mut session = if load { engine.session() } else { start(&engine).await? };
        let fc = session.query::<Club>().one().await?;
        if load {
            session.load(fc, Club::BADGE).await?;
        }
        let code = if load { "tc" } else { "sc" };
        session[fc].code = code.into();
        session.commit().await?;
        session.load(fc, Club::BADGE).await?;
        let badge = session.at(fc).related(Club::BADGE)?.unwrap();
        assert_eq!(badge.club.key().map(String::as_str), Some(code));
        assert_eq!(engine.fetch_all(columns(Badge::CLUB_ID)).await?, [code]);
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn both_sides_of_an_association_follow(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let fc = session.get_one::<Club>("fc").await?;
    let chess = session.get_one::<Sport>("chess").await?;
    session.load(fc, Club::SPORTS).await?;
    session[fc].code = "sc".into();
    session[chess].name = "go".into();
    session.commit().await?;
    session[fc].sports.remove(chess);
    session.commit().await?;
    let mut other = engine.session();
    let go = other.get_one::<Sport>("go").await?;
    assert_eq!(other.load(go, Sport::CLUBS).await?.len(), 0, "the row was found by both new keys");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_key_inside_a_key_follows_with_the_identity(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let fc = session.get_one::<Club>("fc").await?;
    let team = session.load(fc, Club::TEAMS).await?[0];
    session[fc].code = "sc".into();
    session[team].won = Some(1);
    session.commit().await?;
    let key = |code: &str| (code.to_owned(), "first".to_owned());
    assert_eq!(session.get::<Team>(key("sc")).await?, Some(team));
    assert_eq!(session.get::<Team>(key("fc")).await?, None);
    assert_eq!(Team::find(&engine, key("sc")).await?.unwrap().won, Some(1));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_row_moves_to_another_owner_by_its_key(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let fc = session.get_one::<Club>("fc").await?;
    let team = session.load(fc, Club::TEAMS).await?[0];
    let sc = session.add(club("sc"));
    session[team].club.set(sc);
    assert_eq!(
        session.flush_plan()?.to_string(),
        "insert 1 row into club (code, name)\nupdate 1 row of team (club_id)"
    );
    session.commit().await?;
    assert_eq!(session.get::<Team>(("sc".to_owned(), "first".to_owned())).await?, Some(team));
    assert_eq!(session.at(sc).related(Club::TEAMS)?.len(), 1);
    assert_eq!(session.at(fc).related(Club::TEAMS)?.len(), 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_row_moves_to_another_owner_by_the_collection(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let fc = session.get_one::<Club>("fc").await?;
    let team = session.load(fc, Club::TEAMS).await?[0];
    let sc = session.add(club("sc"));
    session[fc].teams.remove(team);
    session[sc].teams.push(team);
    session.commit().await?;
    assert_eq!(
        engine.fetch_all(columns((Team::CLUB_ID, Team::NAME))).await?,
        [("sc".into(), "first".into())] as [(String, String); 1]
    );
    assert_eq!(session.get::<Team>(("sc".to_owned(), "first".to_owned())).await?, Some(team));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_row_that_moves_in_and_one_that_follows_do_not_meet(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [fc, sc] = ["fc", "sc"].map(|code| session.add(club(code)));
    let first = session.add(Team::builder().name("first").club(fc));
    let second = session.add(Team::builder().name("second").club(sc));
    session.commit().await?;
    session[fc].code = "tc".into();
    session[second].club.set(fc);
    session.commit().await?;
    let found = engine.fetch_all(columns((Team::CLUB_ID, Team::NAME)).order_by(Team::NAME)).await?;
    let expected: [(String, String); 2] = [("tc".into(), "first".into()), ("tc".into(), "second".into())];
    assert_eq!(found, expected);
    assert_eq!(session.get::<Team>(("tc".to_owned(), "first".to_owned())).await?, Some(first));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_object_takes_the_key_that_another_one_gives_up(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let old = session.get_one::<Club>("fc").await?;
    session[old].code = "sc".into();
    let new = session.add(Club { name: "new".into(), ..club("fc") });
    session.commit().await?;
    assert_eq!((session.get::<Club>("fc").await?, session.get::<Club>("sc").await?), (Some(new), Some(old)));
    assert_eq!(codes(&engine).await?, [some("sc"), some("sc")], "members stay with their club");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn keys_change_places_with_a_flush_in_between(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [a, b] = ["a", "b"].map(|code| session.add(club(code)));
    session.commit().await?;
    (session[a].code, session[b].code) = ("b".into(), "a".into());
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::ValueTaken);
    session[a].code = "between".into();
    session.flush().await?;
    session[a].code = "b".into();
    session.commit().await?;
    assert_eq!((session.get::<Club>("b").await?, session.get::<Club>("a").await?), (Some(a), Some(b)));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_savepoint_takes_a_changed_key_back(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let fc = session.get_one::<Club>("fc").await?;
    let members = session.load(fc, Club::MEMBERS).await?;
    session.begin_nested().await?.detach();
    session[fc].code = "sc".into();
    session.flush().await?;
    session.rollback_nested().await?;
    assert_eq!(session.get::<Club>("fc").await?, Some(fc));
    assert_eq!(session[members[0]].club.as_ref().and_then(|club| club.key().cloned()), some("fc"));
    session[fc].name = "still there".into();
    session.commit().await?;
    assert_eq!(
        engine.fetch_all(columns((Club::CODE, Club::NAME))).await?,
        [("fc".to_owned(), "still there".to_owned())]
    );
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_deletion_after_a_change_of_the_key_finds_the_row(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let fc = session.add(club("fc"));
    session.commit().await?;
    session[fc].code = "never written".into();
    session.delete(fc)?;
    session.commit().await?;
    assert_eq!(engine.count(select::<Club>()).await?, 0);
    assert_eq!(session.state(fc)?, ObjectState::Deleted);
    Ok(())
}
