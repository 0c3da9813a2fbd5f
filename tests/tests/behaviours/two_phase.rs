//! Two-phase commit over several sessions and with savepoints.

use super::common::{customer, names};
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_testkit::{Cluster, TestDatabase};
use shop_models::models::{Base, Cart};

/// A server that prepares transactions, with two databases of the shop.
async fn start() -> orm_core::Result<(Cluster, [TestDatabase; 2], [Engine; 2])> {
    let cluster = Cluster::builder().setting("max_prepared_transactions", "4").start().unwrap();
    let (mut databases, mut engines) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let database = TestDatabase::create_at(&cluster.admin_url()).await.unwrap();
        let engine = Engine::connect(database.url()).await?;
        Base::create_all(&engine).await?;
        databases.push(database);
        engines.push(engine);
    }
    let databases = databases.try_into().expect("two databases");
    let engines = engines.try_into().expect("two engines");
    Ok((cluster, databases, engines))
}

#[tokio::test]
async fn two_databases_commit_together() -> orm_core::Result<()> {
    let (_cluster, _databases, engines) = start().await?;
    let mut sessions = [engines[0].session(), engines[1].session()];
    for (session, name) in sessions.iter_mut().zip(["Ann", "Bea"]) {
        session.add(customer(name));
        session.prepare(name).await?;
    }
    assert_eq!(names(&engines[0]).await?.len() + names(&engines[1]).await?.len(), 0);
    for session in &mut sessions {
        session.commit().await?;
    }
    assert_eq!(
        (names(&engines[0]).await?, names(&engines[1]).await?),
        (vec!["Ann".into()], vec!["Bea".into()])
    );
    Ok(())
}

#[tokio::test]
async fn one_that_cannot_prepare_rolls_the_other_back() -> orm_core::Result<()> {
    let (_cluster, _databases, engines) = start().await?;
    let (mut one, mut two) = (engines[0].session(), engines[1].session());
    let ann = one.add(customer("Ann"));
    one.prepare("one").await?;
    two.add(Cart::builder().customer_key(99));
    assert!(two.prepare("two").await.unwrap_err().is_foreign_key_violation());
    two.rollback().await?;
    one.rollback().await?;
    assert_eq!(one.state(ann)?, ObjectState::Transient);
    assert_eq!(names(&engines[0]).await?, [""; 0]);
    assert!(engines[0].prepared_transactions().await?.is_empty());
    one.add_again(ann)?;
    one.commit().await?;
    assert_eq!(names(&engines[0]).await?, ["Ann"]);
    Ok(())
}

#[tokio::test]
async fn savepoints_before_the_preparation() -> orm_core::Result<()> {
    let (_cluster, _databases, [engine, _]) = start().await?;
    let mut session = engine.session();
    session.add(customer("Ann"));
    session.begin_nested().await?.detach();
    session.add(customer("never"));
    session.flush().await?;
    session.rollback_nested().await?;
    session.begin_nested().await?.detach();
    session.add(customer("Bea"));
    let error = session.prepare("both").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    session.commit_nested().await?;
    session.prepare("both").await?;
    session.commit().await?;
    assert!(!session.in_nested_transaction());
    assert_eq!(names(&engine).await?, ["Ann", "Bea"]);
    Ok(())
}
