//! Criteria of models, in queries with and without a session.

use super::common::{fill, ours, texts};
use orm_core::ErrorKind;
use orm_core::bulk::Values;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_tests::models::drawers::{Base, CEILING, Drawer, Label, Note, Remark, Shelf};
use std::sync::atomic::Ordering;

#[orm_testkit::test(base = Base)]
async fn a_query_of_a_session_finds_what_is_seen(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let found = session.query::<Note>().order_by(Note::ID).all().await.unwrap();
    assert_eq!(texts(&session, &found), ["seen", "theirs", "an answer"]);
    assert_eq!(session.query::<Note>().count().await.unwrap(), 3);
    let first = session.query::<Note>().filter(Note::TEXT.like("%deleted")).first().await.unwrap();
    assert_eq!(first, None);
}

#[orm_testkit::test(base = Base)]
async fn rows_without_a_session_are_those_that_are_seen(engine: Engine) {
    fill(&engine).await;
    let all = engine.fetch_all(columns(Note::ID).order_by(Note::ID)).await.unwrap();
    assert_eq!(all, [1, 3, 4]);
    assert_eq!(select::<Note>().count(&engine).await.unwrap(), 3);
    let deleted = select::<Note>().filter(Note::ID.eq(2));
    assert!(deleted.clone().fetch_optional(&engine).await.unwrap().is_none());
    assert!(Note::find(&engine, 2).await.unwrap().is_none());
    assert_eq!(deleted.unrestricted().fetch_one(&engine).await.unwrap().text, "deleted");
}

#[orm_testkit::test(base = Base)]
async fn all_criteria_of_a_model_are_met(engine: Engine) {
    fill(&engine).await;
    let words = engine.fetch_all(columns(Label::WORD).order_by(Label::ID)).await.unwrap();
    assert_eq!(words, ["tea", "milk"]);
    let either = columns(Label::WORD).filter(Label::WORD.eq("old") | Label::WORD.eq("tea"));
    assert_eq!(engine.fetch_all(either).await.unwrap(), ["tea"]);
}

#[orm_testkit::test(base = Base)]
async fn a_criterion_along_a_relation_has_that_of_the_other_model(engine: Engine) {
    fill(&engine).await;
    let texts = engine.fetch_all(columns(Remark::TEXT)).await.unwrap();
    assert_eq!(texts, ["on what is seen"]);
}

#[orm_testkit::test(base = Base)]
async fn conditions_along_relations_do_not_look_at_hidden_rows(engine: Engine) {
    fill(&engine).await;
    let drawers = async |filter: Predicate<Drawer>| {
        engine.fetch_all(columns(Drawer::NAME).filter(filter).order_by(Drawer::ID)).await.unwrap()
    };
    assert!(drawers(Drawer::NOTES.any(Note::TEXT.like("%deleted"))).await.is_empty());
    assert_eq!(drawers(!Drawer::NOTES.any(Note::TEXT.like("%deleted"))).await, ["ours", "theirs"]);
    let answered = Note::ANSWERED.has(Note::ID.gt(0));
    assert_eq!(engine.count(select::<Note>().filter(answered)).await.unwrap(), 0);
    let labelled = |word: &str| select::<Note>().filter(Note::LABELS.any(Label::WORD.eq(word)));
    assert_eq!(engine.count(labelled("tea")).await.unwrap(), 1);
    assert_eq!(engine.count(labelled("old")).await.unwrap(), 0); // the label is hidden
    assert_eq!(engine.count(labelled("milk")).await.unwrap(), 0); // the association is
    assert_eq!(engine.count(labelled("milk").unrestricted()).await.unwrap(), 1);
    let bare = Note::REMARKS.is_empty();
    assert_eq!(engine.fetch_all(columns(Note::ID).filter(bare).order_by(Note::ID)).await.unwrap(), [3, 4]);
}

#[orm_testkit::test(base = Base)]
async fn a_criterion_is_asked_with_each_statement(engine: Engine) {
    let mut session = engine.session();
    session.add_all((1..=3).map(|height| Shelf::builder().height(height)));
    session.commit().await.unwrap();
    for ceiling in [2, 3, 0] {
        CEILING.store(ceiling, Ordering::Relaxed);
        assert_eq!(engine.count(select::<Shelf>()).await.unwrap(), i64::from(ceiling));
    }
}

