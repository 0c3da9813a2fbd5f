//! One session a scope: tasks, parts of tasks, and scopes of the program's own.

use futures_util::future::join_all;
use orm_core::prelude::*;
use orm_core::session::{ScopedSession, SessionMaker};
use orm_core::sql::text;
use orm_core::{ErrorKind, Result};
use shop_models::models::{Base, Product};
use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use tokio::sync::oneshot;

fn product(n: usize) -> Product {
    Product::builder().sku(format!("{n}")).title("Tea").price_cents(1).build()
}

/// How many connections are idle in a transaction.
async fn waiting(engine: &Engine) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity \
               WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    text(sql).scalar(engine).await.unwrap().unwrap()
}

/// Nothing is left of any scope: no session, no open transaction, and the pool lends all its connections.
async fn nothing_is_left<K: Eq + std::hash::Hash + Send + 'static>(
    scoped: &ScopedSession<K>,
    engine: &Engine,
    pool: usize,
) {
    assert_eq!(scoped.registry().len(), 0);
    while waiting(engine).await > 0 {
        tokio::task::yield_now().await;
    }
    let all = join_all((0..pool).map(|_| engine.connection())).await;
    assert!(all.iter().all(std::result::Result::is_ok));
}

/// Which task used which session.
type Users = Arc<Mutex<HashMap<u64, usize>>>;

/// Uses the session of the scope, and notes whose it is.
async fn work(scoped: &ScopedSession, users: &Users, task: usize) -> Result<()> {
    let first = scoped.session()?.id();
    scoped.add(product(task))?;
    for _ in 0..5 {
        tokio::task::yield_now().await;
        let id = scoped.session()?.id();
        assert_eq!(id, first, "the session of a scope stays");
        let before = users.lock().unwrap().insert(id, task);
        assert!(before.is_none_or(|before| before == task), "a session is shared");
        assert_eq!(scoped.pending()?.len(), 1, "with what others added");
    }
    scoped.flush().await
}

const TASKS: usize = 200;
const POOL: usize = 8;

#[test]
fn tasks_never_share_a_session_and_leave_nothing_behind() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let database = orm_testkit::database_of::<Base>().await.unwrap();
        let engine = Engine::builder(database.url()).pool_size(8).connect().await.unwrap();
        let scoped = ScopedSession::new(SessionMaker::new(&engine));
        let users = Users::default();
        let tasks = (0..TASKS).map(|task| {
            let (inside, users, (ready, is_ready)) = (scoped.clone(), users.clone(), oneshot::channel());
            let handle = scoped.spawn(async move {
                work(&inside, &users, task).await.unwrap();
                match task % 4 {
                    0 => inside.commit().await.unwrap(),
                    1 => panic!("as planned"),
                    2 => {
                        ready.send(()).unwrap();
                        std::future::pending::<()>().await;
                    }
                    _ => {}
                }
            });
            tokio::spawn(async move {
                if task % 4 == 2 {
                    is_ready.await.unwrap();
                    handle.abort();
                }
                handle.await
            })
        });
        for (task, outcome) in join_all(tasks).await.into_iter().map(std::result::Result::unwrap).enumerate()
        {
            match task % 4 {
                1 => assert!(outcome.unwrap_err().is_panic()),
                2 => assert!(outcome.unwrap_err().is_cancelled()),
                _ => outcome.unwrap(),
            }
        }
        assert_eq!(users.lock().unwrap().len(), TASKS, "a session a task");
        nothing_is_left(&scoped, &engine, POOL).await;
        assert_eq!(engine.count(select::<Product>()).await.unwrap(), 50, "what was committed");
    });
}

#[orm_testkit::test(base = Base)]
async fn outside_a_scope_there_is_no_session(engine: Engine) {
    let scoped = ScopedSession::new(SessionMaker::new(&engine));
    for error in [
        scoped.session().unwrap_err(),
        scoped.add(product(1)).unwrap_err(),
        scoped.commit().await.unwrap_err(),
        scoped.query::<Product>().unwrap_err(),
        scoped.remove().await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NoScope);
        assert!(error.to_string().contains("`scoped.scope(…).await`"), "{error}");
    }
    scoped
        .scope(async {
            scoped.add(product(1)).unwrap();
            let inside = scoped.clone();
            let plain = tokio::spawn(async move { inside.session().map(|session| session.id()) });
            assert_eq!(plain.await.unwrap().unwrap_err().kind(), ErrorKind::NoScope);
            let (inside, own) = (scoped.clone(), scoped.session().unwrap().id());
            let id = scoped.spawn(async move { inside.session().unwrap().id() }).await.unwrap();
            assert_ne!(id, own);
        })
        .await;
}

