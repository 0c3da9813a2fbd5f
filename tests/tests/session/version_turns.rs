//! Versions of rows that new objects take over, and of rows that a flush writes twice.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::sql::TrustedSql;
use orm_core::state::ObjectState;
use orm_testkit::assert_queries;
use orm_tests::models::versions::{Account, Base, Desk, Item, Page, Seat, Sheet, Word};

fn account(id: i64, balance: i64) -> Account {
    // The version that a program gives to a new object says nothing.
    Account::builder().id(id).balance(balance).version(77).build()
}

async fn accounts(engine: &Engine) -> Vec<(i64, i64, i32)> {
    let query = columns((Account::ID, Account::BALANCE, Account::VERSION)).order_by(Account::ID);
    engine.fetch_all(query).await.unwrap()
}

#[orm_testkit::test(base = Base)]
async fn a_row_that_is_taken_over_gets_its_next_version(engine: Engine) {
    let mut session = engine.session();
    let mut old = session.add(account(7, 0));
    session.commit().await.unwrap();
    // The last one is equal to the row: that is written, too.
    for (balance, version) in [(1, 2), (2, 3), (2, 4)] {
        session.delete(old).unwrap();
        let new = session.add(account(7, balance));
        if balance == 1 {
            let plan = session.flush_plan().unwrap().to_string();
            assert_eq!(plan, "update 1 row of account (balance, version)");
        }
        assert_queries!(session, 1, { session.commit().await.unwrap() });
        assert_eq!((session[new].version, session.state(old).unwrap()), (version, ObjectState::Deleted));
        assert_eq!(accounts(&engine).await, [(7, balance, version)]);
        old = new;
    }
    session[old].balance = 9;
    session.commit().await.unwrap();
    assert_eq!(accounts(&engine).await, [(7, 9, 5)]);
}

