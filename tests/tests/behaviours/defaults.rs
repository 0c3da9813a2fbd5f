//! Values that the program leaves to a default, of its own or of the database.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_tests::models::settings::{Base, Counter, Remark, Setting, Voucher};
use orm_tests::models::values::{self, Values};

fn setting(name: &str) -> Setting {
    Setting::builder().name(name).build()
}

/// A trigger that writes the label.
const TRIGGER: &str = "CREATE FUNCTION label() RETURNS trigger LANGUAGE plpgsql AS \
    $$ BEGIN NEW.label = TG_OP || ' ' || NEW.name; RETURN NEW; END $$; \
    CREATE TRIGGER label BEFORE INSERT OR UPDATE ON setting FOR EACH ROW EXECUTE FUNCTION label()";

#[orm_testkit::test(base = Base)]
async fn values_of_the_database_come_back_with_the_insertion(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let one = session.add(setting("one"));
    orm_testkit::assert_queries!(session, 1, { session.commit().await? });
    assert!(session[one].id.is_set() && session[one].created_at.is_set());
    assert_eq!((session[one].size, &session[one].label.get().unwrap()[..]), (Auto::Set(10), "none"));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn values_of_many_rows_come_back_with_one_insertion(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let all = session.add_all((0..30).map(|n| {
        let mut one = setting(&n.to_string());
        if n % 3 == 0 {
            one.size = Auto::Set(n);
        }
        if n % 2 == 0 {
            one.label = Auto::Set(format!("label {n}"));
        }
        one
    }));
    session.commit().await?;
    for (n, handle) in (0..30).zip(all) {
        let row = Setting::find(&engine, session[handle].id.unwrap()).await?.unwrap();
        assert_eq!((row.name, row.size), (n.to_string(), Auto::Set(if n % 3 == 0 { n } else { 10 })));
        assert_eq!(session[handle].label, row.label);
        assert_eq!(session[handle].size, row.size);
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn defaults_of_the_program_are_there_before_the_flush(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let one = session.add(setting("one"));
    assert_eq!((&session[one].language[..], session[one].tries), ("en", Some(3)));
    let two = session.add(Setting { language: "de".into(), tries: None, ..setting("two") });
    session.commit().await?;
    let found = engine.fetch_all(columns((Setting::LANGUAGE, Setting::TRIES)).order_by(Setting::ID)).await?;
    assert_eq!(found, [("en".to_owned(), Some(3)), ("de".to_owned(), None)]);
    assert_eq!(session[two].tries, None, "nothing is not the default");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn defaults_are_not_applied_to_updates(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let one = session.add(Setting::builder().name("one").size(1).language("de"));
    session.commit().await?;
    session[one].name = "changed".into();
    session[one].tries = None;
    session.commit().await?;
    let row = Setting::find(&engine, 1).await?.unwrap();
    assert_eq!((row.size, &row.language[..], row.tries), (Auto::Set(1), "de", None));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_value_of_the_database_can_be_changed_like_any_other(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let one = session.add(setting("one"));
    session.commit().await?;
    session[one].size = Auto::Set(10);
    assert!(session.flush_plan()?.is_empty(), "that it has");
    session[one].size = Auto::Set(11);
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of setting (size)");
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Setting::SIZE)).await?, 11);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_row_of_defaults_alone_is_inserted(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let one = session.add(Counter::builder());
    session.commit().await?;
    let more = session.add_all((0..3).map(|_| Counter::builder()));
    orm_testkit::assert_queries!(session, 1, { session.commit().await? });
    assert_eq!(session[one].id, Auto::Set(1));
    let mut keys: Vec<i64> = more.iter().map(|handle| session[*handle].id.unwrap()).collect();
    keys.sort_unstable();
    assert_eq!(keys, [2, 3, 4]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_a_trigger_writes_comes_back_with_an_insertion(engine: Engine) -> orm_core::Result<()> {
    engine.execute_script(TRIGGER).await?;
    let mut session = engine.session();
    let all = session.add_all(["a", "b"].map(setting));
    session.commit().await?;
    let labels: Vec<&str> = all.iter().map(|handle| &session[*handle].label.get().unwrap()[..]).collect();
    assert_eq!(labels, ["INSERT a", "INSERT b"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_a_trigger_writes_at_an_update_is_seen_by_a_refresh(engine: Engine) -> orm_core::Result<()> {
    engine.execute_script(TRIGGER).await?;
    let mut session = engine.session();
    let one = session.add(setting("a"));
    session.commit().await?;
    session[one].name = "b".into();
    session.commit().await?;
    assert_eq!(session[one].label.get().unwrap(), "INSERT a", "the last that the session knows");
    session.refresh(one).await?;
    assert_eq!(session[one].label.get().unwrap(), "UPDATE b");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_row_with_defaults_is_referred_to_in_the_same_flush(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let one = session.add(Setting::builder().name("one").remarks([Remark::builder(), Remark::builder()]));
    session.commit().await?;
    let texts: Vec<String> =
        session.at(one).related(Setting::REMARKS)?.map(|remark| remark.text.clone().unwrap()).collect();
    assert_eq!(texts, ["none", "none"]);
    assert_eq!(session[one].size, Auto::Set(10), "although its key was reserved");
    assert_eq!(engine.count(select::<Remark>().filter(Remark::SETTING_ID.eq(1))).await?, 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_key_that_an_expression_makes_comes_back(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let all = session.add_all((1..4).map(|cents| Voucher::builder().cents(cents)));
    let own = session.add(Voucher::builder().code("OWN".to_owned()).cents(9));
    session.commit().await?;
    for handle in all.iter().chain([&own]) {
        let code = session[*handle].code.clone().unwrap();
        assert_eq!(Voucher::find(&engine, code.clone()).await?.unwrap().cents, session[*handle].cents);
        assert_eq!(session.get::<Voucher>(code).await?, Some(*handle), "it is the identity");
    }
    assert_eq!(session[own].code, Auto::Set("OWN".to_owned()));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_key_of_the_program_beside_keys_of_the_database(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let own = session.add(Setting::builder().id(100).name("own"));
    let given = session.add(setting("given"));
    session.commit().await?;
    assert_eq!((session[own].id, session[given].id), (Auto::Set(100), Auto::Set(1)));
    assert_eq!(session[own].size, Auto::Set(10));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_default_that_a_rollback_took_back_is_drawn_again(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let one = session.add(setting("one"));
    session.flush().await?;
    let before = session[one].id.unwrap();
    session.rollback().await?;
    assert!(!session[one].id.is_set() && !session[one].size.is_set());
    session.add_again(one)?;
    session.commit().await?;
    assert!(session[one].id.unwrap() > before);
    assert_eq!(session[one].size, Auto::Set(10));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_default_that_the_table_has_otherwise_than_the_model_counts(
    engine: Engine,
) -> orm_core::Result<()> {
    engine.execute_script("ALTER TABLE setting ALTER size SET DEFAULT 77").await?;
    let mut session = engine.session();
    let all = session.add_all(["a", "b"].map(setting));
    session.commit().await?;
    assert!(all.iter().all(|handle| session[*handle].size == Auto::Set(77)));
    Ok(())
}

#[orm_testkit::test(base = values::Base)]
async fn a_required_column_without_a_default_is_given_by_the_program(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let row = session.add(Values { text: String::new(), ..values::values("v", false) });
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Values::TEXT)).await?, "", "empty, not NULL");
    session[row].id = Auto::Unset;
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Unset, Some("id")));
    Ok(())
}
