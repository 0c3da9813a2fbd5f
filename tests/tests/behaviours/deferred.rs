//! Columns that queries leave out until somebody asks for them.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::Group;
use orm_core::sql::text;
use orm_tests::models::volumes::{Base, Chapter, Volume};

/// Two books in the database, and a session that has neither.
async fn library(engine: &Engine) -> orm_core::Result<Session> {
    let mut session = engine.session();
    let chapters = ["One", "Two"].map(|text| Chapter::builder().text(text));
    let tea = Volume::builder().title("Tea").blurb("All about tea").cover(vec![1]).note("lent");
    session.add(tea.chapters(chapters));
    session.add(Volume::builder().title("Coffee").blurb("All about coffee"));
    session.commit().await?;
    Ok(engine.session())
}

async fn tea(session: &mut Session) -> orm_core::Result<Handle<Volume>> {
    session.get_one::<Volume>(1).await
}

#[orm_testkit::test(base = Base)]
async fn a_query_leaves_deferred_columns_out(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    let found = &session[tea];
    assert!(!found.blurb.is_loaded() && !found.cover.is_loaded() && !found.bought_at.is_loaded());
    assert_eq!(found.note, Some("lent".to_owned()), "it is read unless a query leaves it out");
    let query = select::<Volume>().to_string();
    assert_eq!(query, r#"SELECT "id", "title", "note" FROM "volume""#);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_column_that_is_not_loaded_is_an_error_that_names_the_call(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    orm_testkit::assert_queries!(session, 0, {
        let error = Volume::BLURB.of(&session[tea]).unwrap_err();
        assert_eq!(
            (error.kind(), error.model(), error.column()),
            (ErrorKind::NotLoaded, Some("Volume"), Some("blurb"))
        );
        assert_eq!(
            error.to_string(),
            "`blurb` of Volume(1) is not loaded: call `session.load_columns(handle, Volume::BLURB).await?`, or \
             `.undefer(Volume::BLURB)` on the query"
        );
    });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn loading_a_column_reads_that_column_alone(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    orm_testkit::assert_queries!(session, 1, {
        session.load_columns(tea, Volume::BLURB).await?;
        session.load_columns(tea, Volume::BLURB).await?;
    });
    assert_eq!(Volume::BLURB.of(&session.at(tea))?, "All about tea");
    assert!(!session[tea].cover.is_loaded());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_group_is_loaded_with_one_statement(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    orm_testkit::assert_queries!(session, 1, { session.load_columns(tea, Group("media")).await? });
    assert_eq!(Volume::COVER.of(&session[tea])?, Some(&vec![1]));
    assert_eq!(Volume::SOUND.of(&session[tea])?, None);
    assert!(!session[tea].blurb.is_loaded());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_column_of_many_objects_is_loaded_with_one_statement(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let books = session.query::<Volume>().order_by(Volume::ID).all().await?;
    session.load_columns([books[0]], Volume::BLURB).await?;
    assert!(!session[books[1]].blurb.is_loaded(), "a list of one is about that one");
    orm_testkit::assert_queries!(session, 1, { session.load_columns(&books, Volume::BLURB).await? });
    assert_eq!(Volume::BLURB.of(&session[books[1]])?, "All about coffee");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_loop_over_a_result_loads_a_column_once(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let books = session.query::<Volume>().order_by(Volume::ID).all().await?;
    engine.execute_script("DELETE FROM chapter").await?;
    orm_testkit::assert_queries!(session, 1, {
        for book in &books {
            session.load_columns(*book, Volume::BLURB).await?;
        }
    });
    assert_eq!(Volume::BLURB.of(&session[books[1]])?, "All about coffee");
    engine.execute_script("DELETE FROM volume WHERE id = 2").await?;
    session.load_columns(books[0], Group("media")).await?;
    assert!(session[books[0]].cover.is_loaded() && !session[books[1]].cover.is_loaded());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_stream_of_owned_rows_reads_what_its_query_says(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let query = select::<Volume>().undefer(Volume::BLURB).defer(Volume::NOTE).order_by(Volume::ID);
    let mut rows = session.stream(query, 10).await?;
    let books = rows.next().await?.unwrap();
    assert_eq!(Volume::BLURB.of(&books[0])?, "All about tea");
    assert!(!books[0].note.is_loaded());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_object_that_two_queries_read_has_what_either_read(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let query = || select::<Volume>().filter(Volume::ID.eq(1));
    let tea = session.all(query().undefer(Volume::BLURB)).await?[0];
    session.all(query().load_only(Volume::COVER)).await?;
    assert!(
        session[tea].blurb.is_loaded() && session[tea].cover.is_loaded() && session[tea].note.is_loaded()
    );
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_expired_column_keeps_its_value_until_the_row_is_read_again(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    session.load_columns(tea, Volume::BLURB).await?;
    session.expire(tea)?;
    orm_testkit::assert_queries!(session, 0, { session.load_columns(tea, Volume::BLURB).await? });
    assert_eq!(
        Volume::BLURB.of(&session[tea])?,
        "All about tea",
        "reading is no I/O, so the last known value stays"
    );
    session.get::<Volume>(1).await?;
    assert!(!session[tea].blurb.is_loaded());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_object_that_leaves_keeps_what_it_has_loaded(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    session.load_columns(tea, Volume::BLURB).await?;
    let owned = session.expunge(tea)?;
    assert_eq!(Volume::BLURB.of(&owned)?, "All about tea");
    let error = Volume::COVER.of(&owned).unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::NotLoaded, Some("cover")));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn queries_choose_what_they_read(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let all = async |query: orm_core::query::Select<Volume>| {
        let found = engine.fetch_all(query.order_by(Volume::ID)).await?;
        let tea = &found[0];
        let loaded =
            [tea.blurb.is_loaded(), tea.cover.is_loaded(), tea.sound.is_loaded(), tea.note.is_loaded()];
        orm_core::Result::Ok(loaded)
    };
    assert_eq!(all(select().undefer(Volume::BLURB)).await?, [true, false, false, true]);
    assert_eq!(all(select().undefer_group("media")).await?, [false, true, true, true]);
    assert_eq!(all(select().undefer((Volume::BLURB, Group("media")))).await?, [true; 4]);
    assert_eq!(all(select().defer(Volume::NOTE)).await?, [false; 4]);
    assert_eq!(all(select().load_only(Volume::SOUND)).await?, [false, false, true, false]);
    assert_eq!(all(select().load_only(())).await?, [false; 4]);
    assert_eq!(all(select().load_only(()).undefer(Volume::NOTE)).await?, [false, false, false, true]);
    let tea = session.query::<Volume>().filter(Volume::ID.eq(1)).undefer(Volume::BLURB).one().await?;
    assert_eq!(Volume::BLURB.of(&session[tea])?, "All about tea");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_unknown_group_is_told_with_those_that_there_are(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let error = session.query::<Volume>().undefer_group("meida").all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mapping);
    assert_eq!(error.to_string(), "`Volume` has no group \"meida\" of deferred columns; it has: media");
    let tea = tea(&mut session).await?;
    let error = session.load_columns(tea, Group("")).await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::Mapping, Some("Volume")));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_deferred_column_can_be_filtered_ordered_and_selected(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let found =
        session.query::<Volume>().filter(Volume::BLURB.like("%coffee")).order_by(Volume::BLURB).all().await?;
    assert!(session[found[0]].title == "Coffee" && !session[found[0]].blurb.is_loaded());
    let blurbs: Vec<String> = engine.fetch_all(columns(Volume::BLURB).order_by(Volume::BLURB.desc())).await?;
    assert_eq!(blurbs, ["All about tea", "All about coffee"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_flush_never_writes_what_is_not_loaded(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    session[tea].title = "Green tea".into();
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of volume (title)");
    session.commit().await?;
    session.load_columns(tea, Volume::BLURB).await?;
    session[tea].blurb = Deferred::NotLoaded; // forgotten, not changed
    assert!(!session.is_modified(tea)?);
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Volume::BLURB).order_by(Volume::ID)).await?[0], "All about tea");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_column_can_be_set_without_loading_it(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    orm_testkit::assert_queries!(session, 1, {
        session[tea].blurb.set("All about green tea");
        assert_eq!(session.flush_plan()?.to_string(), "update 1 row of volume (blurb)");
        session.commit().await?;
    });
    assert_eq!(Volume::BLURB.of(&session[tea])?, "All about green tea");
    assert_eq!(
        engine.fetch_all(columns(Volume::BLURB).order_by(Volume::ID)).await?[0],
        "All about green tea"
    );
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn loading_keeps_what_the_program_set(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    let mut session = session.no_autoflush();
    session[tea].cover.set(vec![9]);
    session.load_columns(tea, (Volume::COVER, Volume::SOUND)).await?;
    session.query::<Volume>().undefer_group("media").all().await?;
    assert_eq!(Volume::COVER.of(&session[tea])?, Some(&vec![9]));
    let change = session.history(tea)?.of(Volume::COVER).unwrap();
    assert!(change.old.is_some(), "the database's value is known by now");
    session[tea].cover.set(vec![1]);
    assert!(!session.is_modified(tea)?, "and what is the same is no change");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_history_of_a_column_that_was_not_loaded_has_no_old_value(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    session[tea].blurb.set("New");
    let change = session.history(tea)?.of(Volume::BLURB).unwrap();
    assert_eq!((change.old, change.new), (None, "New".into()));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_makes_a_column_not_loaded_again(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    session[tea].blurb.set("New");
    session.flush().await?;
    session.rollback().await?;
    assert!(!session[tea].blurb.is_loaded());
    session.load_columns(tea, Volume::BLURB).await?;
    assert_eq!(Volume::BLURB.of(&session[tea])?, "All about tea");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_a_transaction_loaded_after_its_writes_is_stale_after_its_rollback(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    session.execute(text("UPDATE volume SET blurb = 'Lost'")).await?;
    session.load_columns(tea, Volume::BLURB).await?;
    assert_eq!(Volume::BLURB.of(&session[tea])?, "Lost");
    session.rollback().await?;
    session.refresh(tea).await?;
    assert_eq!(Volume::BLURB.of(&session[tea])?, "All about tea");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_object_has_all_of_its_columns(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let book = session.add(Volume::builder().title("Tea").blurb("Short"));
    assert_eq!(Volume::BLURB.of(&session[book])?, "Short");
    assert_eq!(Volume::COVER.of(&session[book])?, None);
    orm_testkit::assert_queries!(session, 0, { session.load_columns(book, Group("media")).await? });
    session.commit().await?;
    assert!(session[book].bought_at.get().is_some_and(Auto::is_set), "what the database made came back");
    assert_eq!(Volume::SOUND.of(&session[book])?, None);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_object_without_a_required_deferred_value_is_refused(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let whole = Volume::builder().title("Tea").blurb("Short").build();
    session.add(Volume { blurb: Deferred::NotLoaded, ..whole.clone() });
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Unset, Some("blurb")));
    session.rollback().await?;
    let bare = Volume { cover: Deferred::NotLoaded, bought_at: Deferred::NotLoaded, ..whole };
    session.add_all([bare.clone(), bare.clone()]);
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Volume::COVER)).await?, [None, None], "NULL where that can be");
    let mut owned = Volume { title: "Owned".into(), ..bare };
    owned.insert(&engine).await?;
    assert!(owned.id.is_set() && owned.bought_at.is_loaded() && !owned.cover.is_loaded());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_refresh_reads_again_what_is_loaded_and_nothing_else(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    session.load_columns(tea, Volume::BLURB).await?;
    engine.execute_script("UPDATE volume SET blurb = 'By others', cover = 'x'").await?;
    orm_testkit::assert_queries!(session, 1, { session.refresh(tea).await? });
    assert_eq!(Volume::BLURB.of(&session[tea])?, "By others");
    assert!(!session[tea].cover.is_loaded());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_query_that_renews_a_stale_object_forgets_columns_that_it_does_not_read(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    session.load_columns(tea, Group("media")).await?;
    session.expire_all();
    session[tea].blurb.set("New");
    session.no_autoflush().query::<Volume>().all().await?;
    assert!(!session[tea].cover.is_loaded(), "nobody knows what it is by now");
    assert_eq!(Volume::BLURB.of(&session[tea])?, "New", "unsaved changes stay");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn populate_existing_takes_the_row_as_it_is_read(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    session.load_columns(tea, Volume::BLURB).await?;
    session[tea].note.set(None);
    session.no_autoflush().query::<Volume>().populate_existing().defer(Volume::NOTE).all().await?;
    assert!(!session[tea].blurb.is_loaded() && !session[tea].note.is_loaded());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn loading_a_column_of_a_row_that_is_gone_is_an_error(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let books = session.query::<Volume>().order_by(Volume::ID).all().await?;
    engine.execute_script("DELETE FROM volume WHERE id = 2").await?;
    let error = session.load_columns(&books, Volume::BLURB).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (ErrorKind::StaleData, "not in the database any more: Volume(2)")
    );
    assert!(session[books[0]].blurb.is_loaded(), "the others are loaded");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn loading_a_column_flushes_first(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    session[tea].title = "Green tea".into();
    session.load_columns(tea, Volume::BLURB).await?;
    assert!(!session.is_modified(tea)? && session.in_transaction());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_update_by_query_tells_objects_what_it_set(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let books = session.query::<Volume>().order_by(Volume::ID).all().await?;
    session.load_columns(books[0], (Volume::BLURB, Group("media"))).await?;
    session.query::<Volume>().set(Volume::BLURB, "Same").update().await?;
    for book in books.iter().copied() {
        assert_eq!(Volume::BLURB.of(&session[book])?, "Same");
    }
    assert_eq!(Volume::COVER.of(&session[books[0]])?, Some(&vec![1]), "the rest stays");
    session.set(books[1], Volume::COVER, None)?;
    session.set(books[1], Volume::BLURB, Volume::TITLE)?;
    session.commit().await?;
    assert_eq!(Volume::BLURB.of(&session[books[1]])?, "Coffee");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_owned_row_keeps_what_it_did_not_read(engine: Engine) -> orm_core::Result<()> {
    library(&engine).await?;
    let mut tea = Volume::find(&engine, 1).await?.unwrap();
    tea.title.push('!');
    tea.update(&engine).await?;
    let mut books = select::<Volume>().order_by(Volume::ID).fetch_all(&engine).await?;
    books[1].title.push('!');
    let mut session = engine.session();
    session.bulk_save_objects(books).await?;
    session.commit().await?;
    let all: Vec<(String, String)> =
        engine.fetch_all(columns((Volume::TITLE, Volume::BLURB)).order_by(Volume::ID)).await?;
    let texts: Vec<(&str, &str)> = all.iter().map(|(title, blurb)| (&title[..], &blurb[..])).collect();
    assert_eq!(texts, [("Tea!", "All about tea"), ("Coffee!", "All about coffee")]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn merging_a_value_copies_what_it_has_loaded(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let partial = Volume::find(&engine, 1).await?.unwrap();
    let book = session.merge(partial.clone()).await?;
    assert!(!session.is_modified(book)?);
    let book = session.merge(Volume { blurb: "Merged".into(), ..partial }).await?;
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of volume (blurb)");
    session.commit().await?;
    assert_eq!(Volume::BLURB.of(&session[book])?, "Merged");
    let gone = session.expunge(book)?;
    assert_eq!(gone.blurb, "Merged".to_owned());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn json_leaves_out_what_is_not_loaded(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    let json = session.at(tea).columns_to_json();
    assert_eq!(json, serde_json::json!({ "id": 1, "title": "Tea", "note": "lent" }));
    session.load_columns(tea, Volume::BLURB).await?;
    assert_eq!(session.at(tea).columns_to_json()["blurb"], "All about tea");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_of_a_relation_leave_their_deferred_columns_out(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    let chapters = session.load(tea, Volume::CHAPTERS).await?;
    assert!(chapters.iter().all(|chapter| !session[*chapter].text.is_loaded()));
    assert_eq!(session[chapters[0]].volume.key(), Some(&1), "what stands behind it is found in its place");
    orm_testkit::assert_queries!(session, 1, { session.load_columns(&chapters, Chapter::TEXT).await? });
    let texts: Vec<&str> =
        session.each(&chapters).map(|chapter| chapter.get().text.get().unwrap().as_str()).collect();
    assert_eq!(texts, ["One", "Two"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_object_that_takes_a_row_over_leaves_what_it_did_not_load(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let tea = tea(&mut session).await?;
    session.load(tea, Volume::CHAPTERS).await?;
    let mut again = session[tea].clone();
    again.chapters = HasMany::default();
    session.delete(tea)?;
    again.title = "Tea again".into();
    session.add(again);
    session.commit().await?;
    let all: Vec<(String, String)> =
        engine.fetch_all(columns((Volume::TITLE, Volume::BLURB)).filter(Volume::ID.eq(1))).await?;
    assert_eq!(all, [("Tea again".to_owned(), "All about tea".to_owned())]);
    Ok(())
}