#[orm_testkit::test(base = Base)]
async fn a_row_that_somebody_changed_is_not_taken_over(engine: Engine) {
    let mut session = engine.session();
    let old = session.add_all((1..=3).map(|id| account(id, id)));
    session.commit().await.unwrap();
    engine.execute_script("UPDATE account SET balance = 100, version = 2 WHERE id = 2").await.unwrap();
    let before = accounts(&engine).await;
    // Equal rows and others; alone, with more of them, and with COMMIT in the same flight.
    for (taken, balance) in [(1..2, 50), (1..2, 2), (0..3, 50), (0..3, 2)] {
        for commit in [true, false] {
            for handle in &old[taken.clone()] {
                let id = session[*handle].id.unwrap();
                session.delete(*handle).unwrap();
                session.add(account(id, balance));
            }
            let result = if commit { session.commit().await } else { session.flush().await };
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Account")));
            assert!(error.to_string().contains("with the keys 2;"), "{error}");
            session.rollback().await.unwrap();
            assert!(old.iter().all(|old| session[*old].version == 1));
            assert_eq!(accounts(&engine).await, before);
        }
    }
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_gives_the_row_back_to_the_old_object(engine: Engine) {
    let mut session = engine.session();
    let old = session.add(account(7, 0));
    session.commit().await.unwrap();
    session.delete(old).unwrap();
    let new = session.add(account(7, 1));
    session.flush().await.unwrap();
    assert_eq!(session[new].version, 2);
    session.rollback().await.unwrap();
    assert_eq!((session.state(old).unwrap(), session[old].version), (ObjectState::Persistent, 1));
    session[old].balance = 5;
    session.commit().await.unwrap();
    assert_eq!(accounts(&engine).await, [(7, 5, 2)]);
}

#[orm_testkit::test(base = Base)]
async fn every_kind_of_version_is_taken_over(engine: Engine) {
    let mut session = engine.session();
    let page = session.add(Page::builder().id(1).text("a"));
    let sheet = session.add(Sheet::builder().shelf(1).name("s").text("a"));
    let word = session.add(Word::builder().text("tea").seen(1));
    session.commit().await.unwrap();
    let (first, written) = (session[page].row_version.unwrap(), session[sheet].written_at.unwrap());
    session.delete(page).unwrap();
    session.delete(sheet).unwrap();
    session.delete(word).unwrap();
    let page = session.add(Page::builder().id(1).text("a"));
    let sheet = session.add(Sheet::builder().shelf(1).name("s").text("b"));
    let word = session.add(Word::builder().text("tea").seen(2));
    session.commit().await.unwrap();
    assert_ne!(session[page].row_version.unwrap(), first);
    assert!(session[sheet].written_at.unwrap() > written);
    assert_eq!((session[word].length.unwrap(), session[word].version.unwrap()), (3, 2));
    let found = engine.fetch_one(select::<Page>()).await.unwrap();
    assert_eq!(found, session[page]);

    // What the flush and the database made goes with a rollback.
    session.delete(word).unwrap();
    let again = session.add(Word::builder().text("tea").seen(3));
    session.flush().await.unwrap();
    assert_eq!((session[again].length.unwrap(), session[again].version.unwrap()), (3, 3));
    session.rollback().await.unwrap();
    assert!(session[again].length.get().is_none() && session[again].version.get().is_none());

    engine.execute_script("UPDATE page SET text = 'other'").await.unwrap();
    session.delete(page).unwrap();
    session.add(Page::builder().id(1).text("a"));
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Page")));
}

#[orm_testkit::test(base = Base)]
async fn values_of_an_update_and_generated_ones_are_made_for_the_new_object(engine: Engine) {
    let mut session = engine.session();
    let old = session.add(Item::builder().id(1).price(5));
    session.commit().await.unwrap();
    session.delete(old).unwrap();
    let new = session.add(Item::builder().id(1).price(6));
    session.commit().await.unwrap();
    let item = engine.fetch_one(select::<Item>()).await.unwrap();
    assert_eq!(item, session[new]);
    assert_eq!((item.total.unwrap(), &item.written_by[..]), (12, "changer"));
    assert!(item.number.is_some());
}

#[orm_testkit::test(base = Base)]
async fn a_row_that_is_cleared_first_gets_one_next_version(engine: Engine) {
    let mut session = engine.session();
    let seats = session.add_all((0..3).map(|n| Seat::builder().place(n).window(n)));
    let desks = session.add_all((0..3).map(|n| Desk::builder().place(n).window(n)));
    session.commit().await.unwrap();
    for turn in 1..=2 {
        for (n, (seat, desk)) in (0..).zip(seats.iter().zip(&desks)) {
            let (next, previous) = ((n + turn) % 3, (n + 3 - turn) % 3);
            (session[*seat].place, session[*seat].window) = (Some(next), Some(previous));
            (session[*desk].place, session[*desk].window) = (Some(next), Some(previous));
        }
        session.commit().await.unwrap();
        assert!(seats.iter().all(|seat| session[*seat].version == turn + 1));
        let stored = engine.fetch_all(select::<Seat>().order_by(Seat::ID)).await.unwrap();
        assert!(stored.iter().zip(&seats).all(|(stored, seat)| *stored == session[*seat]));
        let stored = engine.fetch_all(select::<Desk>().order_by(Desk::ID)).await.unwrap();
        assert!(stored.iter().zip(&desks).all(|(stored, desk)| *stored == session[*desk]));
    }
}

#[orm_testkit::test(base = Base)]
async fn a_stale_row_in_a_circle_of_values_is_refused(engine: Engine) {
    let mut session = engine.session();
    let seats = session.add_all((0..2).map(|n| Seat::builder().place(n)));
    let desks = session.add_all((0..2).map(|n| Desk::builder().place(n)));
    session.commit().await.unwrap();
    engine.execute_script("UPDATE seat SET version = 2; UPDATE desk SET \"window\" = id").await.unwrap();
    // Each of the two is the one that is cleared, or not.
    for row in 1..=2 {
        let text = format!("UPDATE seat SET version = 1 WHERE id <> {row}");
        engine.execute_script(TrustedSql::new(text.clone())).await.unwrap();
        for commit in [true, false] {
            for (seat, place) in seats.iter().zip([1, 0]) {
                session[*seat].place = Some(place);
            }
            let result = if commit { session.commit().await } else { session.flush().await };
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Seat")));
            assert!(error.to_string().contains(&format!("with the keys {row};")), "{error}");
            session.rollback().await.unwrap();
        }
        engine.execute_script("UPDATE seat SET version = 2").await.unwrap();
    }
    for (desk, place) in desks.iter().zip([1, 0]) {
        session[*desk].place = Some(place);
    }
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Desk")));
}

#[orm_testkit::test(base = Base)]
async fn a_row_that_is_taken_over_takes_part_in_turns(engine: Engine) {
    let mut session = engine.session();
    let seats = session.add_all((0..2).map(|n| Seat::builder().id(i64::from(n) + 1).place(n)));
    session.commit().await.unwrap();
    // The new object gives up the place of the deleted one, to the other row, and takes that of the other row.
    session.delete(seats[0]).unwrap();
    let new = session.add(Seat::builder().id(1).place(1));
    session[seats[1]].place = Some(0);
    session.commit().await.unwrap();
    let places = engine.fetch_all(columns((Seat::PLACE, Seat::VERSION)).order_by(Seat::ID)).await.unwrap();
    assert_eq!(places, [(Some(1), 2), (Some(0), 2)]);
    // And to a new row.
    session.delete(new).unwrap();
    session.add(Seat::builder().id(1).place(2));
    session.add(Seat::builder().id(3).place(1));
    session.commit().await.unwrap();
    let places = engine.fetch_all(columns(Seat::PLACE).order_by(Seat::ID)).await.unwrap();
    assert_eq!(places, [Some(2), Some(0), Some(1)]);
}

#[orm_testkit::test(base = Base)]
async fn a_computed_value_is_given_up_in_turns(engine: Engine) {
    let mut session = engine.session();
    let one = session.add(Seat::builder().place(1));
    session.commit().await.unwrap();
    session.set(one, Seat::PLACE, Seat::PLACE + 1).unwrap();
    session.add(Seat::builder().place(1));
    session.commit().await.unwrap();
    assert_eq!((session[one].place, session[one].version), (Some(2), 2));
    // Of one that was empty, too.
    session.set(one, Seat::WINDOW, Seat::PLACE).unwrap();
    assert_eq!(
        session.flush_plan().unwrap().to_string(),
        "update 1 row of seat (version, window = \"place\")"
    );
    session.commit().await.unwrap();
    assert_eq!((session[one].window, session[one].version), (Some(2), 3));
}
