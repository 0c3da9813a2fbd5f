//! Many rows past the objects of the session, and what the session makes of them.

use super::common::{customer, names, product, shop};
use orm_core::bulk::Values;
use orm_core::prelude::*;
use orm_core::{ErrorKind, Listeners};
use shop_models::models::{Base, Cart, Customer, Product};

fn row(name: &str) -> Values<Customer> {
    Values::new().set(Customer::NAME, name).set(Customer::EMAIL, name)
}

#[orm_testkit::test(base = Base)]
async fn rows_belong_to_the_transaction_of_the_session(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.bulk_insert_mappings([row("Ann"), row("Bea")]).await?;
    assert!(session.in_transaction());
    assert_eq!((session.query::<Customer>().count().await?, names(&engine).await?.len()), (2, 0));
    session.rollback().await?;
    session.bulk_insert_mappings([row("Cleo")]).await?;
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Cleo"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn rows_of_a_savepoint_are_taken_back_with_it(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.bulk_insert_mappings([row("Ann")]).await?;
    let mut nested = session.begin_nested().await?;
    nested.bulk_save_objects([customer("Bea")]).await?;
    nested.rollback().await?;
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Ann"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn objects_do_not_follow_their_rows_until_they_are_read_again(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    let dearer = Values::new().set(Product::ID, 1).set(Product::PRICE_CENTS, 7);
    assert_eq!(session.bulk_update_mappings([dearer]).await?, 1);
    assert_eq!(session[tea].price_cents, 1);
    assert!(!session.is_modified(tea)?);
    session.refresh(tea).await?;
    assert_eq!(session[tea].price_cents, 7);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn rows_do_not_become_objects(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let saved = session.bulk_save_objects_returning([product(1), product(2)]).await?;
    assert!(session.is_empty());
    assert_eq!(session.identity_map().count(), 0);
    let tea = session.get_one::<Product>(saved[0].id.unwrap()).await?;
    assert_eq!(session[tea].sku, "P-1");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn nobody_hears_of_rows(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.listen(
        &Listeners::new()
            .before_insert(|_: &mut Customer| Err("refused".into()))
            .before_flush(|_| Err("refused".into())),
    );
    session.bulk_insert_mappings([row("Ann")]).await?;
    session.bulk_save_objects([customer("Bea")]).await?;
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Ann", "Bea"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_session_that_needs_a_rollback_takes_no_rows(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add_all(["Ann", "Ann"].map(customer));
    assert!(session.flush().await.is_err());
    let error = session.bulk_insert_mappings([row("Bea")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NeedsRollback);
    session.rollback().await?;
    session.bulk_insert_mappings([row("Bea")]).await?;
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Bea"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn objects_with_and_without_keys_are_updated_and_inserted(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let mut tea = Product::find(&engine, 1).await?.unwrap();
    tea.title = "Green tea".into();
    assert_eq!(session.bulk_save_objects([tea, product(2)]).await?, 2);
    session.commit().await?;
    let titles = engine.fetch_all(columns(Product::TITLE).order_by(Product::ID)).await?;
    assert_eq!(titles, ["Green tea", "Tea"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_was_read_after_rows_were_written_is_stale_after_the_rollback(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    session.bulk_insert_mappings([row("Bea")]).await?;
    let cart = session.get_one::<Cart>(1).await?;
    session.rollback().await?;
    assert!(session.is_expired(cart)?);
    Ok(())
}
