//! Optimistic versions: a row that somebody else wrote in the meantime is never overwritten.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::sql::TrustedSql;
use orm_core::types::Xid;
use orm_testkit::assert_queries;
use orm_tests::models::versions::{Account, Base, Page, Player, Sheet, Team};
use std::time::Duration;

fn accounts(count: i64) -> impl Iterator<Item = Account> {
    (0..count).map(|n| Account::builder().balance(n).build())
}

/// Somebody else changes an account.
async fn change(engine: &Engine, id: i64) {
    let mut account = Account::find(engine, id).await.unwrap().unwrap();
    account.balance += 100;
    account.update(engine).await.unwrap();
}

async fn in_database(engine: &Engine) -> Vec<(i64, i64, i32)> {
    let query = columns((Account::ID, Account::BALANCE, Account::VERSION)).order_by(Account::ID);
    engine.fetch_all(query).await.unwrap()
}

#[orm_testkit::test(base = Base)]
async fn a_version_starts_at_one_and_grows_with_every_update(engine: Engine) {
    let mut session = engine.session();
    let one = session.add(Account::builder().balance(5).version(77));
    assert_eq!(session[one].version, 77, "nothing happens before the flush");
    assert_queries!(session, 1, { session.commit().await.unwrap() });
    assert_eq!(session[one].version, 1);
    session[one].balance = 6;
    assert_eq!(session.flush_plan().unwrap().to_string(), "update 1 row of account (balance, version)");
    assert_eq!(session[one].version, 1, "a plan changes nothing");
    assert_queries!(session, 1, { session.commit().await.unwrap() });
    session[one].owner = Some("Ann".into());
    session.flush().await.unwrap();
    assert_eq!(session[one].version, 3);
    session[one].owner = None;
    session.commit().await.unwrap();
    assert_eq!(session[one].version, 4);
    assert_queries!(session, 0, { session.commit().await.unwrap() });
    assert_eq!(in_database(&engine).await, [(1, 6, 4)]);
}

#[orm_testkit::test(base = Base)]
async fn rows_of_other_programs_have_a_version(engine: Engine) {
    engine.execute_script("INSERT INTO account (balance) VALUES (5)").await.unwrap();
    engine.execute_script("INSERT INTO sheet (shelf, name, text) VALUES (1, 'a', '')").await.unwrap();
    let mut session = engine.session();
    let account = session.get_one::<Account>(1).await.unwrap();
    let sheet = session.get_one::<Sheet>((1, "a".to_owned())).await.unwrap();
    assert_eq!(session[account].version, 1);
    session[account].balance = 6;
    session[sheet].text = "x".into();
    session.commit().await.unwrap();
    assert_eq!(in_database(&engine).await, [(1, 6, 2)]);
}

#[orm_testkit::test(base = Base)]
async fn batches_have_versions_too(engine: Engine) {
    let mut session = engine.session();
    let all = session.add_all(accounts(50));
    session.commit().await.unwrap();
    assert!(all.iter().all(|one| session[*one].version == 1));
    all.iter().for_each(|one| session[*one].balance += 10);
    assert_queries!(session, 1, { session.commit().await.unwrap() });
    assert!(all.iter().all(|one| session[*one].version == 2));
    assert!(in_database(&engine).await.iter().all(|row| row.1 == row.0 + 9 && row.2 == 2));
}

#[orm_testkit::test(base = Base)]
async fn a_stale_update_names_model_and_key(engine: Engine) {
    let mut session = engine.session();
    let all = session.add_all(accounts(5));
    session.commit().await.unwrap();
    change(&engine, 3).await;

    // A single statement without BEGIN; in a flush; with COMMIT in the same flight.
    for way in ["alone", "flush", "commit"] {
        if way == "commit" {
            session.begin().await.unwrap();
        }
        session[all[2]].balance = 0;
        let result = if way == "flush" { session.flush().await } else { session.commit().await };
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Account")), "{way}");
        assert!(error.to_string().contains("with the keys 3;"), "{way}: {error}");
        assert!(!session.is_active());
        session.rollback().await.unwrap();
        assert_eq!((session[all[2]].balance, session[all[2]].version), (2, 1), "{way}");
    }
    assert_eq!(in_database(&engine).await[2], (3, 102, 2));
}

