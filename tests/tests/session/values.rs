//! Values that are not simply assigned: defaults, `onupdate`, generated columns, SQL expressions.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::{value, when};
use orm_testkit::assert_queries;
use orm_tests::models::versions::{Account, Base, Item, Player, Word};
use std::collections::HashSet;

fn items(count: i64) -> impl Iterator<Item = Item> {
    (1..=count).map(|n| Item::builder().price(n).build())
}

async fn stored(engine: &Engine) -> Vec<Item> {
    engine.fetch_all(select::<Item>().order_by(Item::ID)).await.unwrap()
}

#[orm_testkit::test(base = Base)]
async fn defaults_are_made_with_the_object(engine: Engine) {
    let item = Item::builder().price(3).build();
    assert_eq!((item.count, item.weight, &item.label[..]), (1, 0.5, "item 2"));
    assert_eq!((&item.written_by[..], item.number, item.total), ("maker", None, Auto::Unset));
    let item = Item::builder().price(3).count(4).label("own").written_by("me").build();
    assert_eq!((item.count, &item.label[..], &item.written_by[..]), (4, "own", "me"));
    let mut session = engine.session();
    let item = session.add(item);
    session.commit().await.unwrap();
    assert_eq!((&session[item].written_by[..], session[item].number), ("me", None), "no UPDATE, no onupdate");
    assert_eq!(stored(&engine).await, [session[item].clone()]);
}

#[orm_testkit::test(base = Base)]
async fn an_update_sets_what_onupdate_says(engine: Engine) {
    let mut session = engine.session();
    let all = session.add_all(items(3));
    session.commit().await.unwrap();
    all.iter().for_each(|one| session[*one].count += 1);
    session[all[1]].written_by = "myself".into();
    let plan = session.flush_plan().unwrap();
    assert_eq!(plan.steps()[0].to_string(), "update 3 rows of item (count, written_by, number)");
    assert_eq!(session[all[0]].written_by, "maker", "a plan changes nothing");
    session.commit().await.unwrap();
    let written: Vec<&str> = all.iter().map(|one| &session[*one].written_by[..]).collect();
    assert_eq!(written, ["changer", "myself", "changer"]);
    let numbers: HashSet<i64> = all.iter().map(|one| session[*one].number.unwrap()).collect();
    assert_eq!(numbers.len(), 3, "each row has its own value");
    let now: Vec<Item> = all.iter().map(|one| session[*one].clone()).collect();
    assert_eq!(stored(&engine).await, now);

    // Nothing changed: nothing is written. Only the column itself: that, and the other one.
    assert_queries!(session, 0, { session.commit().await.unwrap() });
    session[all[0]].written_by = "me".into();
    session.flush().await.unwrap();
    assert_eq!(session[all[0]].written_by, "me");
    assert!(!numbers.contains(&session[all[0]].number.unwrap()));
    session.rollback().await.unwrap();
    assert_eq!(session[all[0]], now[0]);

    let mut one = Item::find(&engine, 1).await.unwrap().unwrap();
    one.price = 50;
    one.update(&engine).await.unwrap();
    assert_eq!((&one.written_by[..], one.total), ("changer", Auto::Set(100)));
    assert_eq!(stored(&engine).await[0], one);
}

