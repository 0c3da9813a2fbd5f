//! What a reading of the states and transactions found, each as a test.

use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_core::{ErrorKind, Isolation, Listeners, TransactionOptions};
use orm_tests::models::keys;
use shop_models::models::{Base, Customer, Product};
use std::sync::{Arc, Mutex};

fn tea(n: i64) -> Product {
    Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(n).build()
}

#[orm_testkit::test(base = Base)]
async fn what_is_read_after_everything_left_is_stale_after_the_rollback(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(tea(1));
    session.flush().await?;
    session.expunge_all();
    let ghost = session.query::<Product>().one().await?;
    session.rollback().await?;
    assert!(session.is_expired(ghost)?);
    assert_eq!(session.get::<Product>(1).await?, None);
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn a_key_that_the_flush_before_get_changes_is_not_a_lost_row(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let country = session.add(keys::Country::builder().code("old").name("x"));
    session.commit().await?;
    session.expire(country)?;
    session[country].code = "new".into();
    assert_eq!(session.get::<keys::Country>("old".to_owned()).await?, None);
    assert_eq!(session.state(country)?, ObjectState::Persistent);
    assert_eq!(session.get::<keys::Country>("new".to_owned()).await?, Some(country));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_lost_row_does_not_come_back_with_a_later_rollback(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let gone = session.add(tea(1));
    session.commit().await?;
    engine.execute_script("DELETE FROM product").await?;
    session.expire(gone)?;
    assert_eq!(session.get::<Product>(1).await?, None);
    session.add(tea(2));
    session.flush().await?;
    session.rollback().await?;
    assert_eq!(session.state(gone)?, ObjectState::Deleted);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_savepoint_whose_connection_failed_is_not_kept(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(tea(1));
    let nested = {
        let mut nested = session.begin_nested().await?;
        let failed = nested.connection().await?.execute_script("SELECT 1/0").await;
        assert!(failed.is_err());
        nested
    };
    assert_eq!(nested.commit().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    session.commit().await?; // only the savepoint is lost
    assert_eq!(engine.count(select::<Product>()).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_guard_ends_its_own_savepoint_only(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let mut guard = session.begin_nested().await?;
    Session::commit(&mut guard).await?;
    Session::begin_nested(&mut guard).await?.detach();
    guard.add(tea(1));
    guard.flush().await?;
    drop(guard);
    assert!(session.in_nested_transaction());
    session.commit_nested().await?;
    session.commit().await?;
    assert_eq!(engine.count(select::<Product>()).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn everything_that_leaves_is_told(engine: Engine) -> orm_core::Result<()> {
    let heard: Arc<Mutex<Vec<ObjectState>>> = Arc::default();
    let log = Arc::clone(&heard);
    let mut session = engine.session();
    let listeners = Listeners::new().on_state(move |_: Handle<Product>, _, to| log.lock().unwrap().push(to));
    session.listen(&listeners);
    session.add(tea(1));
    session.commit().await?;
    session.expunge_all();
    assert_eq!(heard.lock().unwrap().last(), Some(&ObjectState::Detached));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn handles_of_long_ago_cost_nothing_and_still_err(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let first = session.add(tea(1));
    session.reset().await?;
    assert_eq!(session.try_get(first).unwrap_err().kind(), ErrorKind::Gone);
    for _ in 0..1_500 {
        session.expunge_all();
    }
    assert_eq!(session.try_get(first).unwrap_err().kind(), ErrorKind::ForeignHandle);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_race_that_is_lost_on_the_connection_is_run_again(engine: Engine) -> orm_core::Result<()> {
    let ann = Customer::builder().name("Ann").email("a");
    let mut session = engine.session();
    session.add(ann);
    session.commit().await?;
    let mut tries = 0;
    engine
        .transaction_with(TransactionOptions::default().isolation(Isolation::Serializable), |mut session| {
            tries += 1;
            let (engine, first) = (engine.clone(), tries == 1);
            async move {
                session.query::<Customer>().count().await?;
                if first {
                    // Somebody else is faster.
                    engine.execute_script("UPDATE customer SET age = 1").await?;
                }
                session.connection().await?.execute_script("UPDATE customer SET age = 2").await
            }
        })
        .await?;
    assert_eq!(tries, 2);
    assert_eq!(engine.fetch_one(columns(Customer::AGE)).await?, Some(2));
    Ok(())
}