#[orm_testkit::test(base = Base)]
async fn a_stale_row_in_a_batch_takes_all_of_it_back(engine: Engine) {
    let mut session = engine.session();
    let all = session.add_all(accounts(6));
    session.commit().await.unwrap();
    change(&engine, 2).await;
    Account::find(&engine, 5).await.unwrap().unwrap().delete(&engine).await.unwrap();
    let before = in_database(&engine).await;
    for commit in [true, false] {
        all.iter().for_each(|one| session[*one].balance = -1);
        let result = if commit { session.commit().await } else { session.flush().await };
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Account")));
        assert!(error.to_string().contains("with the keys 2 5;"), "{error}");
        session.rollback().await.unwrap();
        assert!(all.iter().all(|one| session[*one].version == 1));
    }
    assert_eq!(in_database(&engine).await, before, "all or nothing");
}

#[orm_testkit::test(base = Base)]
async fn stale_deletes_are_refused_however_they_travel(engine: Engine) {
    let mut session = engine.session();
    let all = session.add_all(accounts(4));
    session.commit().await.unwrap();
    change(&engine, 1).await;
    let before = in_database(&engine).await;
    for (count, way) in [(1, "alone"), (1, "flush"), (1, "commit"), (4, "flush"), (4, "commit")] {
        if way == "commit" {
            session.begin().await.unwrap();
        }
        all[..count].iter().for_each(|one| session.delete(*one).unwrap());
        let result = if way == "flush" { session.flush().await } else { session.commit().await };
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Account")), "{count} {way}");
        assert!(error.to_string().contains("with the keys 1;"), "{count} {way}: {error}");
        session.rollback().await.unwrap();
        assert_eq!(in_database(&engine).await, before, "{count} {way}");
    }
    all[1..].iter().for_each(|one| session.delete(*one).unwrap());
    assert_queries!(session, 1, { session.commit().await.unwrap() });
    assert_eq!(in_database(&engine).await, [(1, 100, 2)]);
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_restores_the_version(engine: Engine) {
    let mut session = engine.session();
    let one = session.add(Account::builder().balance(1));
    session.commit().await.unwrap();
    for balance in [2, 3] {
        session[one].balance = balance;
        session.flush().await.unwrap();
    }
    assert_eq!(session[one].version, 3);
    session.rollback().await.unwrap();
    assert_eq!((session[one].balance, session[one].version), (1, 1));
    session[one].balance = 4;
    session.commit().await.unwrap();
    assert_eq!(in_database(&engine).await, [(1, 4, 2)]);

    let new = session.add(Account::builder().balance(9));
    session.flush().await.unwrap();
    session[new].balance = 8;
    session.flush().await.unwrap();
    session.rollback().await.unwrap();
    session.add_again(new).unwrap();
    session.commit().await.unwrap();
    assert_eq!(session[new].version, 1, "inserted anew");
}

#[orm_testkit::test(base = Base)]
async fn a_version_is_not_the_programs_to_write(engine: Engine) {
    let mut session = engine.session();
    let one = session.add(Account::builder().balance(1));
    session.commit().await.unwrap();
    session[one].version = 9;
    for error in [session.flush_plan().unwrap_err(), session.commit().await.unwrap_err()] {
        assert_eq!((error.kind(), error.model()), (ErrorKind::ReadOnly, Some("Account")));
        assert_eq!(error.column(), Some("version"));
    }
    assert!(session.is_active(), "nothing was sent");
    session[one].version = 1;
    session[one].balance = 2;
    session.commit().await.unwrap();
    assert_eq!(session[one].version, 2);
}

#[orm_testkit::test(base = Base)]
async fn a_savepoint_restores_the_version_that_it_had(engine: Engine) {
    let mut session = engine.session();
    let one = session.add(Account::builder().balance(1));
    let page = session.add(Page::builder().text("a"));
    session.commit().await.unwrap();
    session[one].balance = 2;
    session[page].text = "b".into();
    session.flush().await.unwrap();
    let before = session[page].row_version;
    let mut nested = session.begin_nested().await.unwrap();
    nested[one].balance = 3;
    nested[page].text = "c".into();
    nested.flush().await.unwrap();
    assert_eq!(nested[one].version, 3);
    nested.rollback().await.unwrap();
    assert_eq!((session[one].balance, session[one].version, session[page].row_version), (2, 2, before));
    session[one].balance = 4;
    session[page].text = "d".into();
    session.commit().await.unwrap();
    assert_eq!(in_database(&engine).await, [(1, 4, 3)]);
}

#[orm_testkit::test(base = Base)]
async fn refreshing_a_stale_object_makes_it_writable(engine: Engine) {
    let mut session = engine.session();
    let one = session.add(Account::builder().balance(1));
    session.commit().await.unwrap();
    change(&engine, 1).await;
    session.expire(one).unwrap();
    session.refresh(one).await.unwrap();
    assert_eq!((session[one].balance, session[one].version), (101, 2));
    session[one].balance += 1;
    session.commit().await.unwrap();
    assert_eq!(in_database(&engine).await, [(1, 102, 3)]);
}

#[orm_testkit::test(base = Base)]
async fn merging_an_old_version_is_a_stale_write(engine: Engine) {
    let mut session = engine.session();
    let one = session.add(Account::builder().balance(1));
    session.commit().await.unwrap();
    let old = session[one].clone();
    change(&engine, 1).await;
    let mut session = engine.session();
    let error = session.merge(Account { balance: 7, ..old.clone() }).await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Account")));
    session.rollback().await.unwrap();
    let one = session.merge(Account { balance: 7, version: 2, ..old }).await.unwrap();
    session.commit().await.unwrap();
    assert_eq!((session[one].version, in_database(&engine).await), (3, vec![(1, 7, 3)]));
}

#[orm_testkit::test(base = Base)]
async fn bulk_calls_insert_versions_and_never_pass_them_by(engine: Engine) {
    let mut session = engine.session();
    let made = session.bulk_save_objects_returning(accounts(3)).await.unwrap();
    assert!(made.iter().all(|account| account.version == 1));
    session.commit().await.unwrap();
    let error = session.bulk_save_objects(made).await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::WrongState, Some("Account")));
    assert_eq!(in_database(&engine).await, [(1, 0, 1), (2, 1, 1), (3, 2, 1)]);
}

