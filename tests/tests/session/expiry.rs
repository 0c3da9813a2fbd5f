//! What is stale, and reading it again.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use shop_models::models::{Base, Cart, Customer, Product};

async fn shop(engine: &Engine) -> orm_core::Result<(Session, Handle<Customer>, Handle<Product>)> {
    let mut session = engine.session();
    let tea = session.add(Product::builder().sku("T").title("Tea").price_cents(390));
    let carts = [Cart::builder().products([tea]), Cart::builder()];
    let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
    session.commit().await?;
    Ok((session, ann, tea))
}

#[orm_testkit::test(base = Base)]
async fn reading_a_stale_object_shows_the_last_known_values(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, _) = shop(&engine).await?;
    engine.execute_script("UPDATE customer SET name = 'Bea'").await?;
    session.expire(ann)?;
    orm_testkit::assert_queries!(session, 0, {
        assert_eq!(session[ann].name, "Ann");
        assert_eq!(session.at(ann).related(Customer::CARTS)?.len(), 2);
    });
    assert!(session.is_expired(ann)?);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_query_renews_what_is_stale_and_nothing_else(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, tea) = shop(&engine).await?;
    engine.execute_script("UPDATE customer SET name = 'Bea'; UPDATE product SET title = 'Green'").await?;
    session.expire(ann)?;
    session.query::<Customer>().all().await?;
    session.query::<Product>().all().await?;
    assert_eq!((&session[ann].name[..], &session[tea].title[..]), ("Bea", "Tea"));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn get_asks_again_for_what_is_stale(engine: Engine) -> orm_core::Result<()> {
    let (mut session, _, tea) = shop(&engine).await?;
    let id = session[tea].id.unwrap();
    orm_testkit::assert_queries!(session, 0, { session.get_one::<Product>(id).await? });
    session.expire_all();
    orm_testkit::assert_queries!(session, 1, { session.get_one::<Product>(id).await? });
    orm_testkit::assert_queries!(session, 0, { session.get_one::<Product>(id).await? });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn get_of_a_stale_object_whose_row_is_gone_finds_nothing(engine: Engine) -> orm_core::Result<()> {
    let (mut session, _, tea) = shop(&engine).await?;
    let id = session[tea].id.unwrap();
    engine.execute_script("DELETE FROM cart_product; DELETE FROM product").await?;
    session.expire(tea)?;
    assert_eq!(session.get::<Product>(id).await?, None);
    assert_eq!(session.state(tea)?, ObjectState::Deleted);
    assert_eq!(session.try_get(tea).unwrap_err().kind(), ErrorKind::Gone);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn expire_drops_unsaved_changes_of_columns_and_relations(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, tea) = shop(&engine).await?;
    let cart = session.load(ann, Customer::CARTS).await?[0];
    session.load(cart, Cart::PRODUCTS).await?;
    session[cart].invoice = Some("X".into());
    session[cart].products.remove(tea);
    session.expire(cart)?;
    assert!(session.flush_plan()?.is_empty());
    assert_eq!(session.at(cart).related(Cart::PRODUCTS)?.len(), 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn expire_all_leaves_new_objects_alone(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, _) = shop(&engine).await?;
    session[ann].age = Some(7);
    let jam = session.add(Product::builder().sku("J").title("Jam").price_cents(1));
    session.expire_all();
    assert_eq!((session[ann].age, session.state(jam)?), (None, ObjectState::Pending));
    session.commit().await?;
    assert_eq!(engine.count(select::<Product>()).await?, 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn expire_spreads_along_its_cascade_alone(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, tea) = shop(&engine).await?;
    let carts = session.load(ann, Customer::CARTS).await?; // "all": refresh-expire is in it
    session.expire(ann)?;
    assert!(session.is_expired(carts[0])? && session.is_expired(carts[1])?);
    assert!(!session.is_expired(tea)?, "Cart::products has no such cascade");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn expire_of_what_is_not_in_the_database_is_refused(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let tea = session.add(Product::builder().sku("T").title("Tea").price_cents(1));
    let error = session.expire(tea).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotPersistent);
    assert_eq!(session.refresh(tea).await.unwrap_err().kind(), ErrorKind::NotPersistent);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn refresh_reads_columns_and_loaded_collections_in_one_round_trip(
    engine: Engine,
) -> orm_core::Result<()> {
    let (mut session, ann, _) = shop(&engine).await?;
    engine.execute_script("UPDATE customer SET name = 'Bea'; DELETE FROM cart WHERE id = 2").await?;
    let before = engine.statistics().round_trips;
    session.refresh(ann).await?;
    assert_eq!(engine.statistics().round_trips - before, 1);
    assert_eq!(session[ann].name, "Bea");
    assert_eq!(session.at(ann).related(Customer::CARTS)?.len(), 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn refresh_drops_unsaved_changes(engine: Engine) -> orm_core::Result<()> {
    let (mut session, _, tea) = shop(&engine).await?;
    session[tea].title = "X".into();
    session.refresh(tea).await?;
    assert_eq!(session[tea].title, "Tea");
    assert!(!session.is_modified(tea)?);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn refresh_names_what_is_gone_and_reads_the_others(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let sku = |n: i64| Product::builder().sku(format!("{n}")).title("x").price_cents(n);
    let products = session.add_all((1..=3).map(sku));
    session.commit().await?;
    engine.execute_script("DELETE FROM product WHERE id = 2; UPDATE product SET title = 'y'").await?;
    let error = session.refresh(&products).await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Product")));
    assert!(error.to_string().contains("Product(2)"), "{error}");
    assert_eq!((&session[products[0]].title[..], &session[products[2]].title[..]), ("y", "y"));
    assert!(session.is_expired(products[1])?);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_query_keeps_unsaved_changes_on_top_of_what_it_renews(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, _) = shop(&engine).await?;
    session.expire_all();
    session[ann].age = Some(7);
    session[ann].carts.push(Cart::builder().invoice("new"));
    engine.execute_script("UPDATE customer SET name = 'Bea'").await?;
    let id = session[ann].id.unwrap();
    session.get_one::<Customer>(id).await?;
    assert_eq!((&session[ann].name[..], session[ann].age), ("Bea", Some(7)));
    session.commit().await?;
    assert_eq!(session.load(ann, Customer::CARTS).await?.len(), 3);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn populate_existing_takes_the_rows_whatever_was_changed(engine: Engine) -> orm_core::Result<()> {
    let (mut session, _, tea) = shop(&engine).await?;
    engine.execute_script("UPDATE product SET price_cents = 420").await?;
    session.query::<Product>().all().await?;
    assert_eq!(session[tea].price_cents, 390);
    session.query::<Product>().populate_existing().all().await?;
    assert_eq!(session[tea].price_cents, 420);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_makes_stale_what_was_read_after_the_flush(engine: Engine) -> orm_core::Result<()> {
    let (_, _, _) = shop(&engine).await?;
    let mut session = engine.session();
    let before = session.query::<Customer>().one().await?;
    session.add(Product::builder().sku("J").title("Jam").price_cents(1));
    session.flush().await?;
    let tea = session.query::<Product>().filter(Product::SKU.eq("T")).one().await?;
    session.rollback().await?;
    assert!(session.is_expired(tea)?);
    assert!(!session.is_expired(before)?);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn expiring_a_relation_forgets_that_one_alone(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, _) = shop(&engine).await?;
    session[ann].age = Some(7);
    session.expire_relation(ann, Customer::CARTS)?;
    assert!(!session[ann].carts.is_loaded());
    assert_eq!(session[ann].age, Some(7), "columns stay");
    let error = session.at(ann).related(Customer::CARTS).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    Ok(())
}

/// The flush before the query deletes it, and with it the collections that were to be read again.
#[orm_testkit::test(base = Base)]
async fn refresh_of_what_is_about_to_be_deleted_is_told_that_it_is_gone(
    engine: Engine,
) -> orm_core::Result<()> {
    let (mut session, ann, _) = shop(&engine).await?;
    session.load(ann, Customer::CARTS).await?;
    session.delete(ann)?;
    let error = session.refresh(ann).await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Customer")));
    Ok(())
}
