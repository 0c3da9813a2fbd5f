//! Relations that are only looked at.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_tests::models::mailbox::{Base, Mail, Member, Topic};

/// Ann has three mails, two of them unread; Bea lives in the same city and has one.
async fn start(engine: &Engine) -> Session {
    let mut session = engine.session();
    let mail = |subject: &str, read| Mail { read, ..Mail::builder().subject(subject).build() };
    let mails = [mail("a", false), mail("b", true), mail("c", false)];
    session.add(Member::builder().address("ann").city("Bonn").mails(mails));
    session.add(Member::builder().address("bea").city("Bonn").mails([mail("d", false)]));
    session.commit().await.unwrap();
    engine.session()
}

fn subjects(session: &Session, member: Handle<Member>) -> String {
    session.at(member).related(Member::UNREAD).unwrap().map(|mail| mail.subject.clone()).collect()
}

#[orm_testkit::test(base = Base)]
async fn a_view_that_is_not_loaded_names_the_call(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let ann = session.get_one::<Member>(1).await?;
    let error = session.at(ann).related(Member::UNREAD).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    assert!(error.to_string().contains("`session.load(handle, Member::UNREAD).await?`"), "{error}");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_pushed_into_the_relation_is_not_in_its_view_before_a_load(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let ann = session.get_one::<Member>(1).await?;
    session.load(ann, Member::UNREAD).await?;
    session[ann].mails.push(Mail::builder().subject("e"));
    assert_eq!(subjects(&session, ann), "ca");
    session.flush().await?;
    session.load(ann, Member::UNREAD).await?;
    assert_eq!(subjects(&session, ann), "eca");
    session.rollback().await?;
    assert!(!session[ann].unread.is_loaded(), "it showed what is not there any more");
    session.load(ann, Member::UNREAD).await?;
    assert_eq!(subjects(&session, ann), "ca");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn paths_go_through_views(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let ann = session.get_one::<Member>(1).await?;
    let found = session.load([ann], Member::NEIGHBOURS.then(Member::UNREAD)).await?;
    assert_eq!(found.len(), 3);
    assert_eq!(session.at(ann).related(Member::NEIGHBOURS)?.len(), 2, "one is a neighbour of oneself");
    let owners = session.load([ann], Member::UNREAD.then(Mail::OWNER)).await?;
    assert_eq!(owners, [ann]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_part_of_a_view_is_loaded(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let all = session.query::<Member>().order_by(Member::ID).all().await?;
    session.load(&all, Member::UNREAD.limit(1)).await?;
    assert_eq!(all.iter().map(|member| subjects(&session, *member)).collect::<Vec<_>>(), ["c", "d"]);
    session.load(&all, Member::UNREAD.filter(Mail::SUBJECT.ne("c"))).await?;
    assert_eq!(all.iter().map(|member| subjects(&session, *member)).collect::<Vec<_>>(), ["a", "d"]);
    session.load(&all, Member::UNREAD).await?;
    assert_eq!(subjects(&session, all[0]), "ca");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_of_a_view_are_the_objects_that_the_session_has(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let ann = session.query::<Member>().order_by(Member::ID).limit(1).with(Member::MAILS).one().await?;
    let first = session.get_one::<Mail>(1).await?;
    session[first].subject = "changed".into();
    let mut session = session.no_autoflush();
    let unread = session.load(ann, Member::UNREAD).await?;
    assert!(unread.contains(&first));
    assert_eq!(session[first].subject, "changed", "nothing is overwritten");
    assert_eq!(session.objects::<Mail>().count(), 3);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_owner_is_deleted_whatever_its_views_show(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let bea = session.get_one::<Member>(2).await?;
    session.load(bea, Member::NEIGHBOURS).await?;
    session.load(bea, Member::UNREAD).await?;
    session.delete(bea)?;
    session.commit().await?;
    assert_eq!(engine.count(select::<Member>()).await?, 1, "neighbours stay");
    assert_eq!(engine.count(select::<Mail>()).await?, 4, "and so do mails, without an owner");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_member_that_leaves_the_session_has_the_view_read_again(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let ann = session.get_one::<Member>(1).await?;
    let unread = session.load(ann, Member::UNREAD).await?;
    session.expunge(unread[0])?;
    assert!(!session[ann].unread.is_loaded());
    assert_eq!(session.load(ann, Member::UNREAD).await?.len(), 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn expiry_has_a_view_read_again(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let ann = session.get_one::<Member>(1).await?;
    session.load(ann, Member::UNREAD).await?;
    engine.execute_script("UPDATE mail SET read = true WHERE subject = 'a'").await?;
    session.load(ann, Member::UNREAD).await?;
    assert_eq!(subjects(&session, ann), "ca", "it is known");
    session.expire_relation(ann, Member::UNREAD)?;
    session.load(ann, Member::UNREAD).await?;
    assert_eq!(subjects(&session, ann), "c");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_value_that_joins_is_changed(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let [ann, bea] = [session.get_one::<Member>(1).await?, session.get_one::<Member>(2).await?];
    session.load([ann, bea], Member::NEIGHBOURS).await?;
    session[bea].city = "Köln".into();
    session.commit().await?;
    session.load([ann, bea], Member::NEIGHBOURS).await?;
    for member in [ann, bea] {
        assert_eq!(session.at(member).related(Member::NEIGHBOURS)?.len(), 1);
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_owner_has_no_view_until_it_is_written(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let new = session.add(Member::builder().city("Bonn").topics([Topic::builder().word("ale")]));
    assert_eq!(session.at(new).related(Member::NEIGHBOURS).unwrap_err().kind(), ErrorKind::NotLoaded);
    session.commit().await?;
    assert_eq!(session.load(new, Member::NEIGHBOURS).await?.len(), 3);
    assert_eq!(session.load(new, Member::SHORT_TOPICS).await?.len(), 1);
    Ok(())
}
