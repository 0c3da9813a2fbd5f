//! Faults beside the dropped future.

use crate::bench::{Bench, POOL, poll_times, roll_back};
use crate::cases::{Case, Ended, Graph, check_after};
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_tests::proxy::RoundTripProxy;
use shop_models::models::{Base, Customer};
use std::time::Instant;

/// Statements of this database that wait for a lock.
const WAITING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

fn customer(name: &str) -> Customer {
    Customer::builder().name(name).email(format!("{name}@x")).build()
}

async fn names(bench: &Bench) -> i64 {
    bench.number("SELECT count(*) FROM customer").await
}

#[tokio::test]
async fn a_drop_while_waiting_for_the_pool_changes_nothing() {
    let bench = Bench::start().await;
    for polls in 1..4 {
        let mut taken = Vec::new();
        for _ in 0..POOL {
            taken.push(bench.engine.connection().await.unwrap());
        }
        let mut session = bench.engine.session();
        session.add(customer(&format!("c{polls}")));
        let waiting = async {
            let commit = std::pin::pin!(session.commit());
            poll_times(commit, polls).await
        };
        // Nobody wakes it: the time that is given is for the polls.
        let done = tokio::time::timeout(std::time::Duration::from_millis(20), waiting).await;
        assert!(done.is_err() || done.unwrap().is_none());
        drop(taken);
        assert!(session.is_active(), "nothing was sent");
        bench.settled().await;
        assert_eq!(names(&bench).await, polls as i64 - 1);
        session.commit().await.unwrap();
        assert_eq!(names(&bench).await, polls as i64);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_aborted_task_leaves_all_or_nothing() {
    let bench = Bench::start().await;
    let mut seen = std::collections::HashSet::new();
    for n in 0..40 {
        let engine = bench.engine.clone();
        let mut session = engine.session();
        Graph.prepare(&bench, &mut session, n).await;
        bench.drip.begin();
        let task = tokio::spawn(async move { session.commit().await });
        bench.drip.until(crate::drip::Way::Requests, n as u64 * 50).await;
        task.abort();
        let completed = match task.await {
            Ok(result) => result.map(|()| true).unwrap(),
            Err(error) => {
                assert!(error.is_cancelled());
                false
            }
        };
        bench.settled().await;
        let done = Graph.is_done(&bench, n).await;
        assert!(done || !completed, "{n}: acknowledged");
        seen.insert((completed, done));
        if completed {
            break;
        }
    }
    assert!(seen.contains(&(false, false)), "{seen:?}");
}

/// Over a connection that is there already: a lost answer to signing in is another matter.
async fn lose_next_answer(proxy: &RoundTripProxy, engine: &Engine) {
    engine.connection().await.unwrap().execute_script("SELECT 1").await.unwrap();
    proxy.drop_next_answer();
}

/// The server committed, the client never heard of it.
#[tokio::test]
async fn a_lost_answer_is_an_unknown_outcome() {
    let database = orm_testkit::database_of::<Base>().await.unwrap();
    let proxy = RoundTripProxy::start(database.url()).await;
    let engine = Engine::builder(&proxy.url()).pool_size(POOL).connect().await.unwrap();
    let direct = Engine::connect(database.url()).await.unwrap();

    // A statement that is a transaction by itself.
    let mut session = engine.session();
    session.add(customer("one"));
    lose_next_answer(&proxy, &engine).await;
    let error = session.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommitOutcomeUnknown, "{error:?}");
    assert_eq!(select::<Customer>().count(&direct).await.unwrap(), 1);
    roll_back(&mut session).await;

    // COMMIT together with what it commits.
    session.add_all([customer("two"), customer("three")]);
    session.add(shop_models::models::Product::builder().sku("x").title("x").price_cents(1));
    lose_next_answer(&proxy, &engine).await;
    let error = session.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommitOutcomeUnknown, "{error:?}");
    assert_eq!(select::<Customer>().count(&direct).await.unwrap(), 3);
    roll_back(&mut session).await;

    // COMMIT alone.
    session.add(customer("four"));
    session.flush().await.unwrap();
    lose_next_answer(&proxy, &engine).await;
    let error = session.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommitOutcomeUnknown, "{error:?}");
    assert_eq!(select::<Customer>().count(&direct).await.unwrap(), 4);
    roll_back(&mut session).await;

    // What cannot have been committed is not unknown.
    session.add(customer("five"));
    lose_next_answer(&proxy, &engine).await;
    let error = session.flush().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error:?}");
    roll_back(&mut session).await;
    lose_next_answer(&proxy, &engine).await;
    let error = session.query::<Customer>().all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error:?}");
    assert!(session.is_active(), "a read outside a transaction breaks nothing");
    assert_eq!(session.query::<Customer>().count().await.unwrap(), 4);
}

