//! Relations to one object whose foreign key is on the other side.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_tests::models::desks::{Base, Desk, Worker};
use orm_tests::models::people::{self, Profile, User};

fn worker(name: &str) -> Worker {
    Worker::builder().name(name).build()
}

fn desk(name: &str) -> Desk {
    Desk::builder().name(name).build()
}

/// Ann at desk 1, and desk 2, which is free.
async fn start(engine: &Engine) -> orm_core::Result<(Session, Handle<Worker>, [Handle<Desk>; 2])> {
    let mut session = engine.session();
    let desks = ["1", "2"].map(|name| session.add(desk(name)));
    let ann = session.add(worker("ann"));
    session[ann].desk.set(desks[0]);
    session.commit().await?;
    Ok((session, ann, desks))
}

/// Who sits at the desks.
async fn workers(engine: &Engine) -> orm_core::Result<Vec<Option<i64>>> {
    engine.fetch_all(columns(Desk::WORKER_ID).order_by(Desk::ID)).await
}

#[orm_testkit::test(base = Base)]
async fn the_key_of_the_other_side_is_set(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, desks) = start(&engine).await?;
    assert_eq!(workers(&engine).await?, [Some(1), None]);
    assert_eq!(session.at(ann).related(Worker::DESK)?.unwrap().name, "1");
    assert_eq!(session[desks[0]].worker.as_ref().and_then(BelongsTo::handle), Some(ann));
    let mut other = engine.session();
    let ann = other.query::<Worker>().with(Worker::DESK).one().await?;
    assert_eq!(other.at(ann).related(Worker::DESK)?.unwrap().name, "1");
    session.rollback().await
}