#[orm_testkit::test(base = Base)]
async fn generated_columns_come_back_and_are_never_written(engine: Engine) {
    let mut session = engine.session();
    let all = session.add_all(items(40));
    assert_queries!(session, 1, { session.commit().await.unwrap() });
    assert!(all.iter().all(|one| session[*one].total == session[*one].price * 2));
    // Half of them in another order, one statement for all.
    for (n, one) in all.iter().rev().enumerate() {
        session[*one].price = 1_000 + i64::try_from(n).unwrap() * 7;
    }
    let plan = session.flush_plan().unwrap().to_string();
    assert_eq!(plan, "update 40 rows of item (price, written_by, number)");
    assert_queries!(session, 1, { session.commit().await.unwrap() });
    assert!(all.iter().all(|one| session[*one].total == session[*one].price * 2));
    for one in [all[3], all[4]] {
        session[one].price = 5;
        session.flush().await.unwrap();
        assert_eq!(session[one].total, 10);
    }
    session.rollback().await.unwrap();
    assert!(
        all.iter().all(|one| session[*one].total == session[*one].price * 2 && session[*one].price >= 1_000)
    );

    session[all[0]].total = Auto::Set(1);
    let error = session.commit().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.model(), error.column()),
        (ErrorKind::ReadOnly, Some("Item"), Some("total"))
    );
    assert!(session.is_active(), "nothing was sent");
    session.rollback().await.unwrap();
    session.add(Item { id: Auto::Unset, ..session[all[0]].clone() });
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::ReadOnly);
    let mut copy = Item { id: Auto::Unset, ..session[all[0]].clone() };
    assert_eq!(copy.insert(&engine).await.unwrap_err().kind(), ErrorKind::ReadOnly);
    copy.total = Auto::Unset;
    copy.insert(&engine).await.unwrap();
    assert_eq!(copy.total, copy.price * 2);
}

#[orm_testkit::test(base = Base)]
async fn what_comes_back_finds_its_row_when_the_key_changes(engine: Engine) {
    let mut session = engine.session();
    let words = session.add_all(["a", "bb", "ccc"].map(|text| Word::builder().text(text).seen(1)));
    session.commit().await.unwrap();
    let lengths =
        |session: &Session| words.iter().map(|word| session[*word].length.unwrap()).collect::<Vec<_>>();
    assert_eq!(lengths(&session), [1, 2, 3]);
    for (word, text) in words.iter().zip(["aaaaaa", "bbbbb", "cccc"]) {
        session[*word].text = text.into();
    }
    assert_queries!(session, 1, { session.commit().await.unwrap() });
    assert_eq!(lengths(&session), [6, 5, 4]);
    assert!(words.iter().all(|word| session[*word].version == 2));
    assert_eq!(session.get::<Word>("cccc".to_owned()).await.unwrap(), Some(words[2]));
}

#[orm_testkit::test(base = Base)]
async fn the_database_computes_what_a_flush_sets(engine: Engine) {
    let mut session = engine.session();
    let one = session.add(Item::builder().price(10));
    session.commit().await.unwrap();
    engine.execute_script("UPDATE item SET price = 100, count = 7").await.unwrap();

    session.set(one, Item::PRICE, Item::PRICE * 2 + 5).unwrap();
    session.set(one, Item::BEFORE, Item::COUNT).unwrap();
    session.set(one, Item::WEIGHT, Item::WEIGHT / 4.0 - Item::WEIGHT).unwrap();
    session.set(one, Item::LABEL, "set").unwrap();
    assert_eq!((session[one].price, session[one].before, &session[one].label[..]), (10, None, "set"));
    assert_eq!(
        session.flush_plan().unwrap().to_string(),
        "update 1 row of item (label, written_by, number, price = (\"price\" * $1) + $2, before = \"count\", \
         weight = (\"weight\" / $1) - \"weight\")"
    );
    assert_queries!(session, 1, { session.commit().await.unwrap() });
    let item = &session[one];
    assert_eq!((item.price, item.total, item.before, item.weight), (205, Auto::Set(410), Some(7), -0.375));
    assert_eq!(item.count, 1, "what is not written is as it was read");
    assert_queries!(session, 0, { session.commit().await.unwrap() });
    assert_eq!(stored(&engine).await[0].price, 205);
}

