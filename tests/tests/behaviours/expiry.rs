//! Objects that are stale, and reading them again.

use super::common::{customer, product, shop};
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::sql::text;
use orm_core::state::ObjectState;
use shop_models::models::{Base, Cart, Customer, Product};

#[orm_testkit::test(base = Base)]
async fn a_row_that_text_deleted_leaves_with_get_and_returns_with_the_rollback(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session.expire_all();
    session.execute(text("DELETE FROM product")).await?;
    assert!(session.contains(tea), "nobody looked yet");
    assert_eq!(session.get::<Product>(1).await?, None);
    assert!(!session.contains(tea));
    session.rollback().await?;
    assert!(session.contains(tea));
    assert_eq!(session.get::<Product>(1).await?, Some(tea));
    assert_eq!(session[tea].title, "Tea");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn refreshing_a_row_that_text_deleted_is_an_error_and_the_session_goes_on(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session.execute(text("DELETE FROM product")).await?;
    let error = session.refresh(tea).await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Product")));
    assert!(session.is_active() && session.in_transaction());
    session.rollback().await?;
    session.refresh(tea).await?;
    assert_eq!(session[tea].title, "Tea");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_expired_object_can_be_written_without_reading_it(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session.expire(tea)?;
    orm_testkit::assert_queries!(session, 1, {
        session[tea].title = "Green tea".into();
        session.commit().await?;
    });
    assert_eq!(engine.fetch_one(columns(Product::TITLE)).await?, "Green tea");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_read_over_an_expired_object_is_no_change(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session.expire(tea)?;
    session.execute(text("UPDATE product SET title = 'Green tea'")).await?;
    session.query::<Product>().one().await?;
    assert_eq!(session[tea].title, "Green tea");
    assert!(!session.is_modified(tea)? && session.flush_plan()?.is_empty());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_refresh_ends_the_expiry(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session.expire(tea)?;
    session.refresh(tea).await?;
    assert!(!session.is_expired(tea)?);
    orm_testkit::assert_queries!(session, 0, { session.get::<Product>(1).await? });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn objects_that_left_the_session_are_neither_expired_nor_refreshed(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session.expunge_all();
    assert_eq!(session.expire(tea).unwrap_err().kind(), ErrorKind::Gone);
    assert_eq!(session.refresh(tea).await.unwrap_err().kind(), ErrorKind::Gone);
    assert_eq!(session.is_expired(tea).unwrap_err().kind(), ErrorKind::Gone);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn expiring_many_and_one_that_is_new_expires_none(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session[tea].title = "Green tea".into();
    let new = session.add(product(2));
    assert_eq!(session.expire(&[tea, new][..]).unwrap_err().kind(), ErrorKind::NotPersistent);
    assert!(!session.is_expired(tea)?);
    assert_eq!(session[tea].title, "Green tea");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_refresh_of_many_is_one_round_trip(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let products = session.add_all((1..=20).map(product));
    session.commit().await?;
    engine.execute_script("UPDATE product SET price_cents = price_cents + 100").await?;
    let before = engine.statistics().round_trips;
    session.refresh(&products).await?;
    assert_eq!(engine.statistics().round_trips - before, 1);
    assert!((1..=20).zip(&products).all(|(n, handle)| session[*handle].price_cents == n + 100));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_refresh_drops_new_members_of_a_collection(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().with(Customer::CARTS).one().await?;
    session[ann].carts.push(Cart::builder().invoice("3"));
    session[ann].name = "Anna".into();
    session.refresh(ann).await?;
    assert_eq!(session.dirty().count(), 0);
    assert_eq!((&session[ann].name[..], session.at(ann).related(Customer::CARTS)?.len()), ("Ann", 2));
    session.commit().await?;
    assert_eq!(engine.count(select::<Cart>()).await?, 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_refresh_flushes_what_is_changed_in_other_objects(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let (ann, tea) = (session.get_one::<Customer>(1).await?, session.get_one::<Product>(1).await?);
    session[ann].age = Some(41);
    session[tea].title = "Green tea".into();
    session.refresh(tea).await?;
    assert_eq!((session[ann].age, &session[tea].title[..]), (Some(41), "Tea"));
    assert!(session.in_transaction() && session.dirty().count() == 0);
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Customer::AGE)).await?, Some(41));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_refresh_leaves_what_is_not_loaded_alone(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.get_one::<Customer>(1).await?;
    orm_testkit::assert_queries!(session, 1, { session.refresh(ann).await? });
    assert!(!session[ann].carts.is_loaded());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_expired_collection_is_loaded_again_with_what_others_wrote(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().with(Customer::CARTS).one().await?;
    session.execute(text("INSERT INTO cart (customer_id, invoice) VALUES (1, '3')")).await?;
    assert_eq!(session.at(ann).related(Customer::CARTS)?.len(), 2);
    session.expire_relation(ann, Customer::CARTS)?;
    assert_eq!(session.at(ann).related(Customer::CARTS).unwrap_err().kind(), ErrorKind::NotLoaded);
    session.load(ann, Customer::CARTS).await?;
    assert_eq!(session.at(ann).related(Customer::CARTS)?.len(), 3);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_expired_collection_forgets_members_that_were_not_written(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().with(Customer::CARTS).one().await?;
    let first = session.objects::<Cart>().next().unwrap();
    session[ann].carts.remove(first);
    session.expire_relation(ann, Customer::CARTS)?;
    assert!(!session.is_modified(ann)?);
    assert_eq!(session.load(ann, Customer::CARTS).await?.len(), 2);
    session.commit().await?;
    assert_eq!(engine.count(select::<Cart>()).await?, 2, "nobody is an orphan");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn loading_an_expired_collection_flushes_first(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let cart = session.query::<Cart>().with(Cart::PRODUCTS).order_by(Cart::ID).first().await?.unwrap();
    let tea = session.objects::<Product>().next().unwrap();
    let coffee = session.add(Product { sku: "A-0".into(), ..product(2) });
    session[cart].products.push(coffee);
    session.flush().await?;
    session[tea].sku = "A".into();
    session.expire_relation(cart, Cart::PRODUCTS)?;
    assert_eq!(
        session.load(cart, Cart::PRODUCTS).await?,
        [tea, coffee],
        "in the order of the changed column"
    );
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_query_along_a_path_loads_expired_collections_again(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().with(Customer::CARTS).one().await?;
    session.expire_relation(ann, Customer::CARTS)?;
    session.expire(ann)?;
    session.query::<Customer>().with(Customer::CARTS).one().await?;
    assert!(!session.is_expired(ann)?);
    assert_eq!(session.at(ann).related(Customer::CARTS)?.len(), 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn renewing_an_owner_keeps_what_is_changed_in_its_members(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().with(Customer::CARTS).one().await?;
    let cart = session.objects::<Cart>().next().unwrap();
    session[cart].invoice = Some("changed".into());
    let mut quiet = session.no_autoflush();
    quiet.expire_relation(ann, Customer::CARTS)?;
    quiet.query::<Customer>().with(Customer::CARTS).one().await?;
    drop(quiet);
    assert_eq!(session[cart].invoice.as_deref(), Some("changed"));
    session.commit().await?;
    assert_eq!(engine.count(select::<Cart>().filter(Cart::INVOICE.eq("changed"))).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_session_that_expires_everything_keeps_its_handles(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().with(Customer::CARTS.then(Cart::PRODUCTS)).one().await?;
    let before = session.len();
    session.expire_all();
    assert_eq!(session.len(), before);
    let again = session.query::<Customer>().with(Customer::CARTS.then(Cart::PRODUCTS)).one().await?;
    assert_eq!((again, session.len()), (ann, before));
    assert_eq!(session.objects::<Cart>().filter(|cart| session.is_expired(*cart).unwrap()).count(), 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_expired_object_can_be_deleted(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.get_one::<Customer>(1).await?;
    session.expire(ann)?;
    session.delete(ann)?;
    session.commit().await?;
    assert_eq!(session.state(ann)?, ObjectState::Deleted);
    assert_eq!(engine.count(select::<Cart>()).await?, 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn expiring_takes_no_mark_for_deletion_back(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session.delete(tea)?;
    session.expire(tea)?;
    assert_eq!(session.deleted().count(), 1);
    session.commit().await?;
    assert_eq!(engine.count(select::<Product>()).await?, 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_expired_at_a_commit_is_read_in_the_next_transaction(engine: Engine) -> orm_core::Result<()> {
    let maker = orm_core::SessionMaker::new(&engine).expire_on_commit(true);
    let mut session = maker.session();
    let ann = session.add(customer("Ann"));
    session.commit().await?;
    assert!(session.is_expired(ann)? && !session.in_transaction());
    assert_eq!(session[ann].name, "Ann", "reading never asks the database");
    session.begin().await?;
    session.refresh(ann).await?;
    assert!(session.in_transaction() && !session.is_expired(ann)?);
    session.rollback().await?;
    assert!(!session.is_expired(ann)?, "nothing was written in between");
    Ok(())
}
