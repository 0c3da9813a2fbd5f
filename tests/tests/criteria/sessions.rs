//! Criteria of sessions and their makers, and the ways out.

use super::common::{OURS, fill, ours, texts};
use futures_util::FutureExt;
use orm_core::SessionMaker;
use orm_core::prelude::*;
use orm_tests::models::drawers::{Base, Drawer, Label, Note, Remark};

#[orm_testkit::test(base = Base)]
async fn a_session_sees_what_meets_its_criteria_and_those_of_the_models(engine: Engine) {
    fill(&engine).await;
    let mut session = ours(&engine);
    let notes = session.query::<Note>().order_by(Note::ID).all().await.unwrap();
    assert_eq!(texts(&session, &notes), ["seen", "an answer"]);
    let drawers = session.query::<Drawer>().filter(Drawer::NOTES.any(Note::ID.gt(0))).all().await.unwrap();
    assert_eq!(drawers.len(), 1);
    assert_eq!(session.get::<Drawer>(2).await.unwrap(), None);
    assert_eq!(engine.session().query::<Drawer>().count().await.unwrap(), 2); // others are not concerned
}

#[orm_testkit::test(base = Base)]
async fn criteria_that_speak_of_each_other_come_to_an_end(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    session.restrict::<Drawer>(Drawer::NOTES.any(Note::TEXT.eq("theirs")));
    session.restrict::<Note>(Note::DRAWER.has(Drawer::NAME.eq("theirs")));
    session.restrict::<Note>(Note::ANSWERS.is_empty());
    let drawers = session.query::<Drawer>().all().await.unwrap();
    assert_eq!(drawers.iter().map(|drawer| &*session[*drawer].name).collect::<Vec<_>>(), ["theirs"]);
    let notes = session.query::<Note>().all().await.unwrap();
    assert_eq!(texts(&session, &notes), ["theirs"]);
}

#[orm_testkit::test(base = Base)]
async fn a_maker_gives_its_criteria_to_its_sessions(engine: Engine) {
    fill(&engine).await;
    let maker = SessionMaker::new(&engine).restrict::<Drawer>(Drawer::TENANT.eq(OURS));
    assert_eq!(maker.session().query::<Drawer>().count().await.unwrap(), 1);
    let counted = maker.begin(async |mut session| session.query::<Drawer>().count().await).await.unwrap();
    assert_eq!(counted, 1);
    let mut both = maker.session_with(|options| options.restrict::<Drawer>(Drawer::NAME.eq("theirs")));
    assert_eq!(both.query::<Drawer>().count().await.unwrap(), 0);
    maker.configure(|options| options.restrict::<Drawer>(Drawer::NAME.eq("theirs")));
    assert_eq!(maker.session().query::<Drawer>().count().await.unwrap(), 0);
}

#[orm_testkit::test(base = Base)]
async fn a_session_that_is_emptied_keeps_its_criteria(engine: Engine) {
    fill(&engine).await;
    let mut session = ours(&engine);
    session.reset().await.unwrap();
    assert_eq!(session.query::<Drawer>().count().await.unwrap(), 1);
    session.expunge_all();
    assert_eq!(session.query::<Drawer>().count().await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn a_guard_shows_everything_for_as_long_as_it_lives(engine: Engine) {
    fill(&engine).await;
    let mut session = ours(&engine);
    let mut all = session.without_criteria();
    assert_eq!(all.query::<Note>().count().await.unwrap(), 5);
    assert_eq!(all.without_criteria().query::<Note>().count().await.unwrap(), 5);
    assert_eq!(all.query::<Note>().count().await.unwrap(), 5);
    let theirs = all.get_one::<Drawer>(2).await.unwrap();
    drop(all);
    assert_eq!(session.query::<Note>().count().await.unwrap(), 2);
    assert_eq!(session.get::<Drawer>(2).await.unwrap(), Some(theirs)); // it is in the session by now
    assert_eq!(session.query::<Drawer>().count().await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn a_future_that_is_dropped_leaves_the_criteria_in_place(engine: Engine) {
    fill(&engine).await;
    let mut session = ours(&engine);
    let look = async |session: &mut Session| session.without_criteria().query::<Note>().count().await;
    assert!(look(&mut session).now_or_never().is_none());
    assert_eq!(session.query::<Note>().count().await.unwrap(), 2);
}

#[orm_testkit::test(base = Base)]
async fn a_new_criterion_has_get_ask_the_database_again(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let [first, second] = [session.get_one::<Drawer>(1).await.unwrap(), session.get_one(2).await.unwrap()];
    session.restrict::<Drawer>(Drawer::TENANT.eq(OURS));
    assert_eq!(session.get::<Drawer>(1).await.unwrap(), Some(first));
    assert_eq!(session.get::<Drawer>(2).await.unwrap(), None);
    assert_eq!(session[second].name, "theirs"); // a handle is a handle
}

#[orm_testkit::test(base = Base)]
async fn a_new_row_need_not_meet_the_criteria(engine: Engine) {
    fill(&engine).await;
    let mut session = ours(&engine);
    let new = session.add(Drawer::builder().tenant(9).name("new"));
    session.commit().await.unwrap();
    session[new].name.push('!');
    session.commit().await.unwrap(); // by its key
    assert_eq!(session.query::<Drawer>().filter(Drawer::NAME.eq("new!")).count().await.unwrap(), 0);
    assert_eq!(session.query::<Drawer>().unrestricted().count().await.unwrap(), 3);
}

#[orm_testkit::test(base = Base)]
async fn an_unrestricted_query_is_so_in_all_its_parts(engine: Engine) {
    fill(&engine).await;
    let mut session = ours(&engine);
    let hidden = Note::REMARKS.any(Remark::TEXT.like("%deleted")) & Note::LABELS.any(Label::WORD.eq("tea"));
    let query = select::<Note>().filter(hidden);
    assert_eq!(session.all(query.clone()).await.unwrap().len(), 0);
    assert_eq!(session.all(query.unrestricted()).await.unwrap().len(), 1);
}