#[orm_testkit::test(base = Base)]
async fn a_new_one_comes_with_its_owner(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let bea = session.add(Worker::builder().name("bea").desk(desk("3")));
    session.commit().await?;
    assert_eq!(workers(&engine).await?, [Some(1)]);
    let mut alone = worker("cleo");
    alone.desk.set(desk("4"));
    alone.desk.set(desk("5"));
    session.add(alone);
    session.commit().await?;
    assert_eq!(
        engine.fetch_all(columns(Desk::NAME).order_by(Desk::ID)).await?,
        ["3", "5"],
        "the last one counts"
    );
    assert!(session[bea].desk.handle().is_some());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_one_that_is_replaced_is_cleared_in_the_same_flush(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, desks) = start(&engine).await?;
    session[ann].desk.set(desks[1]);
    session.commit().await?;
    assert_eq!(workers(&engine).await?, [None, Some(1)]);
    assert!(session[desks[0]].worker.is_none());
    assert_eq!(session.at(ann).related(Worker::DESK)?.unwrap().handle(), desks[1]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_one_that_is_replaced_is_found_when_it_is_not_loaded(engine: Engine) -> orm_core::Result<()> {
    start(&engine).await?;
    let mut session = engine.session();
    let ann = session.query::<Worker>().one().await?;
    session[ann].desk.set(desk("new"));
    session.commit().await?;
    assert_eq!(workers(&engine).await?, [None, None, Some(1)]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn it_is_let_go(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, desks) = start(&engine).await?;
    session[ann].desk.clear();
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of desk (worker_id)");
    session.commit().await?;
    assert_eq!(workers(&engine).await?, [None, None]);
    assert!(session.at(ann).related(Worker::DESK)?.is_none());
    assert_eq!(session.state(desks[0])?, ObjectState::Persistent);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn it_is_given_back_before_the_flush(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, desks) = start(&engine).await?;
    session[ann].desk.clear();
    session[ann].desk.set(desks[1]);
    session[ann].desk.set(desks[0]);
    assert!(session.flush_plan()?.is_empty(), "{}", session.flush_plan()?);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn through_the_foreign_key_the_owner_shows_the_new_one(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, desks) = start(&engine).await?;
    session[desks[0]].worker = None;
    session[desks[1]].worker = ann.into();
    session.commit().await?;
    assert_eq!(workers(&engine).await?, [None, Some(1)]);
    assert_eq!(session.at(ann).related(Worker::DESK)?.unwrap().handle(), desks[1]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn two_owners_exchange_what_they_have(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, desks) = start(&engine).await?;
    let bea = session.add(worker("bea"));
    session[bea].desk.set(desks[1]);
    session.commit().await?;
    assert_eq!(workers(&engine).await?, [Some(1), Some(2)]);
    session[ann].desk.set(desks[1]);
    session[bea].desk.set(desks[0]);
    session.commit().await?;
    assert_eq!(workers(&engine).await?, [Some(2), Some(1)], "each key is unique all the time");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_owner_takes_it_over(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, desks) = start(&engine).await?;
    let bea = session.add(Worker::builder().name("bea").desk(desks[0]));
    session.commit().await?;
    assert_eq!(workers(&engine).await?, [Some(2), None]);
    assert!(session.at(ann).related(Worker::DESK)?.is_none());
    assert_eq!(session.at(bea).related(Worker::DESK)?.unwrap().handle(), desks[0]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn it_stays_when_its_owner_goes(engine: Engine) -> orm_core::Result<()> {
    start(&engine).await?;
    let mut session = engine.session();
    let ann = session.query::<Worker>().one().await?;
    session.delete(ann)?;
    session.commit().await?;
    assert_eq!(workers(&engine).await?, [None, None]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn it_goes_and_its_owner_stays(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, desks) = start(&engine).await?;
    session.delete(desks[0])?;
    session.commit().await?;
    assert!(session.at(ann).related(Worker::DESK)?.is_none());
    session[ann].desk.set(desks[1]);
    session.commit().await?;
    assert_eq!(workers(&engine).await?, [Some(1)]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_returns_it(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, desks) = start(&engine).await?;
    session[ann].desk.set(desks[1]);
    session.flush().await?;
    session.rollback().await?;
    assert_eq!(session.at(ann).related(Worker::DESK)?.unwrap().handle(), desks[0]);
    assert!(session[desks[1]].worker.is_none());
    assert!(session.flush_plan()?.is_empty());
    Ok(())
}

#[orm_testkit::test(base = people::Base)]
async fn one_that_needs_its_owner_goes_when_it_is_let_go(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let user = session.add(User::builder().login("a").profile(Profile::builder().text("1")));
    session.commit().await?;
    let profile = session[user].profile.handle().flatten().unwrap();
    session[user].profile.clear();
    session.commit().await?;
    assert_eq!(session.state(profile)?, ObjectState::Deleted);
    assert_eq!(engine.count(select::<Profile>()).await?, 0);
    Ok(())
}

#[orm_testkit::test(base = people::Base)]
async fn a_second_one_of_the_same_owner_is_refused_by_the_server(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let user = session.add(User::builder().login("a").profile(Profile::builder().text("1")));
    session.commit().await?;
    session.add(Profile::builder().text("2").user_key(session[user].id.unwrap()));
    let error = session.commit().await.unwrap_err();
    assert!(error.is_unique_violation());
    assert_eq!((error.kind(), error.columns()), (ErrorKind::Database, &["user_id".to_owned()][..]));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn one_that_is_shown_as_a_part_gives_way_at_once(engine: Engine) -> orm_core::Result<()> {
    start(&engine).await?;
    let mut session = engine.session();
    let ann = session.query::<Worker>().with(Worker::DESK.filter(Desk::NAME.eq("1"))).one().await?;
    let desks = session.query::<Desk>().order_by(Desk::ID).all().await?;
    assert!(session[ann].desk.is_partial());
    session.link(desks[1], Desk::WORKER, ann)?;
    assert_eq!(session.at(ann).related(Worker::DESK)?.unwrap().handle(), desks[1]);
    assert!(session[desks[0]].worker.is_none());
    session.commit().await?;
    assert_eq!(workers(&engine).await?, [None, Some(1)]);
    assert_eq!(session.at(ann).related(Worker::DESK)?.unwrap().handle(), desks[1]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn of_several_that_are_linked_the_last_counts(engine: Engine) -> orm_core::Result<()> {
    start(&engine).await?;
    let mut session = engine.session();
    let ann = session.query::<Worker>().one().await?;
    let third = session.link(ann, Worker::DESK, desk("3"))?;
    let fourth = session.link(ann, Worker::DESK, desk("4"))?;
    assert!(session[third].worker.is_none());
    session.commit().await?;
    assert_eq!(workers(&engine).await?, [None, None, None, Some(1)]);
    assert_eq!(session.load(ann, Worker::DESK).await?, [fourth]);
    Ok(())
}
