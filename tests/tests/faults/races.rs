//! Transactions that meet: deadlocks, and counters without a lost update. (The bank under SERIALIZABLE is in
//! `tests/session/transactions.rs`.)

use crate::times;
use crate::world::{World, fill};
use futures_util::future::{join, join_all};
use orm_core::prelude::*;
use orm_core::{Isolation, TransactionOptions};
use orm_testkit::Cluster;
use shop_models::models::Product;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Barrier;

/// Much longer than anything here takes.
const LONG: Duration = Duration::from_secs(60);

async fn add_products(engine: &Engine, count: usize) -> Vec<i64> {
    let mut session = engine.session();
    let product = |n| Product::builder().sku(format!("{n}")).title("x").price_cents(0);
    let all = session.add_all((0..count).map(product));
    session.commit().await.unwrap();
    all.iter().map(|product| session[*product].id.unwrap()).collect()
}

/// Adds 1 to two rows, one after the other. The first try calls `meet` when it has locked the first row.
///
/// Values that were read before they were locked would be written over those of others: REPEATABLE READ refuses that.
async fn cross(
    engine: &Engine,
    (first, second): (i64, i64),
    tries: &AtomicUsize,
    meet: impl AsyncFn(),
) -> orm_core::Result<()> {
    let options = TransactionOptions::default().isolation(Isolation::RepeatableRead).attempts(100);
    let meet = &meet;
    engine
        .transaction_with(options, |mut session| {
            let is_first = tries.fetch_add(1, Ordering::SeqCst) == 0;
            async move {
                let a = session.get_one::<Product>(first).await?;
                let b = session.get_one::<Product>(second).await?;
                session[a].price_cents += 1;
                session.flush().await?;
                if is_first {
                    meet().await;
                }
                session[b].price_cents += 1;
                Ok(())
            }
        })
        .await
}

/// One of the two is the victim, and runs again. It may be one of two again (see below), so nothing is said about how
/// often; but both end, and nothing is lost.
#[tokio::test]
async fn deadlocks() {
    let cluster = Cluster::builder().setting("deadlock_timeout", "10ms").start().unwrap();
    let url = cluster.admin_url();
    fill(&url).await;
    let world = World::at(&url, None, 4, |engine| engine).await;
    if !world.has_timers().await {
        return;
    }
    let rounds = times(100, 1_000);
    let ids = add_products(&world.engine, 2 * rounds).await;
    for pair in ids.chunks(2) {
        let (barrier, tries) = (Barrier::new(2), [AtomicUsize::new(0), AtomicUsize::new(0)]);
        let meet = async || {
            barrier.wait().await;
        };
        let both = join(
            cross(&world.engine, (pair[0], pair[1]), &tries[0], meet),
            cross(&world.engine, (pair[1], pair[0]), &tries[1], meet),
        );
        let (one, two) = tokio::time::timeout(LONG, both).await.expect("a deadlock ends");
        one.and(two).unwrap();
        assert!(tries.iter().map(|tries| tries.load(Ordering::SeqCst)).sum::<usize>() >= 3, "a victim");
    }
    world.settled().await;
    let exact = world.number("SELECT count(*) FROM product WHERE price_cents = 2").await;
    assert_eq!(exact, i64::try_from(2 * rounds).unwrap());
}

/// The victim of a deadlock may come back and take its row once more before the transaction that waited for it has woken
/// up. Then they wait for each other again, for one deadlock timeout more.
#[cfg(unix)]
#[tokio::test]
async fn a_victim_that_is_faster_than_who_waited_for_it() {
    use rustix::process::{Pid, Signal, kill_process};

    let cluster = Cluster::private().unwrap();
    fill(&cluster.admin_url()).await;
    let world = World::at(&cluster.admin_url(), None, 1, |engine| engine).await;
    if !world.has_timers().await {
        return;
    }
    let engine = async |name: &str, timeout: &str| {
        let url = format!("{}?options=-c%20deadlock_timeout%3D{timeout}", cluster.admin_url());
        Engine::builder(&url).pool_size(1).application_name(name).connect().await.unwrap()
    };
    let (quick, slow) = (engine("quick", "10ms").await, engine("slow", "500ms").await);
    let ids = add_products(&quick, 2).await;
    let (barrier, tries) = (Barrier::new(2), [AtomicUsize::new(0), AtomicUsize::new(0)]);
    let go = tokio::sync::Notify::new();
    let one = cross(&quick, (ids[0], ids[1]), &tries[0], async || {
        barrier.wait().await;
        go.notified().await;
    });
    let two = cross(&slow, (ids[1], ids[0]), &tries[1], async || {
        barrier.wait().await;
    });
    let director = async {
        let pid = "SELECT pid::bigint FROM pg_stat_activity WHERE application_name = 'slow'";
        let pid = world.number(pid).await;
        let backend = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        let waits = |of: &str| format!("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid {of} {pid}");
        world.until("the slow one waits", &waits("="), |n| n == 1).await;
        // It does not wake up when the victim lets go …
        kill_process(backend, Signal::STOP).unwrap();
        go.notify_one();
        let is_back = |n| n == 1 && tries[0].load(Ordering::SeqCst) == 2;
        world.until("the victim is back, and waits", &waits("<>"), is_back).await;
        // … and finds the row taken when it does.
        kill_process(backend, Signal::CONT).unwrap();
    };
    let (one, two, ()) =
        tokio::time::timeout(LONG, async { tokio::join!(one, two, director) }).await.expect("both end");
    one.and(two).unwrap();
    let tries = tries.map(AtomicUsize::into_inner);
    assert_eq!(tries.iter().sum::<usize>(), 4, "two victims, of whom the first was the quick one: {tries:?}");
    assert_eq!(world.number("SELECT count(*) FROM product WHERE price_cents = 2").await, 2);
}

/// Many tasks add to one number that they read before.
async fn count_up(isolation: Isolation) {
    const TASKS: usize = 64;
    let increments = times(2, 1_000);
    // A scan of the whole table would make every read a conflict.
    let world = World::start().await;
    let url = format!("{}?options=-c%20enable_seqscan%3Doff", world.url);
    let engine = Engine::builder(&url).pool_size(8).connect().await.unwrap();
    let id = add_products(&engine, 1).await[0];
    let tries = AtomicUsize::new(0);
    let options = TransactionOptions::default().isolation(isolation).attempts(100_000);
    let task = async |_| {
        for _ in 0..increments {
            let done = engine.transaction_with(options.clone(), |mut session| {
                tries.fetch_add(1, Ordering::SeqCst);
                async move {
                    let counter = session.get_one::<Product>(id).await?;
                    session[counter].price_cents += 1;
                    Ok::<_, orm_core::Error>(())
                }
            });
            done.await.unwrap();
        }
    };
    join_all((0..TASKS).map(task)).await;
    let total = TASKS * increments;
    let sum = world.number("SELECT price_cents FROM product").await;
    assert_eq!(sum, i64::try_from(total).unwrap(), "{isolation:?}");
    assert!(tries.into_inner() > total, "some lost a race");
    drop(engine);
    world.settled().await;
}

#[tokio::test]
async fn no_update_is_lost() {
    count_up(Isolation::RepeatableRead).await;
    count_up(Isolation::Serializable).await;
}