#[orm_testkit::test(base = Base)]
async fn rows_with_expressions_of_one_shape_travel_together(engine: Engine) {
    let mut session = engine.session();
    let all = session.add_all(items(30));
    session.commit().await.unwrap();
    for (n, one) in (1..).zip(&all) {
        session.set(*one, Item::PRICE, Item::PRICE * n).unwrap();
        session[*one].count = 3;
    }
    let plan = session.flush_plan().unwrap();
    assert_eq!(
        plan.to_string(),
        "update 30 rows of item (count, written_by, number, price = \"price\" * $1)"
    );
    assert_queries!(session, 1, { session.commit().await.unwrap() });
    let squares: Vec<i64> = (1..=30).map(|n| n * n).collect();
    assert_eq!(all.iter().map(|one| session[*one].price).collect::<Vec<_>>(), squares);
    assert!(all.iter().all(|one| session[*one].total == session[*one].price * 2));

    // Inside a transaction, and with another shape beside: one statement a shape.
    for one in &all {
        session.set(*one, Item::PRICE, Item::PRICE - 1).unwrap();
    }
    session.set(all[7], Item::PRICE, Item::PRICE - Item::ID).unwrap();
    assert_eq!(session.flush_plan().unwrap().steps().len(), 2);
    session.flush().await.unwrap();
    assert_eq!((session[all[0]].price, session[all[7]].price), (0, 64 - 8));
    session.rollback().await.unwrap();
    assert_eq!((session[all[0]].price, session[all[7]].price), (1, 64));
    assert_queries!(session, 0, { session.commit().await.unwrap() });
}

#[orm_testkit::test(base = Base)]
async fn the_last_word_on_a_column_counts(engine: Engine) {
    let mut session = engine.session();
    let one = session.add(Item::builder().price(10));
    session.commit().await.unwrap();

    // An assignment after the expression, by handle and by `set`.
    session.set(one, Item::PRICE, Item::PRICE * 2).unwrap();
    session[one].price = 11;
    session.commit().await.unwrap();
    assert_eq!(session[one].price, 11);
    session.set(one, Item::PRICE, Item::PRICE * 2).unwrap();
    session.set(one, Item::PRICE, 11).unwrap();
    assert_queries!(session, 0, { session.commit().await.unwrap() });

    // An expression after the assignment, and after another expression.
    session[one].price = 50;
    session.set(one, Item::PRICE, Item::PRICE + 1).unwrap();
    session.set(one, Item::PRICE, Item::PRICE + 2).unwrap();
    assert_eq!(session[one].price, 50, "the assigned value is what is read until the flush");
    session.commit().await.unwrap();
    assert_eq!(session[one].price, 13);

    // A rollback, and a deletion.
    session.set(one, Item::PRICE, Item::PRICE * 2).unwrap();
    session.rollback().await.unwrap();
    assert_queries!(session, 0, { session.commit().await.unwrap() });
    session.set(one, Item::PRICE, Item::PRICE * 2).unwrap();
    session.delete(one).unwrap();
    assert_eq!(session.flush_plan().unwrap().to_string(), "delete 1 row of item");
    session.commit().await.unwrap();
    assert_eq!(session.set(one, Item::PRICE, 1).unwrap_err().kind(), ErrorKind::Gone);
}

#[orm_testkit::test(base = Base)]
async fn expressions_live_as_long_as_other_unsaved_changes(engine: Engine) {
    let mut session = engine.session();
    let one = session.add(Item::builder().price(10));
    session.commit().await.unwrap();
    session.set(one, Item::PRICE, Item::PRICE * 2).unwrap();
    assert!(session.is_modified(one).unwrap());
    session.query::<Account>().all().await.unwrap(); // writes it first
    assert_eq!(session[one].price, 20);
    session.commit().await.unwrap();

    // Read again under it: it stays, and computes with what is there.
    session.expire_all();
    session.set(one, Item::PRICE, Item::PRICE + 1).unwrap();
    engine.execute_script("UPDATE item SET price = 50").await.unwrap();
    {
        let mut quiet = session.no_autoflush();
        quiet.query::<Item>().all().await.unwrap();
    }
    assert_eq!(session[one].price, 50);
    session.commit().await.unwrap();
    assert_eq!(session[one].price, 51);

    // Expired: it goes with the other changes.
    session.set(one, Item::PRICE, Item::PRICE + 1).unwrap();
    session.expire(one).unwrap();
    session.refresh(one).await.unwrap();
    session[one].count = 5;
    session.commit().await.unwrap();
    assert_eq!((session[one].price, stored(&engine).await[0].price), (51, 51));
}

