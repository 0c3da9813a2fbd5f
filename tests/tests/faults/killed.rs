//! `kill -9` of a backend, and of the server, which is started again.
#![cfg(unix)]

use crate::gate::{Fault, Then};
use crate::times;
use crate::work::Work;
use crate::world::{POOL, World, fill, observe};
use futures_util::future::join_all;
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_testkit::Cluster;
use rustix::process::{Pid, Signal, kill_process};
use shop_models::models::{Cart, Customer};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::block_in_place;

const BACKENDS: &str = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// The server ends every other backend too, and recovers.
#[tokio::test]
async fn a_backend_in_the_middle_of_a_commit() {
    let cluster = Cluster::builder().durable().start().unwrap();
    let url = cluster.admin_url();
    fill(&url).await;
    let mut world = World::at(&url, None, POOL, |engine| engine.statement_cache(0)).await;
    let mut kinds = HashSet::new();
    for n in (0..).step_by(times(9, 1)) {
        let mut session = world.engine.session();
        let work = Work::prepare(&world, &mut session, n).await;
        world.gate.set(Fault::At(n, Then::Hold));
        let fault = async {
            world.gate.struck().await;
            let pid = world.number(&format!("SELECT pid::bigint {BACKENDS} LIMIT 1")).await;
            let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
            kill_process(pid, Signal::KILL).unwrap();
            // Every connection ends, this one too.
            while !world.observer.is_closed() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            world.gate.set(Fault::None);
            std::future::pending::<()>().await;
        };
        let outcome = tokio::select! {
            outcome = session.commit() => outcome,
            () = fault => unreachable!(),
        };
        let is_whole = !world.gate.has_struck();
        world.gate.set(Fault::None);
        world.observer = observe(&url).await;
        if let Err(error) = &outcome {
            kinds.insert(error.kind());
        }
        world.check_after(&mut session, &work, &outcome, n).await;
        if is_whole {
            outcome.unwrap();
            break;
        }
    }
    let expected = [ErrorKind::ConnectionLost, ErrorKind::CommitOutcomeUnknown];
    assert!(!kinds.is_empty() && kinds.iter().all(|kind| expected.contains(kind)), "{kinds:?}");
}

/// What a writer knows of its commits.
#[derive(Default)]
struct Ledger {
    acknowledged: Vec<String>,
    unknown: Vec<String>,
    refused: Vec<String>,
}

async fn write(engine: Engine, writer: usize, stop: Arc<AtomicBool>, commits: Arc<AtomicUsize>) -> Ledger {
    let mut ledger = Ledger::default();
    for n in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let name = format!("{writer}.{n}");
        let mut session = engine.session();
        let email = format!("{name}@x");
        session.add(Customer::builder().name(&*name).email(email).carts([Cart::builder(), Cart::builder()]));
        match session.commit().await {
            Ok(()) => {
                commits.fetch_add(1, Ordering::SeqCst);
                ledger.acknowledged.push(name);
            }
            Err(error) if error.kind() == ErrorKind::CommitOutcomeUnknown => ledger.unknown.push(name),
            Err(error) => {
                let kinds = [ErrorKind::ConnectionLost, ErrorKind::Connect, ErrorKind::PoolTimeout];
                assert!(kinds.contains(&error.kind()), "{error:?}");
                ledger.refused.push(name);
            }
        }
    }
    ledger
}

/// A server that keeps what it acknowledged loses nothing of it, whenever it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_while_many_write() {
    let mut cluster = Cluster::builder().durable().start().unwrap();
    let url = cluster.admin_url();
    fill(&url).await;
    let mut world = World::at(&url, None, 4, |engine| engine).await;
    let (stop, commits) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let writers =
        (0..4).map(|writer| tokio::spawn(write(world.engine.clone(), writer, stop.clone(), commits.clone())));
    let writers: Vec<_> = writers.collect();
    for _ in 0..times(3, 30) {
        let enough = commits.load(Ordering::SeqCst) + 40;
        while commits.load(Ordering::SeqCst) < enough {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        block_in_place(|| {
            cluster.kill9().unwrap();
            cluster.start().unwrap();
        });
    }
    stop.store(true, Ordering::SeqCst);
    let ledgers: Vec<Ledger> = join_all(writers).await.into_iter().map(Result::unwrap).collect();
    world.observer = observe(&url).await;
    world.settled().await;
    let whole =
        "SELECT c.name, count(k.id) FROM customer c LEFT JOIN cart k ON k.customer_id = c.id GROUP BY c.id";
    let rows = world.observer.query(whole, &[]).await.unwrap();
    assert!(rows.iter().all(|row| row.get::<_, i64>(1) == 2), "I1");
    let there: HashSet<String> = rows.iter().map(|row| row.get(0)).collect();
    let all = |of: fn(&Ledger) -> &Vec<String>| ledgers.iter().flat_map(of).collect::<Vec<_>>();
    let lost: Vec<_> = all(|l| &l.acknowledged).into_iter().filter(|name| !there.contains(*name)).collect();
    assert!(lost.is_empty(), "acknowledged, and lost: {lost:?}");
    let made: Vec<_> = all(|l| &l.refused).into_iter().filter(|name| there.contains(*name)).collect();
    assert!(made.is_empty(), "refused, and there: {made:?}");
    assert!(there.len() >= commits.load(Ordering::SeqCst));
}
