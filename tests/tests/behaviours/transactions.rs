//! Commit and rollback, and what they do to objects.

use super::common::{customer, names, product, shop};
use orm_core::mapper::IdentityKey;
use orm_core::prelude::*;
use orm_core::sql::text;
use orm_core::state::ObjectState;
use orm_core::{ErrorKind, SessionMaker};
use orm_tests::models::keys::{self, Course};
use shop_models::models::{Base, Cart, Customer, Product};

fn course(code: &str) -> Course {
    Course::builder().code(code).title("Rust").build()
}

#[orm_testkit::test(base = Base)]
async fn what_is_flushed_is_not_seen_by_another_session(engine: Engine) -> orm_core::Result<()> {
    let (mut one, mut two) = (engine.session(), engine.session());
    one.add(customer("Ann"));
    one.flush().await?;
    assert_eq!(two.query::<Customer>().count().await?, 0);
    one.commit().await?;
    assert_eq!(two.query::<Customer>().count().await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_commit_without_changes_ends_the_transaction(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.begin().await?;
    session.commit().await?;
    assert!(!session.in_transaction());
    orm_testkit::assert_queries!(session, 0, { session.commit().await? });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn beginning_twice_is_one_transaction(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.begin().await?;
    session.add(customer("Ann"));
    session.flush().await?;
    session.begin().await?;
    session.rollback().await?;
    assert_eq!(names(&engine).await?, [""; 0]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_transaction_after_a_rollback_is_a_new_one(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(customer("Ann"));
    session.flush().await?;
    session.rollback().await?;
    session.add(customer("Bea"));
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Bea"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_without_a_transaction_sends_nothing(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(customer("Ann"));
    orm_testkit::assert_queries!(session, 0, { session.rollback().await? });
    assert!(session.is_empty());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_second_rollback_changes_nothing(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session.commit().await?;
    session[ann].age = Some(1);
    session.flush().await?;
    session.rollback().await?;
    session.rollback().await?;
    assert_eq!((session[ann].age, session.state(ann)?), (None, ObjectState::Persistent));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_object_of_an_earlier_commit_survives_a_rollback(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session.commit().await?;
    let bea = session.add(customer("Bea"));
    session.rollback().await?;
    assert!(session.contains(ann) && !session.contains(bea));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_deletion_that_is_committed_stays_after_a_rollback(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session.commit().await?;
    session.delete(ann)?;
    session.commit().await?;
    session.rollback().await?;
    assert!(!session.contains(ann));
    assert_eq!(session.try_get(ann).unwrap_err().kind(), ErrorKind::Gone);
    assert_eq!(session.get::<Customer>(1).await?, None);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_takes_a_mark_for_deletion_back_with_its_cascade(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().with(Customer::CARTS).one().await?;
    let carts: Vec<_> = session.objects::<Cart>().collect();
    session.delete(ann)?;
    session.add(Cart::builder());
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::Unset, "a cart without a customer");
    assert_eq!(session.deleted().count(), 3, "she and her carts");
    session.rollback().await?;
    assert_eq!((session.state(ann)?, session.deleted().count()), (ObjectState::Persistent, 0));
    assert!(
        carts.iter().all(|cart| session.state(*cart).is_ok_and(|state| state == ObjectState::Persistent))
    );
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_orphan_that_was_deleted_is_a_member_again_after_a_rollback(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().with(Customer::CARTS).one().await?;
    let cart = session.objects::<Cart>().next().unwrap();
    session[ann].carts.remove(cart);
    assert_eq!(session.query::<Cart>().count().await?, 1, "the flush before the query deleted it");
    session.rollback().await?;
    assert_eq!(session.state(cart)?, ObjectState::Persistent);
    assert!(session.at(ann).related(Customer::CARTS)?.any(|member| member.handle() == cart));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_flush_that_failed_keeps_saying_so_until_the_rollback(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(customer("Ann"));
    session.commit().await?;
    session.add(customer("Ann"));
    assert!(session.flush().await.unwrap_err().is_unique_violation());
    for _ in 0..5 {
        assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    }
    session.rollback().await?;
    session.add(customer("Bea"));
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Ann", "Bea"]);
    Ok(())
}

/// A session with a customer, after a flush that failed.
async fn failed(engine: &Engine) -> orm_core::Result<(Session, Handle<Customer>)> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session.commit().await?;
    session.add(customer("Ann"));
    assert!(session.flush().await.is_err());
    Ok((session, ann))
}

#[orm_testkit::test(base = Base)]
async fn what_is_added_after_a_failure_goes_with_the_rollback(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = failed(&engine).await?;
    let bea = session.add(customer("Bea"));
    session.rollback().await?;
    assert!(session.contains(ann) && !session.contains(bea));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_changed_after_a_failure_goes_with_the_rollback(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = failed(&engine).await?;
    session[ann].age = Some(7);
    session.rollback().await?;
    assert_eq!((session[ann].age, session.dirty().count()), (None, 0));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_deleted_after_a_failure_goes_with_the_rollback(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = failed(&engine).await?;
    session.delete(ann)?;
    session.rollback().await?;
    assert_eq!((session.state(ann)?, session.deleted().count()), (ObjectState::Persistent, 0));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_key_that_is_taken_costs_the_whole_flush_and_nothing_else(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(Customer { carts: HasMany::new(), ..customer("Ann") });
    let cart = session.add(Cart::builder().customer(ann).invoice("1"));
    session.commit().await?;
    let twin = Customer::builder().id(1).name("Jack").email("jack").carts([Cart::builder().invoice("2")]);
    let twin = session.add(twin);
    session[ann].name = "Anna".into();
    session[cart].invoice = Some("1b".into());
    let error = session.commit().await.unwrap_err();
    assert!(error.is_unique_violation());
    assert_eq!((error.model(), error.column()), (Some("Customer"), Some("id")));
    session.rollback().await?;
    assert!(!session.contains(twin));
    assert_eq!(session.objects::<Cart>().collect::<Vec<_>>(), [cart]);
    assert_eq!((&session[ann].name[..], session[cart].invoice.as_deref()), ("Ann", Some("1")));
    session[ann].name = "Anna".into();
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Anna"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_another_session_commits_is_seen_after_an_expiring_commit(
    engine: Engine,
) -> orm_core::Result<()> {
    let maker = SessionMaker::new(&engine).expire_on_commit(true);
    let (mut one, mut two) = (maker.session(), maker.session());
    let ann = one.add(customer("Ann"));
    one.commit().await?;
    let same = two.query::<Customer>().one().await?;
    two[same].name = "Anna".into();
    two.commit().await?;
    assert!(one.is_expired(ann)?);
    assert_eq!(one.get::<Customer>(1).await?, Some(ann));
    assert_eq!(one[ann].name, "Anna");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn objects_keep_their_values_over_a_commit(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session.commit().await?;
    session.execute(text("UPDATE customer SET name = 'Anna'")).await?;
    orm_testkit::assert_queries!(session, 0, { session.get::<Customer>(1).await? });
    assert_eq!(session[ann].name, "Ann");
    session.expire_all();
    session.get::<Customer>(1).await?;
    assert_eq!(session[ann].name, "Anna");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_required_key_that_is_missing_leaves_the_transaction_open(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(customer("Ann"));
    session.flush().await?;
    let cart = session.add(Cart::builder());
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::Unset);
    assert!(session.in_transaction() && session.is_active());
    session.delete(cart)?;
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Ann"]);
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn a_natural_key_is_given_up_and_taken_again_in_one_flush(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [_, two, _] = session.add_all(["1", "2", "3"].map(course))[..] else { panic!("three") };
    session.commit().await?;
    session.delete(two)?;
    let new = session.add(course("2"));
    session.flush().await?;
    let twin = session.add(course("3"));
    assert!(session.flush().await.unwrap_err().is_unique_violation());
    session.rollback().await?;
    assert!(!session.contains(twin) && !session.contains(new));
    assert_eq!(session.state(two)?, ObjectState::Persistent);
    assert_eq!(session.get::<Course>("2").await?, Some(two));
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn a_natural_key_that_was_rolled_back_is_free_again(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let first = session.add(course("1"));
    session.flush().await?;
    assert_eq!(session.query::<Course>().first().await?, Some(first));
    session.rollback().await?;
    let second = session.add(course("1"));
    session.commit().await?;
    assert_eq!(session.state(second)?, ObjectState::Persistent);
    assert_eq!(session.get::<Course>("1").await?, Some(second));
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn a_row_that_text_wrote_under_a_deleted_key_leaves_with_the_rollback(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let first = session.add(course("1"));
    session.commit().await?;
    session.delete(first)?;
    session.flush().await?;
    session.execute(text("INSERT INTO course (code, title) VALUES ('1', 'Other')")).await?;
    let other = session.get_one::<Course>("1").await?;
    assert_ne!(other, first);
    session.rollback().await?;
    assert_eq!(session.state(first)?, ObjectState::Persistent);
    let map: Vec<_> = session.identity_map().collect();
    assert_eq!(map, [(IdentityKey::of::<Course>("1".to_owned())?, first.into())]);
    assert_eq!(session.get_one::<Course>("1").await?, first);
    assert_eq!(session[first].title, "Rust");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn text_in_the_transaction_is_rolled_back_with_it(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(product(1));
    session.execute(text("INSERT INTO customer (name, email) VALUES ('Ann', 'a')")).await?;
    session.rollback().await?;
    assert_eq!((engine.count(select::<Product>()).await?, names(&engine).await?.len()), (0, 0));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_closure_that_fails_in_its_flush_rolls_back_and_tells_why(engine: Engine) -> orm_core::Result<()> {
    let maker = SessionMaker::new(&engine);
    let refused = maker.begin(async |mut session| {
        session.add_all(["Ann", "Ann"].map(customer));
        Ok::<_, orm_core::Error>(())
    });
    assert!(refused.await.unwrap_err().is_unique_violation());
    maker.begin(async |mut session| Ok::<_, orm_core::Error>(session.add(customer("Ann")))).await?;
    assert_eq!(names(&engine).await?, ["Ann"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn closing_in_the_middle_drops_the_transaction(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.begin_nested().await?.detach();
    session.add(customer("Ann"));
    session.flush().await?;
    session.close().await?;
    assert!(!engine.connection().await?.in_transaction());
    let mut session = engine.session();
    session.add(customer("Bea"));
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Bea"]);
    Ok(())
}
