//! Relations: hidden members are not loaded, and do not get lost.

use super::common::{OURS, fill, ours, texts};
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_testkit::assert_queries;
use orm_tests::models::drawers::{Base, Drawer, Label, Note, NoteLabel, Plate, Remark};

/// The texts of the notes that a drawer shows.
fn shown(session: &Session, drawer: Handle<Drawer>) -> Vec<String> {
    session.at(drawer).related(Drawer::NOTES).unwrap().map(|note| note.text.clone()).collect()
}

/// The words of the labels that a note shows.
fn words(session: &Session, note: Handle<Note>) -> Vec<String> {
    session.at(note).related(Note::LABELS).unwrap().map(|label| label.word.clone()).collect()
}

#[orm_testkit::test(base = Base)]
async fn a_collection_is_loaded_without_hidden_members(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let drawers = session.query::<Drawer>().order_by(Drawer::ID).with(Drawer::NOTES).all().await.unwrap();
    assert_eq!(shown(&session, drawers[0]), ["seen", "an answer"]);
    assert_eq!(shown(&session, drawers[1]), ["theirs"]);
    let notes = session.load(&drawers, Drawer::NOTES.then(Note::REMARKS)).await.unwrap();
    assert_eq!(notes.len(), 1);
    assert!(session[drawers[0]].notes.is_partial());
}

#[orm_testkit::test(base = Base)]
async fn what_is_loaded_as_seen_is_not_asked_for_again(engine: Engine) {
    fill(&engine).await;
    let mut session = ours(&engine);
    let drawers = session.query::<Drawer>().all().await.unwrap();
    let notes = assert_queries!(session, 1, {
        session.load(&drawers, Drawer::NOTES).await.unwrap();
        session.load(drawers[0], Drawer::NOTES).await.unwrap()
    });
    assert_eq!(texts(&session, &notes), ["seen", "an answer"]);
    let more = session.load(&drawers, Drawer::NOTES.unrestricted()).await.unwrap();
    assert_eq!(texts(&session, &more), ["seen", "deleted", "an answer"]);
    let seen = assert_queries!(session, 1, { session.load(&drawers, Drawer::NOTES).await.unwrap() });
    assert_eq!(texts(&session, &seen), ["seen", "an answer"]);
}

#[orm_testkit::test(base = Base)]
async fn another_criterion_has_collections_loaded_anew(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let drawer = session.get_one::<Drawer>(1).await.unwrap();
    session.load(drawer, Drawer::NOTES).await.unwrap();
    session.restrict::<Note>(Note::ANSWERED.has(Note::ID.gt(0)));
    let notes = session.load(drawer, Drawer::NOTES).await.unwrap();
    // What it answers is deleted, but criteria of notes do not count inside of those of notes.
    assert_eq!(texts(&session, &notes), ["an answer"]);
}

#[orm_testkit::test(base = Base)]
async fn labels_are_hidden_by_themselves_and_by_their_associations(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let note = session.get_one::<Note>(1).await.unwrap();
    session.load(note, Note::LABELS).await.unwrap();
    assert_eq!(words(&session, note), ["tea"]);
    session.load(note, Note::LABELS.unrestricted()).await.unwrap();
    assert_eq!(words(&session, note), ["#house", "milk", "old", "tea"]);
    session.load(note, Note::LABELS.limit(9)).await.unwrap();
    assert_eq!(words(&session, note), ["tea"]);
    let tea = session.query::<Label>().filter(Label::WORD.eq("tea")).with(Label::NOTES).one().await.unwrap();
    assert_eq!(session.at(tea).related(Label::NOTES).unwrap().len(), 1);
    session.restrict::<NoteLabel>(NoteLabel::TAKEN_BACK.eq(true));
    session.load(note, Note::LABELS).await.unwrap();
    assert!(words(&session, note).is_empty());
}