/// A rollback returns objects to what the session knew. Where the server had committed all the same, that is not what the
/// database has: a known limit, until `refresh` reads it again.
#[tokio::test]
async fn after_an_unknown_outcome_the_session_has_the_values_before() {
    let database = orm_testkit::database_of::<Base>().await.unwrap();
    let proxy = RoundTripProxy::start(database.url()).await;
    let engine = Engine::connect(&proxy.url()).await.unwrap();
    let mut session = engine.session();
    let ann = session.add(customer("ann"));
    session.commit().await.unwrap();
    session[ann].age = Some(41);
    proxy.drop_next_answer();
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::CommitOutcomeUnknown);
    roll_back(&mut session).await;
    assert_eq!(session[ann].age, None);
    let id = session[ann].id.unwrap();
    assert_eq!(Customer::find(&engine, id).await.unwrap().unwrap().age, Some(41));
}

#[tokio::test]
async fn a_backend_that_ends_between_two_flushes_loses_the_transaction() {
    let bench = Bench::start().await;
    let mut session = bench.engine.session();
    let ann = session.add(customer("ann"));
    session.flush().await.unwrap();
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
        WHERE datname = current_database() AND state = 'idle in transaction'";
    assert_eq!(bench.number(end).await, 1);
    let bea = session.add(customer("bea"));
    let error = session.flush().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error:?}");
    roll_back(&mut session).await;
    bench.settled().await;
    assert_eq!(names(&bench).await, 0);
    for handle in [ann, bea] {
        assert!(!session[handle].id.is_set());
        session.add_again(handle).unwrap();
    }
    session.commit().await.unwrap();
    assert_eq!(names(&bench).await, 2);

    // The same before COMMIT: nothing was committed, and the error does not say that it may have been.
    session.add(customer("cid"));
    session.flush().await.unwrap();
    assert_eq!(bench.number(end).await, 1);
    let error = session.commit().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ConnectionLost | ErrorKind::CommitOutcomeUnknown), "{error:?}");
    roll_back(&mut session).await;
    bench.settled().await;
    assert_eq!(names(&bench).await, 2);
}

#[tokio::test]
async fn idle_connections_that_ended_are_not_lent() {
    let bench = Bench::start().await;
    bench.settled().await;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert_eq!(bench.number(end).await, i64::from(POOL));
    // Until the goodbye of the server has come.
    let start = Instant::now();
    while bench.engine.session().query::<Customer>().count().await.is_err() {
        assert!(start.elapsed().as_secs() < 5);
    }
    bench.settled().await;
}

/// A statement that is under way when its future is dropped is cancelled, and its locks are free long before it
/// would have been done.
#[tokio::test]
async fn a_slow_statement_is_cancelled() {
    let bench = Bench::start().await;
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
        'BEGIN PERFORM pg_sleep(60); RETURN NEW; END'; \
        CREATE TRIGGER slow BEFORE INSERT ON cart FOR EACH STATEMENT EXECUTE FUNCTION slow()";
    bench.run(slow).await;
    let mut session = bench.engine.session();
    let handles = Graph.prepare(&bench, &mut session, 0).await;
    let asleep = async {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
        while bench.number(sql).await == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        done = session.commit() => panic!("it sleeps: {done:?}"),
        () = asleep => {}
    }
    let start = Instant::now();
    roll_back(&mut session).await;
    bench.settled().await;
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    bench.run("DROP FUNCTION slow CASCADE").await;
    assert!(!Graph.is_done(&bench, 0).await);
    Graph.again(&mut session, &handles);
    session.commit().await.unwrap();
    assert!(Graph.is_done(&bench, 0).await);
}

/// The wait for a lock that another transaction holds, dropped: the other one is not disturbed.
#[tokio::test]
async fn a_drop_while_waiting_for_a_lock() {
    let bench = Bench::start().await;
    bench.run("INSERT INTO customer (name, email) VALUES ('0 x', '0@x')").await;
    bench.run("BEGIN; UPDATE customer SET age = 1").await;
    let mut session = bench.engine.session();
    let ann = session.get_one::<Customer>(1).await.unwrap();
    session[ann].age = Some(2);
    let waits = async {
        while bench.number(WAITING).await == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        done = session.commit() => panic!("it waits: {done:?}"),
        () = waits => {}
    }
    roll_back(&mut session).await;
    // The statement that was given up waits no more.
    while bench.number(WAITING).await > 0 {
        tokio::task::yield_now().await;
    }
    bench.run("COMMIT").await;
    bench.settled().await;
    assert_eq!(bench.number("SELECT age::bigint FROM customer").await, 1);
    session[ann].age = Some(3);
    session.commit().await.unwrap();
    assert_eq!(bench.number("SELECT age::bigint FROM customer").await, 3);
}

#[tokio::test]
async fn a_dropped_commit_can_be_seen_to_have_happened() {
    let bench = Bench::start().await;
    let mut session = bench.engine.session();
    let handles = Graph.prepare(&bench, &mut session, 0).await;
    assert!(poll_times(session.commit(), 0).await.is_none());
    let ended = check_after(&Graph, &bench, &mut session, &handles, 0).await;
    assert_eq!(ended, Ended::Untouched);
}
