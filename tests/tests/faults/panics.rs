//! Panics of the program, and runtimes that end in the middle.

use crate::world::World;
use orm_core::prelude::*;
use shop_models::models::{Customer, Product};
use std::thread;
use tokio::runtime::{Builder, Runtime};

/// Inserting a product sleeps for a minute, unless somebody cancels it.
const SLOW: &str = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
    'BEGIN PERFORM pg_sleep(60); RETURN NEW; END'; \
    CREATE TRIGGER slow BEFORE INSERT ON product FOR EACH STATEMENT EXECUTE FUNCTION slow()";

const ASLEEP: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";

fn say(session: &mut Session) {
    session.add(Customer::builder().name("ann").email("ann"));
    session.add(Product::builder().sku("tea").title("tea").price_cents(1));
}

/// Nothing was written, nothing is left, and the pool works.
async fn check(world: &World) {
    world.settled().await;
    assert_eq!(
        world.number("SELECT (SELECT count(*) FROM customer) + (SELECT count(*) FROM product)").await,
        0
    );
    world.run("DROP FUNCTION IF EXISTS slow CASCADE").await;
    let mut session = world.engine.session();
    say(&mut session);
    session.commit().await.unwrap();
    world.run("DELETE FROM customer; DELETE FROM product").await;
}

#[tokio::test]
async fn a_panic_of_the_program() {
    let world = World::start().await;
    let engine = world.engine.clone();
    let closure = tokio::spawn(async move {
        engine
            .transaction(|mut session| async move {
                say(&mut session);
                session.flush().await?;
                assert!(session.query::<Customer>().count().await? > 1, "on purpose");
                Ok::<_, orm_core::Error>(())
            })
            .await
    });
    assert!(closure.await.unwrap_err().is_panic());
    check(&world).await;
    let engine = world.engine.clone();
    let between = tokio::spawn(async move {
        let mut session = engine.session();
        say(&mut session);
        session.flush().await.unwrap();
        assert!(!session.in_transaction(), "on purpose");
        session.commit().await.unwrap();
    });
    assert!(between.await.unwrap_err().is_panic());
    check(&world).await;
}

/// Another branch of the same task panics while the statement runs.
#[tokio::test]
async fn a_panic_while_a_statement_runs() {
    let world = World::start().await;
    world.run(SLOW).await;
    let engine = world.engine.clone();
    let (awake, mut told) = tokio::sync::oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let mut session = engine.session();
        say(&mut session);
        tokio::select! {
            _ = session.commit() => unreachable!("it sleeps"),
            _ = &mut told => panic!("on purpose"),
        }
    });
    world.until("asleep", ASLEEP, |n| n == 1).await;
    awake.send(()).unwrap();
    assert!(task.await.unwrap_err().is_panic());
    check(&world).await;
}

/// How a runtime ends.
#[derive(Clone, Copy)]
enum End {
    Drop,
    Shutdown,
    /// It lives on; a session leaves it and is dropped where there is none.
    Outside,
}

/// A program that does its work in a runtime of its own, which ends while the server works.
fn end_in_the_middle(url: &str, runtime: Runtime, end: End, world: &World, outer: &Runtime) {
    let url = url.to_owned();
    let mut session = runtime.block_on(async move { Engine::connect(&url).await.unwrap().session() });
    let asleep = || outer.block_on(world.until("asleep", ASLEEP, |n| n == 1));
    match end {
        End::Outside => {
            say(&mut session);
            thread::scope(|scope| {
                let waiter = scope.spawn(asleep);
                runtime.block_on(async {
                    tokio::select! {
                        _ = session.commit() => unreachable!("it sleeps"),
                        () = async { while !waiter.is_finished() { tokio::task::yield_now().await } } => {}
                    }
                });
            });
            drop(session);
            outer.block_on(world.until("asleep no more", ASLEEP, |n| n == 0));
            drop(runtime);
        }
        End::Drop | End::Shutdown => {
            runtime.spawn(async move {
                say(&mut session);
                session.commit().await
            });
            thread::scope(|scope| {
                let waiter = scope.spawn(asleep);
                runtime.block_on(async {
                    while !waiter.is_finished() {
                        tokio::task::yield_now().await;
                    }
                });
            });
            match end {
                End::Shutdown => runtime.shutdown_background(),
                _ => drop(runtime),
            }
        }
    }
    outer.block_on(check(world));
}

#[test]
fn a_runtime_ends_in_the_middle() {
    let outer = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for end in [End::Drop, End::Shutdown, End::Outside] {
        for threads in [1, 2] {
            let world = outer.block_on(async {
                let world = World::start().await;
                world.run(SLOW).await;
                world
            });
            let inner = match threads {
                1 => Builder::new_current_thread().enable_all().build().unwrap(),
                n => Builder::new_multi_thread().worker_threads(n).enable_all().build().unwrap(),
            };
            let url = world.url.clone();
            end_in_the_middle(&url, inner, end, &world, &outer);
            let _inside = outer.enter();
            drop(world);
        }
    }
}