#[orm_testkit::test(base = Base)]
async fn times_are_versions_that_only_grow(engine: Engine) {
    let mut session = engine.session();
    let sheets = session.add_all((0..3).map(|n| Sheet::builder().shelf(n).name("a").text("")));
    let began = Utc::now();
    session.commit().await.unwrap();
    let first = session[sheets[0]].written_at.unwrap();
    assert!((first - began).num_seconds().abs() < 60);
    assert_eq!(first.timestamp_subsec_nanos() % 1_000, 0, "as exact as the database keeps it");

    // The clock of the writer before us went wrong: ours goes on from there.
    let ahead = first + Duration::from_secs(86_400);
    let text = format!("UPDATE sheet SET written_at = '{}'", ahead.to_rfc3339());
    engine.execute_script(TrustedSql::new(text.clone())).await.unwrap();
    let mut session = engine.session();
    let sheets = session.query::<Sheet>().order_by(Sheet::SHELF).all().await.unwrap();
    for change in 1..=3 {
        sheets.iter().for_each(|sheet| session[*sheet].text.push('x'));
        assert_queries!(session, 1, { session.commit().await.unwrap() });
        let expected = ahead + Duration::from_micros(change);
        assert!(sheets.iter().all(|sheet| session[*sheet].written_at == expected));
    }
    let stored = engine.fetch_all(columns(Sheet::WRITTEN_AT)).await.unwrap();
    assert!(stored.iter().all(|time| session[sheets[0]].written_at == *time));

    engine.execute_script("UPDATE sheet SET written_at = now() WHERE shelf = 1").await.unwrap();
    sheets.iter().for_each(|sheet| session[*sheet].text.clear());
    let error = session.commit().await.unwrap_err();
    assert!(error.to_string().contains("with the keys 1,a;"), "{error}");
    session.rollback().await.unwrap();
    assert_eq!(session[sheets[1]].text, "xxx");
}

