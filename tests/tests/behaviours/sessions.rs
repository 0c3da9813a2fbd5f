//! The session and its identity map: what is in it, and what comes out.

use super::common::{customer, names, product, shop};
use orm_core::ErrorKind;
use orm_core::mapper::IdentityKey;
use orm_core::prelude::*;
use orm_core::sql::text;
use orm_core::state::ObjectState;
use orm_tests::models::keys::{self, Course};
use shop_models::models::{Base, Cart, Customer, Product};

#[orm_testkit::test(base = Base)]
async fn get_gives_one_object_until_the_session_is_emptied(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    orm_testkit::assert_queries!(session, 0, { assert_eq!(session.get::<Product>(1).await?, Some(tea)) });
    session.expunge_all();
    assert_ne!(session.get_one::<Product>(1).await?, tea);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_row_that_is_not_there_is_none_or_an_error_with_its_key(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    assert_eq!(session.get::<Product>(7).await?, None);
    let error = session.get_one::<Product>(7).await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::NotFound, Some("Product")));
    assert!(error.to_string().contains('7'), "{error}");
    assert!(session.is_active());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn get_does_not_find_what_a_flush_deleted(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session.delete(tea)?;
    session.flush().await?;
    assert_eq!(session.get::<Product>(1).await?, None);
    session.rollback().await?;
    assert_eq!(session.get::<Product>(1).await?, Some(tea));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn two_sessions_have_two_objects_of_one_row(engine: Engine) -> orm_core::Result<()> {
    let (mut one, mut two) = (shop(&engine).await?, engine.session());
    let (first, second) = (one.get_one::<Product>(1).await?, two.get_one::<Product>(1).await?);
    assert_eq!(one.identity_key(first)?, two.identity_key(second)?);
    one[first].title = "Green tea".into();
    assert_eq!(two[second].title, "Tea");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_query_does_not_overwrite_what_the_program_changed(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session[tea].title = "Green tea".into();
    assert_eq!(session.no_autoflush().query::<Product>().one().await?, tea);
    assert_eq!(session[tea].title, "Green tea");
    assert_eq!(session.history(tea)?.old().unwrap().title, "Tea");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_query_does_not_overwrite_what_it_read_before(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    engine.execute_script("UPDATE product SET title = 'Green tea'").await?;
    assert_eq!(session.query::<Product>().filter(Product::TITLE.eq("Green tea")).one().await?, tea);
    assert_eq!(session[tea].title, "Tea");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn adding_and_changing_begin_no_transaction(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session.add(customer("Bea"));
    session[tea].title = "Green tea".into();
    session.delete(tea)?;
    assert!(!session.in_transaction() && session.is_active());
    session.flush().await?;
    assert!(session.in_transaction() && session.is_active());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn adding_again_what_is_there_changes_nothing(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session.add_again(ann)?;
    assert_eq!(session.pending().count(), 1);
    session.commit().await?;
    session.add_again(ann)?;
    assert!(!session.is_modified(ann)? && session.flush_plan()?.is_empty());
    assert_eq!(session.state(ann)?, ObjectState::Persistent);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn adding_again_takes_a_mark_for_deletion_back(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().with(Customer::CARTS).one().await?;
    session[ann].age = Some(41);
    session.delete(ann)?;
    let stray = session.add(Cart::builder());
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::Unset, "a cart without a customer");
    session.delete(stray)?;
    assert_eq!(session.deleted().count(), 3, "the flush marked her carts, too");
    session.add_again(ann)?;
    assert_eq!(session.deleted().count(), 0, "her carts stay with her");
    session.commit().await?;
    assert_eq!((names(&engine).await?.len(), engine.count(select::<Cart>()).await?), (1, 2));
    assert_eq!(engine.fetch_one(columns(Customer::AGE)).await?, Some(41));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn deleting_twice_is_one_deletion(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session.delete(tea)?;
    session.delete(tea)?;
    assert_eq!(session.deleted().count(), 1);
    session.commit().await?;
    assert_eq!(session.delete(tea).unwrap_err().kind(), ErrorKind::Gone);
    assert_eq!(engine.count(select::<Product>()).await?, 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn deleting_a_row_that_is_gone_already_is_what_was_wanted(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    engine.execute_script("DELETE FROM product").await?;
    session.delete(tea)?;
    session.commit().await?;
    assert_eq!(session.state(tea)?, ObjectState::Deleted);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_copy_of_an_object_is_another_object(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    let copy = session[tea].clone();
    let twin = session.add(copy);
    assert_ne!(twin, tea);
    let error = session.flush().await.unwrap_err();
    assert!(error.is_unique_violation(), "it has the key of the other: {error}");
    session.rollback().await?;
    assert_eq!(session.get::<Product>(1).await?, Some(tea));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_copy_without_its_key_is_a_new_row(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    let copy =
        Product { id: Auto::Unset, sku: "P-2".into(), carts: ManyToMany::new(), ..session[tea].clone() };
    let second = session.add(copy);
    session.commit().await?;
    assert_ne!(session[second].id, session[tea].id);
    assert_eq!(engine.count(select::<Product>()).await?, 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn handles_of_a_session_that_ended_are_refused(engine: Engine) -> orm_core::Result<()> {
    let mut first = shop(&engine).await?;
    let tea = first.get_one::<Product>(1).await?;
    first.close().await?;
    let mut second = engine.session();
    second.get_one::<Product>(1).await?;
    for error in
        [second.try_get(tea).map(drop), second.delete(tea), second.expire(tea), second.add_again(tea)]
    {
        assert_eq!(error.unwrap_err().kind(), ErrorKind::ForeignHandle);
    }
    assert!(!second.contains(tea));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_session_that_was_reset_is_as_new(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session.flush().await?;
    session.add(customer("Bea"));
    session.reset().await?;
    assert!(session.is_empty() && !session.in_transaction() && session.is_active());
    assert_eq!(session.try_get(ann).unwrap_err().kind(), ErrorKind::Gone);
    session.add(customer("Cleo"));
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Cleo"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn emptying_a_session_leaves_its_transaction_open(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(customer("Ann"));
    session.flush().await?;
    session.add(customer("Bea"));
    session.expunge_all();
    assert!(session.is_empty() && session.in_transaction());
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Ann"], "what was flushed is committed, what was not is forgotten");
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn an_object_is_found_under_its_new_key_after_the_flush(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let one = session.add(Course::builder().code("1").title("Rust"));
    session.commit().await?;
    session[one].code = "2".into();
    assert_eq!(session.identity_key(one)?, Some(IdentityKey::of::<Course>("1".to_owned())?));
    session.flush().await?;
    assert_eq!(session.identity_key(one)?, Some(IdentityKey::of::<Course>("2".to_owned())?));
    orm_testkit::assert_queries!(session, 0, { assert_eq!(session.get::<Course>("2").await?, Some(one)) });
    assert_eq!(session.get::<Course>("1").await?, None);
    session.rollback().await?;
    assert_eq!(session.get::<Course>("1").await?, Some(one));
    assert_eq!(session.get::<Course>("2").await?, None);
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn objects_take_over_each_others_keys_and_give_them_back(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [one, two, three] =
        ["1", "2", "3"].map(|code| session.add(Course::builder().code(code).title("Rust")));
    session.commit().await?;
    session.delete(one)?;
    session.delete(two)?;
    session.flush().await?;
    for code in ["1", "2"] {
        session[three].code = code.into();
        session.flush().await?;
    }
    session.rollback().await?;
    for (code, handle) in [("1", one), ("2", two), ("3", three)] {
        assert_eq!(session.get::<Course>(code).await?, Some(handle));
        assert_eq!(session.state(handle)?, ObjectState::Persistent);
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn text_does_not_change_objects_until_they_are_read_again(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    assert_eq!(session.execute(text("UPDATE product SET price_cents = 7")).await?, 1);
    assert_eq!(session[tea].price_cents, 1);
    session.refresh(tea).await?;
    assert_eq!(session[tea].price_cents, 7);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_session_tells_what_it_holds(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    let new = session.add(product(2));
    assert_eq!(session.len(), 2);
    assert_eq!(session.objects::<Product>().collect::<Vec<_>>(), [tea, new]);
    let map: Vec<_> = session.identity_map().collect();
    assert_eq!(map, [(IdentityKey::of::<Product>(1)?, tea.into())], "the new one has no identity yet");
    assert!(format!("{session:?}").contains("objects: 2"));
    Ok(())
}
