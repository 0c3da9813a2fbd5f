//! Columns and relations that several models have from one type.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_tests::models::mixins::{Base, Note, Priced, Task, Text, Tracked, User, clashing, filled};

fn priced(price: i64) -> Priced {
    let text = Text { body: "long".to_owned().into(), title: "short".into() };
    Priced { price, double: Auto::Unset, text }
}

async fn note(engine: &Engine) -> orm_core::Result<(Session, Handle<Note>)> {
    let mut session = engine.session();
    let note = session.add(Note::builder().priced(priced(5)));
    session.commit().await?;
    Ok((session, note))
}

#[test]
fn constraints_are_called_after_each_table() {
    let tables = Base::metadata().unwrap();
    for name in ["note", "task"] {
        let table = tables.table(name).unwrap();
        assert_eq!(table.foreign_keys[0].name, format!("fk_{name}_owner_id_user"));
        assert_eq!(table.indexes[0].name, format!("ix_{name}_owner_id"));
    }
    let note = tables.table("note").unwrap();
    assert_eq!(note.uniques[0].columns, ["price"]);
    assert!(note.columns.iter().any(|column| column.name == "text_title"), "a mixin in a mixin");
}

#[orm_testkit::test(base = Base)]
async fn a_version_in_a_mixin_guards_rows(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let task = session.add(Task::builder().what("Buy tea"));
    session.commit().await?;
    assert_eq!(session[task].tracked.version, 1);
    session[task].what = "Sell tea".into();
    session.commit().await?;
    assert_eq!(session[task].tracked.version, 2);
    engine.execute_script("UPDATE task SET version = 7").await?;
    session[task].what = "Drink tea".into();
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::StaleData);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn every_update_of_a_row_sets_what_the_mixin_says(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let task = session.add(Task::builder().what("Buy tea"));
    session.commit().await?;
    assert_eq!(session[task].tracked.touched, None);
    session[task].what = "Sell tea".into();
    session.commit().await?;
    assert_eq!(session[task].tracked.touched, Some(7));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_relation_in_a_mixin_is_one_of_each_model(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(User::builder().name("Ann"));
    let mine = || Tracked { owner: Some(ann.into()), ..Tracked::default() };
    session.add(Task::builder().what("Buy tea").tracked(mine()));
    session.add(Task::builder().what("Sell tea"));
    session.add(Note::builder().priced(priced(1)).tracked(mine()));
    session.commit().await?;

    let mut session = engine.session();
    let owner = Task::TRACKED.then(Tracked::OWNER);
    let task = session.query::<Task>().filter(owner.has(User::NAME.eq("Ann"))).with(owner).one().await?;
    assert_eq!(session.at(task).related(owner)?.unwrap().name, "Ann");
    let ann = session.query::<User>().with(User::NOTES).one().await?;
    assert_eq!(session.at(ann).related(User::NOTES)?.len(), 1);
    assert_eq!(
        select::<Task>().filter(Task::TRACKED.then(Tracked::OWNER_ID).is_null()).count(&engine).await?,
        1
    );
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_collection_takes_members_by_the_foreign_key_of_their_mixin(
    engine: Engine,
) -> orm_core::Result<()> {
    let (mut session, note) = note(&engine).await?;
    let ann = session.add(User::builder().name("Ann").notes([Note::builder().priced(priced(7))]));
    session[ann].notes.push(note);
    session.commit().await?;
    assert_eq!(session[note].tracked.owner.as_ref().and_then(BelongsTo::handle), Some(ann));
    let owned = select::<Note>().filter(Note::TRACKED.then(Tracked::OWNER_ID).eq("Ann"));
    assert_eq!(owned.clone().count(&engine).await?, 2);
    session[ann].notes.remove(note);
    session.commit().await?;
    assert_eq!(owned.count(&engine).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn new_owners_come_with_what_they_own(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let owner = Some(BelongsTo::to(User::builder().name("Ann")));
    session.add(Task::builder().what("Buy tea").tracked(Tracked { owner, ..Tracked::default() }));
    session.commit().await?;
    assert_eq!(select::<User>().count(&engine).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_owner_of_a_mixin_is_let_go_when_it_is_deleted(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(User::builder().name("Ann"));
    let owner = Some(ann.into());
    let task = session.add(Task::builder().what("Buy tea").tracked(Tracked { owner, ..Tracked::default() }));
    session.commit().await?;
    session.delete(ann)?;
    session.commit().await?;
    assert!(session[task].tracked.owner.is_none());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_database_computes_a_column_of_a_mixin(engine: Engine) -> orm_core::Result<()> {
    let (mut session, note) = note(&engine).await?;
    assert_eq!(session[note].priced.double, Auto::Set(10));
    session[note].priced.price = 6;
    session.commit().await?;
    assert_eq!(session[note].priced.double, Auto::Set(12));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_deferred_column_of_a_mixin_is_read_when_it_is_asked_for(engine: Engine) -> orm_core::Result<()> {
    let (_, _) = note(&engine).await?;
    let body = Note::PRICED.then(Priced::TEXT).then(Text::BODY);
    let mut session = engine.session();
    let note = session.query::<Note>().one().await?;
    assert_eq!(session[note].priced.text.title, "short", "columns behind the one that is left out");
    assert!(!session[note].priced.text.body.is_loaded());
    session.load_columns(note, body).await?;
    assert_eq!(session[note].priced.text.body.get().map(String::as_str), Some("long"));
    Ok(())
}

#[test]
fn a_mixin_with_a_column_that_is_there_already_is_a_mapping_error() {
    let error = clashing::Base::metadata().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mapping);
    assert!(
        error.to_string().contains("`Thing::name` and `Thing::named.name` have the same column \"name\""),
        "{error}"
    );
}

#[test]
fn what_may_not_be_there_is_not_filled_in_by_the_database() {
    let error = filled::Base::metadata().unwrap_err();
    assert!(error.to_string().contains("`Thing::made.at` is an `Auto` in an `Option`"), "{error}");
}