#[orm_testkit::test(base = Base)]
async fn a_limit_counts_what_is_seen(engine: Engine) {
    fill(&engine).await;
    let second = columns(Note::ID).order_by(Note::ID).offset(1).limit(1);
    assert_eq!(engine.fetch_all(second.clone()).await.unwrap(), [3]);
    assert_eq!(engine.fetch_all(second.unrestricted()).await.unwrap(), [2]);
}

#[orm_testkit::test(base = Base)]
async fn members_of_an_owned_object_are_those_that_are_seen(engine: Engine) {
    fill(&engine).await;
    let ours = Drawer::find(&engine, 1).await.unwrap().unwrap();
    let notes = ours.fetch_related(&engine, Drawer::NOTES).await.unwrap();
    assert_eq!(notes.iter().map(|note| note.id.unwrap()).collect::<Vec<_>>(), [1, 4]);
    assert_eq!(engine.count(Drawer::NOTES.of(&ours).unrestricted()).await.unwrap(), 3);
    let labels = notes[0].fetch_related(&engine, Note::LABELS).await.unwrap();
    assert_eq!(labels.iter().map(|label| &*label.word).collect::<Vec<_>>(), ["tea"]);
    assert!(notes[1].fetch_related(&engine, Note::ANSWERED).await.unwrap().is_empty());
}

#[orm_testkit::test(base = Base)]
async fn an_update_by_query_leaves_hidden_rows_alone(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let all = session.query::<Note>().set(Note::TEXT, "changed").update().await.unwrap();
    assert_eq!(all, 3);
    let newest = session.query::<Note>().order_by(Note::ID.desc()).limit(2).set(Note::TEXT, "new");
    assert_eq!(newest.update().await.unwrap(), 2);
    session.commit().await.unwrap();
    let texts = engine.fetch_all(columns(Note::TEXT).order_by(Note::ID).unrestricted()).await.unwrap();
    assert_eq!(texts, ["changed", "deleted", "new", "new", "theirs, deleted"]);
    let deleted = session.query::<Note>().unrestricted().filter(Note::DELETED.eq(true));
    assert_eq!(deleted.set(Note::TEXT, "gone").update().await.unwrap(), 2);
}

#[orm_testkit::test(base = Base)]
async fn a_delete_by_query_leaves_hidden_rows_alone(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    assert_eq!(session.query::<Remark>().delete().await.unwrap(), 1);
    assert_eq!(session.query::<Label>().order_by(Label::ID).limit(9).delete().await.unwrap(), 2);
    session.commit().await.unwrap();
    assert_eq!(engine.fetch_all(columns(Remark::ID).unrestricted()).await.unwrap(), [2]);
    assert_eq!(
        engine.fetch_all(columns(Label::ID).order_by(Label::ID).unrestricted()).await.unwrap(),
        [2, 3]
    );
    assert_eq!(session.query::<Remark>().unrestricted().delete().await.unwrap(), 1);
}

fn text(id: i64, text: &str) -> Values<Note> {
    Values::new().set(Note::ID, id).set(Note::TEXT, text)
}

/// All notes that say this.
async fn that_say(engine: &Engine, text: &str) -> Vec<i64> {
    let notes = columns(Note::ID).filter(Note::TEXT.eq(text)).order_by(Note::ID);
    engine.fetch_all(notes.unrestricted()).await.unwrap()
}

