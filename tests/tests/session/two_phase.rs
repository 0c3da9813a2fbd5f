//! Two-phase commit: prepared transactions outlive sessions, connections and the server.

use orm_core::ErrorKind;
use orm_core::error::SqlState;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_testkit::{Cluster, TestDatabase};
use orm_tests::proxy::RoundTripProxy;
use shop_models::models::{Base, Cart, Customer};
use std::time::Duration;

/// A server that prepares transactions, with a database of the shop.
async fn start(prepared: &str) -> (Cluster, TestDatabase, Engine) {
    let cluster = Cluster::builder().setting("max_prepared_transactions", prepared).start().unwrap();
    let database = TestDatabase::create_at(&cluster.admin_url()).await.unwrap();
    let engine = Engine::connect(database.url()).await.unwrap();
    Base::create_all(&engine).await.unwrap();
    (cluster, database, engine)
}

fn customer(name: &str) -> Customer {
    Customer::builder().name(name).email(format!("{name}@x")).carts([Cart::builder()]).build()
}

async fn names(engine: &Engine) -> Vec<String> {
    engine.fetch_all(columns(Customer::NAME)).await.unwrap()
}

async fn gids(engine: &Engine) -> Vec<String> {
    engine.prepared_transactions().await.unwrap().into_iter().map(|t| t.gid).collect()
}

#[tokio::test]
async fn a_session_prepares_and_then_commits_or_rolls_back() {
    let (_cluster, database, engine) = start("4").await;
    let mut session = engine.session();
    let ann = session.add(customer("ann"));
    let gid = "it's \\ a 'name'; --";
    session.prepare(gid).await.unwrap();
    assert!(session.in_transaction() && session[ann].id.is_set());
    assert_eq!(session.state(ann).unwrap(), ObjectState::Persistent);
    assert_eq!(names(&engine).await, [""; 0], "prepared is not committed");
    let left = engine.prepared_transactions().await.unwrap();
    assert_eq!((left.len(), &left[0].gid[..], &left[0].database[..]), (1, gid, database.name()));
    assert!(!left[0].owner.is_empty());
    assert!(left[0].prepared_at.elapsed().unwrap() < Duration::from_secs(3_600));

    // Nothing else can be sent before it ends.
    for error in [
        session.flush().await.unwrap_err(),
        session.query::<Customer>().all().await.unwrap_err(),
        session.prepare("another").await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Prepared);
    }
    session[ann].age = Some(3);
    session.commit().await.unwrap();
    assert!(!session.in_transaction());
    assert_eq!((names(&engine).await, gids(&engine).await.len()), (vec!["ann".to_owned()], 0));
    assert_eq!(engine.fetch_all(columns(Customer::AGE)).await.unwrap(), [None], "written later, sent later");
    session.commit().await.unwrap();
    assert_eq!(engine.fetch_all(columns(Customer::AGE)).await.unwrap(), [Some(3)]);

    session[ann].name = "bea".into();
    let new = session.add(customer("new"));
    session.prepare("two").await.unwrap();
    session.rollback().await.unwrap();
    assert_eq!((&session[ann].name[..], session.state(new).unwrap()), ("ann", ObjectState::Transient));
    assert_eq!((names(&engine).await, gids(&engine).await.len()), (vec!["ann".to_owned()], 0));
    session.prepare("nothing changed").await.unwrap();
    session.commit().await.unwrap();
}

#[tokio::test]
async fn what_a_crash_leaves_behind_is_listed_and_ended_from_elsewhere() {
    let (mut cluster, database, engine) = start("4").await;
    for name in ["ann", "bea"] {
        let mut session = engine.session();
        session.add(customer(name));
        session.prepare(name).await.unwrap();
    }
    drop(engine);
    cluster.kill9().unwrap();
    cluster.start().unwrap();
    let engine = Engine::connect(database.url()).await.unwrap();
    assert_eq!(gids(&engine).await, ["ann", "bea"]);
    engine.commit_prepared("ann").await.unwrap();
    engine.rollback_prepared("bea").await.unwrap();
    assert_eq!((names(&engine).await, gids(&engine).await.len()), (vec!["ann".to_owned()], 0));
    for error in [
        engine.commit_prepared("ann").await.unwrap_err(),
        engine.rollback_prepared("never").await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some(&SqlState::UNDEFINED_OBJECT)));
    }
}