#[orm_testkit::test(base = Base)]
async fn versions_and_expressions_go_together(engine: Engine) {
    let mut session = engine.session();
    let all = session.add_all((0..4).map(|n| Account::builder().balance(n)));
    session.commit().await.unwrap();
    for way in ["flush", "commit"] {
        for one in &all {
            session.set(*one, Account::BALANCE, Account::BALANCE + 10).unwrap();
        }
        if way == "flush" {
            session.flush().await.unwrap();
        }
        session.commit().await.unwrap();
    }
    let now: Vec<_> = all.iter().map(|one| (session[*one].balance, session[*one].version)).collect();
    assert_eq!(now, [(20, 3), (21, 3), (22, 3), (23, 3)]);

    engine.execute_script("UPDATE account SET version = 9 WHERE id = 2").await.unwrap();
    for count in [4, 2] {
        session.begin().await.unwrap();
        for one in &all[..count] {
            session.set(*one, Account::BALANCE, Account::BALANCE + 10).unwrap();
        }
        let error = session.commit().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StaleData);
        assert!(error.to_string().contains("with the keys 2;"), "{error}");
        session.rollback().await.unwrap();
    }
    session.begin().await.unwrap();
    session.set(all[1], Account::BALANCE, Account::BALANCE + 10).unwrap();
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::StaleData, "the only row of a flight");
    session.rollback().await.unwrap();
    session.begin().await.unwrap();
    session.set(all[0], Account::BALANCE, Account::BALANCE + 10).unwrap();
    session.commit().await.unwrap();
    assert_eq!((session[all[0]].balance, session[all[0]].version), (30, 4));
}

#[orm_testkit::test(base = Base)]
async fn what_cannot_be_set_is_a_typed_error(engine: Engine) {
    let mut session = engine.session();
    let new = session.add(Item::builder().price(10));
    let error = session.set(new, Item::PRICE, Item::PRICE * 2).unwrap_err();
    assert_eq!(
        (error.kind(), error.model(), error.column()),
        (ErrorKind::WrongState, Some("Item"), Some("price"))
    );
    session.set(new, Item::PRICE, 12).unwrap();
    session.commit().await.unwrap();
    assert_eq!((session[new].price, session[new].total), (12, Auto::Set(24)));

    let generated = session.set(new, Item::TOTAL, 5).unwrap_err();
    let key = session.set(new, Item::ID, Item::ID + 1).unwrap_err();
    let word = session.add(Word::builder().text("a").seen(i16::MAX));
    let version = session.set(word, Word::VERSION, Word::VERSION + 1).unwrap_err();
    session.commit().await.unwrap();
    for (error, column) in [(generated, "total"), (key, "id"), (version, "version")] {
        assert_eq!((error.kind(), error.column()), (ErrorKind::ReadOnly, Some(column)), "{error}");
    }
    let player = session.add(Player::builder().team_key(7));
    let error = session.set(player, Player::TEAM_ID, 8).unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::ReadOnly, Some("team_id")));
    assert!(error.to_string().contains("foreign key of `team`"), "{error}");
    session.rollback().await.unwrap();

    session.set(word, Word::SEEN, Word::SEEN + 1).unwrap();
    let error = session.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Database, "the server computes, and says what is too large: {error}");
    session.rollback().await.unwrap();
    assert_eq!(session[word].seen, i16::MAX);
}

#[orm_testkit::test(base = Base)]
async fn functions_and_cases_are_values_of_a_flush(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [cheap, dear] = [10, 90].map(|price| session.add(Item::builder().price(price)));
    session.commit().await?;
    for item in [cheap, dear] {
        let price = when(Item::PRICE.gt(50), value(Item::PRICE) + 5).otherwise(value(Item::PRICE) * 2);
        session.set(item, Item::PRICE, price)?;
    }
    session.commit().await?;
    assert_eq!((session[cheap].price, session[dear].price), (20, 95));
    Ok(())
}