#[orm_testkit::test(base = Base)]
async fn filters_and_limits_of_a_path_come_on_top(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let drawer = session.get_one::<Drawer>(1).await.unwrap();
    let last = Drawer::NOTES.order_by(Note::ID.desc()).limit(2);
    session.load(drawer, last).await.unwrap();
    assert_eq!(shown(&session, drawer), ["an answer", "seen"]);
    let remarked = Drawer::NOTES.filter(Note::REMARKS.any(Remark::ID.gt(1)));
    assert!(session.load(drawer, remarked.clone()).await.unwrap().is_empty());
    assert_eq!(session.load(drawer, remarked.unrestricted()).await.unwrap().len(), 1);
}

#[orm_testkit::test(base = Base)]
async fn each_step_of_a_path_has_a_way_out_of_its_own(engine: Engine) {
    fill(&engine).await;
    let mut session = ours(&engine);
    let drawer = session.get_one::<Drawer>(1).await.unwrap();
    let path = Drawer::NOTES.unrestricted().then(Note::REMARKS);
    assert_eq!(session.load(drawer, path).await.unwrap().len(), 1);
    assert_eq!(shown(&session, drawer), ["seen", "deleted", "an answer"]);
    let all = Drawer::NOTES.unrestricted().then(Note::REMARKS.unrestricted());
    assert_eq!(session.load(drawer, all).await.unwrap().len(), 2);
    let mut lifted = session.without_criteria();
    assert_eq!(lifted.load(drawer, Drawer::NOTES.then(Note::REMARKS)).await.unwrap().len(), 2);
}

#[orm_testkit::test(base = Base)]
async fn a_reference_to_a_hidden_row_leads_nowhere(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let answer = session.get_one::<Note>(4).await.unwrap();
    let error = session.at(answer).related(Note::ANSWERED).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    let nobody = assert_queries!(session, 1, {
        session.load(answer, Note::ANSWERED).await.unwrap();
        session.load(answer, Note::ANSWERED).await.unwrap()
    });
    assert!(nobody.is_empty());
    assert!(session.at(answer).related(Note::ANSWERED).unwrap().is_none());
    assert_eq!(session.at(answer).to_json(Note::ANSWERED).unwrap()["answered"], Json::Null);
    assert_eq!(session[answer].answered.as_ref().unwrap().key(), Some(&2)); // the key is still there
    session.load(answer, Note::ANSWERED.unrestricted()).await.unwrap();
    assert_eq!(session.at(answer).related(Note::ANSWERED).unwrap().unwrap().text, "deleted");
}

#[orm_testkit::test(base = Base)]
async fn a_required_reference_to_a_hidden_row_says_so(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    session.restrict::<Drawer>(Drawer::TENANT.eq(OURS));
    let note = session.get_one::<Note>(3).await.unwrap();
    session.load(note, Note::DRAWER).await.unwrap();
    let error = session.at(note).related(Note::DRAWER).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        error.to_string(),
        "`drawer` of Note(3) was not found: its row is gone, or hidden by criteria"
    );
}

#[orm_testkit::test(base = Base)]
async fn a_reference_is_looked_for_again_when_its_owner_was_read_again(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let answer = session.get_one::<Note>(4).await.unwrap();
    session.load(answer, Note::ANSWERED).await.unwrap();
    engine.execute_script("UPDATE note SET deleted = false").await.unwrap();
    assert!(session.load(answer, Note::ANSWERED).await.unwrap().is_empty());
    session.refresh(answer).await.unwrap();
    assert_eq!(session.load(answer, Note::ANSWERED).await.unwrap().len(), 1);
}

#[orm_testkit::test(base = Base)]
async fn a_has_one_is_hidden_too(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let drawers = session.query::<Drawer>().order_by(Drawer::ID).with(Drawer::PLATE).all().await.unwrap();
    assert!(session.at(drawers[0]).related(Drawer::PLATE).unwrap().is_none());
    assert!(session.at(drawers[1]).related(Drawer::PLATE).unwrap().is_some());
    session[drawers[0]].plate.set(Plate::builder());
    session.commit().await.unwrap(); // the hidden one went: a drawer has one plate
    assert_eq!(engine.count(select::<Plate>().unrestricted()).await.unwrap(), 2);
}