#[orm_testkit::test(base = Base)]
async fn a_bulk_update_leaves_hidden_rows_alone(engine: Engine) {
    fill(&engine).await;
    // By the model (2), and by the tenant of the session (3): one row, and several in one statement.
    for (rows, missing) in [(vec![2], "1 of 1"), (vec![3], "1 of 1"), (vec![1, 2, 3, 4, 5], "3 of 5")] {
        let mut session = ours(&engine);
        let error = session.bulk_update_mappings(rows.iter().map(|id| text(*id, "x"))).await.unwrap_err();
        let why = format!("{missing} rows of `note` are not there, or hidden by criteria");
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::StaleData, why));
        assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
        session.rollback().await.unwrap();
    }
    let mut session = ours(&engine);
    assert_eq!(session.bulk_update_mappings([text(1, "x"), text(4, "x")]).await.unwrap(), 2);
    let mut saved = Note::find(&engine, 1).await.unwrap().unwrap();
    saved.text = "saved".into();
    assert_eq!(session.bulk_save_objects([saved]).await.unwrap(), 1);
    session.commit().await.unwrap();
    assert_eq!((that_say(&engine, "x").await, that_say(&engine, "saved").await), (vec![4], vec![1]));
}

#[orm_testkit::test(base = Base)]
async fn a_bulk_call_has_a_way_out(engine: Engine) {
    fill(&engine).await;
    let mut session = ours(&engine);
    let hidden = Values::new().set(Note::TEXT, "x").set(Note::DELETED, true).set(Note::DRAWER_ID, 2);
    assert_eq!(session.bulk_insert_mappings([hidden]).await.unwrap(), 1);
    let mut all = session.without_criteria();
    assert_eq!(all.bulk_update_mappings([text(2, "x"), text(3, "x"), text(5, "x")]).await.unwrap(), 3);
    let hides = text(1, "x").set(Note::DELETED, true);
    drop(all);
    assert_eq!(session.bulk_update_mappings([hides]).await.unwrap(), 1, "the row as it is must be seen");
    session.commit().await.unwrap();
    assert_eq!(that_say(&engine, "x").await, [1, 2, 3, 5, 6]);
}

#[orm_testkit::test(base = Base)]
async fn a_stream_gives_what_is_seen(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let mut rows = session.stream(columns(Note::ID).order_by(Note::ID), 2).await.unwrap();
    assert_eq!(rows.next().await.unwrap(), Some(vec![1, 3]));
    assert_eq!(rows.next().await.unwrap(), Some(vec![4]));
}

#[orm_testkit::test(base = Base)]
async fn a_row_that_is_hidden_is_not_gone(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    assert_eq!(session.get::<Note>(2).await.unwrap(), None);
    let seen = session.get_one::<Note>(1).await.unwrap();
    session[seen].deleted = true;
    session.commit().await.unwrap();
    assert_eq!(session.get::<Note>(1).await.unwrap(), Some(seen)); // the session has it
    session.expire(seen).unwrap();
    assert_eq!(session.get::<Note>(1).await.unwrap(), None); // the database is asked
    assert_eq!(session.state(seen).unwrap(), ObjectState::Persistent);
    session[seen].deleted = false;
    session.commit().await.unwrap();
    assert_eq!(session.get::<Note>(1).await.unwrap(), Some(seen));
}

#[orm_testkit::test(base = Base)]
async fn counts_of_members_leave_hidden_ones_out(engine: Engine) {
    fill(&engine).await;
    let counts = columns(Drawer::NOTES.count()).order_by(Drawer::ID);
    assert_eq!(engine.fetch_all(counts.clone()).await.unwrap(), [2, 1]);
    assert_eq!(engine.fetch_all(counts.unrestricted()).await.unwrap(), [3, 2]);
    let full = select::<Drawer>().filter(Drawer::NOTES.count().gt(2));
    assert_eq!(engine.count(full).await.unwrap(), 0);
    let labels = columns(Note::LABELS.count()).order_by((Note::LABELS.count().desc(), Note::ID));
    assert_eq!(engine.fetch_all(labels).await.unwrap(), [1, 0, 0]);
}

#[orm_testkit::test(base = Base)]
async fn values_of_an_update_are_made_of_what_is_seen(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let first = session.query::<Note>().filter(Note::ID.eq(1));
    first.set(Note::TEXT, Note::LABELS.min(Label::WORD)).update().await.unwrap();
    let note = session.get_one::<Note>(1).await.unwrap();
    assert_eq!(session[note].text, "tea");
    let first = session.query::<Note>().unrestricted().filter(Note::ID.eq(1));
    first.set(Note::TEXT, Note::LABELS.min(Label::WORD)).update().await.unwrap();
    assert_eq!(session[note].text, "#house");
}