#[orm_testkit::test(base = Base)]
async fn two_uses_at_once_are_refused(engine: Engine) {
    let scoped = ScopedSession::new(SessionMaker::new(&engine));
    let refused = |result: Result<()>| assert_eq!(result.unwrap_err().kind(), ErrorKind::InUse);
    scoped
        .scope(async {
            let guard = scoped.session().unwrap();
            refused(scoped.session().map(drop));
            refused(scoped.add(product(1)).map(drop));
            refused(scoped.remove().await);
            drop(guard);
            let query = scoped.query::<Product>().unwrap();
            refused(scoped.commit().await);
            query.all().await.unwrap();
            let nested = scoped.begin_nested().await.unwrap();
            refused(scoped.commit().await);
            nested.commit().await.unwrap();
            let quiet = scoped.no_autoflush().unwrap();
            refused(scoped.flush().await);
            drop(quiet);
            let connection = scoped.connection().await.unwrap();
            refused(scoped.flush().await);
            drop(connection);
            // One of two that run at once has it; the other is told.
            let both = futures_util::future::join(scoped.flush(), async {
                scoped.add(product(2))?;
                scoped.commit().await
            });
            both.await.1.unwrap();
        })
        .await;
    assert_eq!(engine.count(select::<Product>()).await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn scopes_nest_and_registries_do_not_meet(engine: Engine) {
    let (one, two) =
        (ScopedSession::new(SessionMaker::new(&engine)), ScopedSession::new(SessionMaker::new(&engine)));
    let id = |scoped: &ScopedSession| scoped.session().unwrap().id();
    one.scope(async {
        let outer = id(&one);
        two.scope(async {
            assert_eq!(id(&one), outer, "still the scope around");
            assert_ne!(id(&two), outer);
            one.scope(async { assert_ne!(id(&one), outer) }).await;
            assert_eq!((one.registry().len(), two.registry().len()), (1, 1));
        })
        .await;
        assert_eq!(id(&one), outer);
        assert_eq!(two.session().unwrap_err().kind(), ErrorKind::NoScope);
        one.remove().await.unwrap();
        assert!(!one.registry().has());
        assert_ne!(id(&one), outer, "a new one after it was removed");
    })
    .await;
    assert!(one.registry().is_empty() && two.registry().is_empty());
}

#[orm_testkit::test(base = Base)]
async fn the_end_of_a_scope_gives_its_connection_back(engine: Engine) {
    let scoped = ScopedSession::new(SessionMaker::new(&engine));
    let backend = text("SELECT pg_backend_pid()");
    let inside = scoped
        .scope(async {
            scoped.add(product(1)).unwrap();
            scoped.flush().await.unwrap();
            scoped.scalar::<i32>(backend.clone()).await.unwrap()
        })
        .await;
    assert_eq!(engine.count(select::<Product>()).await.unwrap(), 0, "rolled back");
    assert_eq!(backend.scalar::<i32>(&engine).await.unwrap(), inside, "the same connection, not a new one");
    nothing_is_left(&scoped, &engine, 10).await;
}

/// The future of a scope is polled n times and dropped, for every n.
#[orm_testkit::test(base = Base)]
async fn a_scope_may_be_dropped_at_any_await(engine: Engine) {
    let scoped = ScopedSession::new(SessionMaker::new(&engine));
    let mut finished = false;
    for polls in 0..1_000 {
        let mut left = polls;
        {
            let mut work = pin!(scoped.scope(async {
                scoped.add(product(polls)).unwrap();
                scoped.flush().await.unwrap();
                scoped.add(product(polls + 1_000)).unwrap();
                scoped.commit().await.unwrap();
                scoped.begin().await.unwrap();
            }));
            poll_fn(|cx| {
                let done = work.as_mut().poll(cx).is_ready();
                finished |= done;
                if left == 0 || done {
                    return Poll::Ready(());
                }
                left -= 1;
                Poll::Pending
            })
            .await;
        }
        assert!(scoped.registry().is_empty(), "after {polls} polls");
        let found = engine.fetch_all(columns(Product::SKU)).await.unwrap();
        let of_this = found.iter().filter(|sku| sku.parse::<usize>().unwrap() % 1_000 == polls).count();
        assert!(of_this == 0 || of_this == 2, "after {polls} polls {of_this} rows");
        if finished {
            assert_eq!(of_this, 2);
            break;
        }
    }
    assert!(finished);
    nothing_is_left(&scoped, &engine, 10).await;
}

#[orm_testkit::test(base = Base)]
async fn a_function_can_say_what_a_scope_is(engine: Engine) {
    let tenant = Arc::new(AtomicI64::new(1));
    let now = tenant.clone();
    let maker = SessionMaker::new(&engine);
    let scoped = ScopedSession::with_scope_function(maker, move || now.load(Ordering::Relaxed));
    let first = scoped.session().unwrap().id();
    scoped.add(product(1)).unwrap();
    tenant.store(2, Ordering::Relaxed);
    assert_ne!(scoped.session().unwrap().id(), first);
    assert!(scoped.pending().unwrap().is_empty());
    assert_eq!(scoped.registry().len(), 2);
    scoped.remove().await.unwrap();
    tenant.store(1, Ordering::Relaxed);
    assert_eq!(scoped.session().unwrap().id(), first);
    scoped.commit().await.unwrap();
    scoped.registry().clear();
    nothing_is_left(&scoped, &engine, 10).await;
    assert_eq!(engine.count(select::<Product>()).await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn settings_and_closing_reach_the_sessions_of_scopes(engine: Engine) {
    let scoped = ScopedSession::new(SessionMaker::new(&engine));
    scoped.configure(|options| options.autoflush(false).info(7_u8));
    scoped
        .scope(async {
            assert_eq!((scoped.autoflush().unwrap(), scoped.info::<u8>().unwrap()), (false, Some(7)));
            scoped.begin().await.unwrap();
            scoped.close_all();
            assert_eq!(scoped.flush().await.unwrap_err().kind(), ErrorKind::Closed);
            scoped.remove().await.unwrap();
            scoped.flush().await.unwrap();
        })
        .await;
    assert!(format!("{scoped:?}").starts_with("ScopedSession(SessionMaker(bind=Engine(postgresql://"));
}