#[tokio::test]
async fn names_and_settings_that_the_server_refuses() {
    let (_cluster, _database, engine) = start("1").await;
    let mut session = engine.session();
    session.add(customer("ann"));
    for gid in ["", "a\0b", &"x".repeat(200)] {
        assert_eq!(session.prepare(gid).await.unwrap_err().kind(), ErrorKind::Encode);
        assert_eq!(engine.commit_prepared(gid).await.unwrap_err().kind(), ErrorKind::Encode);
    }
    session.prepare(&"x".repeat(199)).await.unwrap();
    let mut other = engine.session();
    other.add(customer("bea"));
    let error = other.prepare("more than one").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("max_prepared_transactions"), "{error}");
    other.rollback().await.unwrap();
    let error = other.prepare(&"x".repeat(199)).await.unwrap_err();
    assert_eq!(error.code(), Some(&SqlState::DUPLICATE_OBJECT), "{error:?}");
    assert!(error.to_string().contains("already"), "{error}");
    other.rollback().await.unwrap();
    session.commit().await.unwrap();
    assert_eq!(names(&engine).await, ["ann"]);
}

#[orm_testkit::test(base = Base)]
async fn a_server_that_prepares_nothing_names_the_setting(engine: Engine) {
    let allowed: i64 = {
        let sql = "SELECT setting::bigint FROM pg_settings WHERE name = 'max_prepared_transactions'";
        orm_core::Executor::run(&engine, orm_core::sql::Statement::plain(sql)).await.unwrap().rows[0].get(0)
    };
    let mut session = engine.session();
    let ann = session.add(customer("ann"));
    let result = session.prepare("any").await;
    if allowed == 0 {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("max_prepared_transactions"), "{error}");
        assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    }
    session.rollback().await.unwrap();
    assert_eq!(session.state(ann).unwrap(), ObjectState::Transient);
    assert_eq!(names(&engine).await, [""; 0]);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_outcome_unknown() {
    let (_cluster, database, direct) = start("4").await;
    let proxy = RoundTripProxy::start(database.url()).await;
    let engine = Engine::connect(&proxy.url()).await.unwrap();
    let mut session = engine.session();
    let ann = session.add(customer("ann"));
    session.flush().await.unwrap();
    proxy.drop_next_answer();
    let error = session.prepare("lost").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PrepareOutcomeUnknown, "{error:?}");
    assert!(error.to_string().contains("prepared_transactions"), "{error}");
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    session.rollback().await.unwrap();
    assert_eq!(session.state(ann).unwrap(), ObjectState::Transient);
    assert_eq!(gids(&direct).await, ["lost"], "the server had prepared it");
    direct.commit_prepared("lost").await.unwrap();
    assert_eq!(names(&direct).await, ["ann"]);

    // The answer to COMMIT PREPARED: it can be asked again, and says what became of it.
    session.add(customer("bea"));
    session.prepare("again").await.unwrap();
    proxy.drop_next_answer();
    let error = session.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommitOutcomeUnknown, "{error:?}");
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::NotFound, "committed already");
    session.rollback().await.unwrap();
    assert_eq!(names(&direct).await, ["ann", "bea"]);
}

#[tokio::test]
async fn deferred_constraints_are_checked_by_the_preparation() {
    let (_cluster, _database, engine) = start("4").await;
    engine
        .execute_script(
            "ALTER TABLE cart DROP CONSTRAINT fk_cart_customer_id_customer, ADD CONSTRAINT fk_cart_customer_id_customer \
             FOREIGN KEY (customer_id) REFERENCES customer DEFERRABLE INITIALLY DEFERRED",
        )
        .await
        .unwrap();
    let mut session = engine.session();
    session.add(Cart::builder().customer_key(7));
    assert!(session.prepare("broken").await.unwrap_err().is_foreign_key_violation());
    assert_eq!(gids(&engine).await, [""; 0]);
    session.rollback().await.unwrap();
    assert!(session.is_active() && !session.in_transaction());
}
