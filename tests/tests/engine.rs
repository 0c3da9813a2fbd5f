//! Engines: bounds, echo, errors of connecting, statements that are told.

use orm_core::prelude::*;
use orm_core::{Connection, ErrorKind};
use orm_testkit::TestDatabase;
use shop_models::models::{Base, Customer, Product};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_server_that_is_not_there_is_told_at_once() {
    let error = Engine::connect("postgresql://ann:secret@127.0.0.1:1/shop").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.to_string().contains("postgresql://ann:***@127.0.0.1:1/shop"), "{error}");
    assert!(!format!("{error:?}").contains("secret"));
}

#[tokio::test]
async fn a_wrong_password_is_told_by_the_server() {
    let database = TestDatabase::create().await.unwrap();
    let url = database.url().replacen("//postgres:", "//nobody:", 1);
    let error = Engine::connect(&url).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error:?} {url}");
    assert!(std::error::Error::source(&error).is_some(), "{error:?}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgresql://ann@{}/shop", listener.local_addr().unwrap());
    let bound = Duration::from_millis(200);
    let start = Instant::now();
    let error = Engine::builder(&url).connect_timeout(bound).connect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.to_string().contains("200ms"), "{error}");
    let engine = Engine::builder(&url).connect_timeout(bound).checkout_timeout(bound).build().unwrap();
    let error = engine.connection().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PoolTimeout);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn waiting_for_a_connection_has_a_bound_and_says_why() {
    let database = TestDatabase::create().await.unwrap();
    let builder = Engine::builder(database.url()).pool_size(2).checkout_timeout(Duration::from_millis(100));
    let engine = builder.connect().await.unwrap();
    let held: Vec<Connection> = vec![engine.connection().await.unwrap(), engine.connection().await.unwrap()];
    let error = engine.connection().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PoolTimeout);
    assert!(error.to_string().contains("2 of 2 are open, 0 of them idle"), "{error}");
    drop(held);
    engine.connection().await.unwrap();
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_cancelled() {
    let database = TestDatabase::create().await.unwrap();
    let builder = Engine::builder(database.url()).pool_size(1).statement_timeout(Duration::from_millis(150));
    let engine = builder.connect().await.unwrap();
    let mut connection = engine.connection().await.unwrap();
    let error = connection.execute_script("SELECT pg_sleep(60)").await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::CommitOutcomeUnknown), "{error:?}");
    drop(connection);
    let mut connection = engine.connection().await.unwrap();
    let start = Instant::now();
    loop {
        use orm_core::Executor;
        let sql =
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'";
        let reply = connection.run(orm_core::sql::Statement::plain(sql)).await.unwrap();
        if reply.rows[0].get::<_, i64>(0) == 0 {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(5), "the statement runs on");
    }
}

#[tokio::test]
async fn listeners_hear_of_every_statement_with_its_values() {
    let database = orm_testkit::database_of::<Base>().await.unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = heard.clone();
    let engine = Engine::builder(database.url())
        .application_name("listener test")
        .on_statement(move |event| log.lock().unwrap().push(event.to_string()))
        .connect()
        .await
        .unwrap();
    let mut session = engine.session();
    session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    session.commit().await.unwrap();
    session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    session.commit().await.unwrap_err();
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert!(heard[0].contains("INSERT INTO \"product\"") && heard[0].contains("$1 = 'T-1'"), "{}", heard[0]);
    assert!(heard[0].contains(" ms, 1 row)"), "{}", heard[0]);
    assert!(heard[1].contains("failed: duplicate key"), "{}", heard[1]);
}

#[orm_testkit::test(base = Base)]
async fn a_pool_without_prepared_statements_works(engine: Engine) {
    drop(engine);
    let database = orm_testkit::database_of::<Base>().await.unwrap();
    let engine = Engine::builder(database.url()).statement_cache(0).connect().await.unwrap();
    let mut session = engine.session();
    for n in 0..5 {
        session.add(Product::builder().sku(format!("{n}")).title("Tea").price_cents(n));
        session.commit().await.unwrap();
    }
    let mut connection = engine.connection().await.unwrap();
    use orm_core::Executor;
    let prepared = orm_core::sql::Statement::plain("SELECT count(*) FROM pg_prepared_statements");
    assert_eq!(connection.run(prepared).await.unwrap().rows[0].get::<_, i64>(0), 0);
}

/// An engine serves however it is held: given away, behind references, shared.
#[orm_testkit::test(base = Base)]
async fn any_reference_to_an_engine_runs_statements(engine: Engine) {
    async fn of_reference(engine: &Engine) -> (i64, u64) {
        let customer = Customer::builder().name("Ann").email("ann@example.org");
        let written = orm_core::bulk::insert([customer]).execute(&engine).await.unwrap();
        (select::<Customer>().count(&engine).await.unwrap(), written)
    }
    assert_eq!(of_reference(&engine).await, (1, 1));
    let shared = std::sync::Arc::new(engine.clone());
    let named = select::<Customer>().filter(Customer::NAME.eq("Ann"));
    assert_eq!(named.clone().fetch_one(&shared).await.unwrap().email, "ann@example.org");
    assert_eq!(named.clone().fetch_all(engine.clone()).await.unwrap().len(), 1);
    let gone = orm_core::bulk::delete(named).execute(engine.clone()).await.unwrap();
    assert_eq!((gone, select::<Customer>().count(&engine).await.unwrap()), (1, 0));
}