#[orm_testkit::test(base = Base)]
async fn the_system_column_is_a_version(engine: Engine) {
    let table = Base::metadata().unwrap().table("page").unwrap();
    assert!(table.column("xmin").is_none());
    let mut session = engine.session();
    let pages = session.add_all(["a", "b", "c"].map(|text| Page::builder().text(text)));
    session.commit().await.unwrap();
    let first: Xid = session[pages[0]].row_version.unwrap();
    let stored = engine.fetch_all(columns(Page::ROW_VERSION)).await.unwrap();
    assert_eq!(stored, [first; 3]);

    pages.iter().for_each(|page| session[*page].text.push('!'));
    assert_queries!(session, 1, { session.commit().await.unwrap() });
    assert!(pages.iter().all(|page| session[*page].row_version != first));
    session[pages[0]].text.push('!');
    assert_queries!(session, 1, { session.commit().await.unwrap() });
    let found = engine.fetch_one(select::<Page>().filter(Page::ID.eq(1))).await.unwrap();
    assert_eq!(found, session[pages[0]]);
    assert_eq!(
        engine
            .count(select::<Page>().filter(Page::ROW_VERSION.eq(found.row_version.unwrap())))
            .await
            .unwrap(),
        1
    );

    // Twice in one transaction, and back.
    for text in ["x", "y"] {
        session[pages[1]].text = text.into();
        session.flush().await.unwrap();
    }
    session.rollback().await.unwrap();
    session[pages[1]].text = "z".into();
    session.commit().await.unwrap();

    engine.execute_script("UPDATE page SET text = 'other' WHERE id IN (1, 3)").await.unwrap();
    pages.iter().for_each(|page| session[*page].text.clear());
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Page")));
    assert!(error.to_string().contains("with the keys 1 3;"), "{error}");
    session.rollback().await.unwrap();
    session.delete(pages[0]).unwrap();
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::StaleData);
    session.rollback().await.unwrap();
    session.delete(pages[1]).unwrap();
    session.commit().await.unwrap();

    session.add(Page::builder().text("d").row_version(Xid(7)));
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::ReadOnly);
}

#[orm_testkit::test(base = Base)]
async fn versions_in_a_circle_of_tables(engine: Engine) {
    let mut session = engine.session();
    let mut made = Vec::new();
    for _ in 0..2 {
        let team = session.add(Team::builder());
        let player = session.add(Player::builder().team(team));
        session[team].captain = Some(player.into());
        made.push((team, player));
    }
    session.commit().await.unwrap();
    assert!(made.iter().all(|(_, player)| session[*player].version == 1));

    // Their references are cleared before they go: that compares the versions.
    for (team, player) in &made {
        session.delete(*team).unwrap();
        session.delete(*player).unwrap();
    }
    engine.execute_script("UPDATE team SET captain_id = NULL WHERE id = 2").await.unwrap();
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Team")));
    assert!(error.to_string().contains("with the keys 2;"), "{error}");
    session.rollback().await.unwrap();
    session.delete(made[0].0).unwrap();
    session.delete(made[0].1).unwrap();
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Team>()).await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn single_rows_without_a_session_have_versions(engine: Engine) {
    let mut mine = Account::builder().balance(1).build();
    mine.insert(&engine).await.unwrap();
    assert_eq!(mine.version, 1);
    let mut other = Account::find(&engine, 1).await.unwrap().unwrap();
    mine.balance = 2;
    mine.update(&engine).await.unwrap();
    mine.balance = 3;
    mine.update(&engine).await.unwrap();
    assert_eq!(mine.version, 3);
    for error in [other.update(&engine).await.unwrap_err(), other.delete(&engine).await.unwrap_err()] {
        assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Account")));
        assert!(error.to_string().contains("with the keys 1;"), "{error}");
    }
    assert_eq!((other.version, in_database(&engine).await), (1, vec![(1, 3, 3)]));
    mine.delete(&engine).await.unwrap();

    let mut page = Page::builder().text("a").build();
    page.insert(&engine).await.unwrap();
    let mut stale = page.clone();
    page.text = "b".into();
    page.update(&engine).await.unwrap();
    assert_eq!(stale.update(&engine).await.unwrap_err().kind(), ErrorKind::StaleData);
    page.delete(&engine).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn increments_that_try_again_lose_nothing() {
    const TASKS: i64 = 64;
    const EACH: i64 = 20;
    let database = orm_testkit::database_of::<Base>().await.unwrap();
    let engine = Engine::builder(database.url()).pool_size(3).build().unwrap();
    Account::builder().balance(0).build().insert(&engine).await.unwrap();
    let one = async |engine: &Engine| -> orm_core::Result<()> {
        let mut session = engine.session();
        // The transaction keeps its connection, so that no more meet than the pool has: three.
        session.begin().await?;
        let account = session.get_one::<Account>(1).await?;
        session[account].balance += 1;
        let outcome = session.commit().await;
        if outcome.is_err() {
            session.rollback().await?; // gives the connection back
        }
        outcome
    };
    let task = |engine: Engine| async move {
        for _ in 0..EACH {
            while let Err(error) = one(&engine).await {
                assert_eq!(error.kind(), ErrorKind::StaleData, "{error}");
            }
        }
    };
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..TASKS {
        tasks.spawn(task(engine.clone()));
    }
    tasks.join_all().await;
    assert_eq!(in_database(&engine).await, [(1, TASKS * EACH, i32::try_from(TASKS * EACH).unwrap() + 1)]);
}