#[orm_testkit::test(base = Base)]
async fn a_deletion_reaches_hidden_members(engine: Engine) {
    fill(&engine).await;
    let mut session = ours(&engine);
    let drawer = session.query::<Drawer>().with(Drawer::NOTES.then(Note::REMARKS)).one().await.unwrap();
    session.delete(drawer).unwrap();
    session.commit().await.unwrap();
    let left = engine.fetch_all(columns(Note::ID).order_by(Note::ID).unrestricted()).await.unwrap();
    assert_eq!(left, [3, 5]);
    assert_eq!(engine.count(select::<Remark>().unrestricted()).await.unwrap(), 0);
    assert_eq!(engine.count(select::<Plate>().unrestricted()).await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn members_that_come_and_go_leave_the_hidden_ones_alone(engine: Engine) {
    fill(&engine).await;
    let mut session = ours(&engine);
    let drawer = session.query::<Drawer>().with(Drawer::NOTES).one().await.unwrap();
    let seen = session.get_one::<Note>(1).await.unwrap();
    session.load(seen, Note::REMARKS).await.unwrap();
    session[drawer].notes.push(Note::builder().text("new"));
    session[drawer].notes.remove(seen);
    assert_eq!(shown(&session, drawer), ["an answer"]);
    session.commit().await.unwrap();
    let all = select::<Note>().filter(Note::DRAWER_ID.eq(1)).order_by(Note::ID).unrestricted();
    let all = engine.fetch_all(all).await.unwrap();
    assert_eq!(all.iter().map(|note| &*note.text).collect::<Vec<_>>(), ["deleted", "an answer", "new"]);
}

#[orm_testkit::test(base = Base)]
async fn a_refresh_reads_what_is_seen(engine: Engine) {
    fill(&engine).await;
    let mut session = ours(&engine);
    let drawer = session.query::<Drawer>().with(Drawer::NOTES).one().await.unwrap();
    engine
        .execute_script(
            "INSERT INTO note (text, drawer_id, deleted) VALUES ('new', 1, false), ('no', 1, true)",
        )
        .await
        .unwrap();
    session.refresh(drawer).await.unwrap();
    assert_eq!(shown(&session, drawer), ["seen", "an answer", "new"]);
    engine.execute_script("UPDATE drawer SET tenant = 8").await.unwrap();
    let error = session.refresh(drawer).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StaleData);
    assert_eq!(error.to_string(), "not in the database any more, or hidden by criteria: Drawer(1)");
    assert_eq!(session.state(drawer).unwrap(), ObjectState::Persistent);
    session.without_criteria().refresh(drawer).await.unwrap();
    assert_eq!(session[drawer].tenant, 8);
}

#[orm_testkit::test(base = Base)]
async fn a_merge_does_not_take_over_what_is_hidden(engine: Engine) {
    fill(&engine).await;
    let mut session = ours(&engine);
    session.merge(Drawer::builder().id(2).tenant(OURS).name("stolen")).await.unwrap();
    assert!(session.commit().await.unwrap_err().is_unique_violation()); // not found, so it would be new
    session.rollback().await.unwrap();
    let graph =
        Drawer::builder().id(1).tenant(OURS).name("ours").notes([Note::builder().id(1).text("merged")]);
    session.merge(graph).await.unwrap();
    session.commit().await.unwrap();
    let texts = columns(Note::TEXT).filter(Note::DRAWER_ID.eq(1)).order_by(Note::ID).unrestricted();
    assert_eq!(engine.fetch_all(texts).await.unwrap(), ["merged", "deleted"]); // the answer left, the hidden one stays
}

#[orm_testkit::test(base = Base)]
async fn a_whole_new_collection_takes_hidden_members_out_as_well(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let drawer =
        session.query::<Drawer>().with(Drawer::NOTES).order_by(Drawer::ID).first().await.unwrap().unwrap();
    let answer = session.get_one::<Note>(4).await.unwrap();
    session[drawer].notes = [answer].into_iter().collect();
    session[answer].answered = None;
    session.commit().await.unwrap();
    let left = columns(Note::ID).filter(Note::DRAWER_ID.eq(1)).unrestricted();
    assert_eq!(engine.fetch_all(left).await.unwrap(), [4]);
}

#[orm_testkit::test(base = Base)]
async fn every_way_to_load_leaves_hidden_members_out(engine: Engine) {
    fill(&engine).await;
    let notes = [Drawer::NOTES.select_in(), Drawer::NOTES.joined(), Drawer::NOTES.subquery()];
    let labels = [Note::LABELS.select_in(), Note::LABELS.joined(), Note::LABELS.subquery()];
    let plates = [Drawer::PLATE.select_in(), Drawer::PLATE.joined(), Drawer::PLATE.subquery()];
    let answered = [Note::ANSWERED.select_in(), Note::ANSWERED.joined(), Note::ANSWERED.subquery()];
    for (((notes, labels), plate), answered) in notes.into_iter().zip(labels).zip(plates).zip(answered) {
        let mut session = ours(&engine);
        let query = session.query::<Drawer>().with(notes.clone().then(labels.clone())).with(plate);
        let drawer = query.one().await.unwrap();
        assert_eq!(shown(&session, drawer), ["seen", "an answer"]);
        assert!(session.at(drawer).related(Drawer::PLATE).unwrap().is_none());
        let seen = session.get_one::<Note>(1).await.unwrap();
        assert_eq!(words(&session, seen), ["tea"]);
        let query = session.query::<Note>().filter(Note::ID.eq(4)).with(answered);
        let answer = query.one().await.unwrap();
        assert!(session.at(answer).related(Note::ANSWERED).unwrap().is_none());

        let mut session = ours(&engine);
        let path = notes.unrestricted().then(labels.unrestricted());
        let drawer = session.query::<Drawer>().with(path).one().await.unwrap();
        assert_eq!(shown(&session, drawer), ["seen", "deleted", "an answer"]);
        let seen = session.get_one::<Note>(1).await.unwrap();
        assert_eq!(words(&session, seen), ["#house", "milk", "old", "tea"]);
    }
}

#[orm_testkit::test(base = Base)]
async fn an_inner_join_asks_for_members_that_are_seen(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let deleted = Drawer::NOTES.filter(Note::TEXT.eq("deleted")).contains_eager();
    assert!(session.query::<Drawer>().with(deleted.clone()).all().await.unwrap().is_empty());
    let found = session.query::<Drawer>().with(deleted.unrestricted()).all().await.unwrap();
    assert_eq!(found.iter().map(|one| shown(&session, *one)).collect::<Vec<_>>(), [["deleted"]]);
    let mut session = engine.session();
    let milk = Note::LABELS.filter(Label::WORD.eq("milk")).contains_eager();
    assert!(session.query::<Note>().with(milk.clone()).limit(5).all().await.unwrap().is_empty());
    let found = session.query::<Note>().with(milk.unrestricted()).limit(5).all().await.unwrap();
    assert_eq!(found.iter().map(|one| words(&session, *one)).collect::<Vec<_>>(), [["milk"]]);
}

#[orm_testkit::test(base = Base)]
async fn queries_of_members_find_what_is_seen(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let drawer = session.get_one::<Drawer>(1).await.unwrap();
    assert_eq!(session.related(drawer, Drawer::NOTES).count().await.unwrap(), 2);
    assert_eq!(session.related(drawer, Drawer::NOTES).unrestricted().count().await.unwrap(), 3);
    let note = session.get_one::<Note>(1).await.unwrap();
    assert_eq!(session.related(note, Note::LABELS).all().await.unwrap().len(), 1);
    assert_eq!(session.related(drawer, Drawer::NOTES).delete().await.unwrap_err().model(), Some("Remark"));
}

#[orm_testkit::test(base = Base)]
async fn the_one_that_is_seen_can_be_taken_out(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let drawers = session.query::<Drawer>().order_by(Drawer::ID).with(Drawer::PLATE).all().await.unwrap();
    session[drawers[1]].plate.clear();
    session.commit().await.unwrap();
    assert!(session.at(drawers[1]).related(Drawer::PLATE).unwrap().is_none());
    let mut other = engine.session();
    let drawer = other.get_one::<Drawer>(2).await.unwrap();
    other.load(drawer, Drawer::PLATE).await.unwrap();
    assert!(other.at(drawer).related(Drawer::PLATE).unwrap().is_none());
}
