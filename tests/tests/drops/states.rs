//! Dropping savepoints, autoflush, `refresh`, `merge` and transactions as closures, after every number of polls.

use crate::bench::{Bench, poll_times};
use crate::cases::{Case, Ended, Graph};
use crate::polls::enumerate_on;
use crate::reads::{self, Inside};
use orm_core::TransactionSession;
use orm_core::prelude::*;
use orm_core::session::SessionMaker;
use orm_core::sql::text;
use orm_testkit::{Cluster, TestDatabase};
use shop_models::models::{Base, Cart, Customer, Product};

type Owners = Vec<Handle<Customer>>;

/// A graph that is committed inside a savepoint, beside one that is taken back.
struct Savepoints;

impl Case for Savepoints {
    type Handles = Owners;

    async fn prepare(&self, bench: &Bench, session: &mut Session, n: usize) -> Owners {
        Graph.prepare(bench, session, n).await
    }

    async fn act(&self, session: &mut Session) -> orm_core::Result<()> {
        let mut outer = session.begin_nested().await?;
        let mut inner = outer.begin_nested().await?;
        inner.add(Product::builder().sku("ghost").title("ghost").price_cents(1));
        inner.flush().await?;
        inner.rollback().await?;
        outer.add(Product::builder().sku("beside").title("beside").price_cents(1));
        outer.commit().await?;
        let mut dropped = session.begin_nested().await?;
        dropped.execute(text("DELETE FROM product WHERE sku = 'beside'")).await?;
        drop(dropped);
        session.execute(text("DELETE FROM product WHERE sku = 'beside'")).await?;
        session.commit().await
    }

    fn again(&self, session: &mut Session, owners: &Owners) {
        Graph.again(session, owners);
    }

    async fn is_done(&self, bench: &Bench, n: usize) -> bool {
        let left = "SELECT count(*) FROM product WHERE sku IN ('ghost', 'beside')";
        assert_eq!(bench.number(left).await, 0, "{n}");
        Graph.is_done(bench, n).await
    }
}

#[tokio::test]
async fn savepoints() {
    let ends = enumerate_on(Bench::whole().await, Savepoints).await;
    assert!(ends[&Ended::Unchanged] >= 4, "{ends:?}");
}

/// A graph that a query writes before it reads.
struct Autoflush;

impl Case for Autoflush {
    type Handles = Owners;

    async fn prepare(&self, bench: &Bench, session: &mut Session, n: usize) -> Owners {
        Graph.prepare(bench, session, n).await
    }

    async fn act(&self, session: &mut Session) -> orm_core::Result<()> {
        assert!(session.query::<Customer>().count().await? >= 2);
        session.commit().await
    }

    fn again(&self, session: &mut Session, owners: &Owners) {
        Graph.again(session, owners);
    }

    async fn is_done(&self, bench: &Bench, n: usize) -> bool {
        Graph.is_done(bench, n).await
    }
}

#[tokio::test]
async fn an_autoflush() {
    let ends = enumerate_on(Bench::whole().await, Autoflush).await;
    assert!(ends[&Ended::Unchanged] >= 2, "{ends:?}");
}

#[tokio::test]
async fn a_refresh() {
    for inside in [Inside::Nothing, Inside::Transaction] {
        reads::enumerate_on(Bench::whole().await, inside, async |session| {
            let all = session.query::<Customer>().with(Customer::CARTS).all().await?;
            session.refresh(&all).await?;
            assert!(all.iter().all(|customer| !session.is_expired(*customer).unwrap()));
            Ok(all.len())
        })
        .await;
    }
}

/// What is merged is in the session whole or not at all, and changes nothing where it says what is there.
#[tokio::test]
async fn a_merge() {
    for inside in [Inside::Nothing, Inside::Transaction] {
        reads::enumerate_on(Bench::whole().await, inside, async |session| {
            let given = |n: i64| Customer::builder().id(n).name(n.to_string()).email(n.to_string());
            let all = session.merge_all((1..=5).map(given)).await?;
            assert!(session.flush_plan()?.is_empty(), "{}", session.flush_plan()?);
            Ok(all.len())
        })
        .await;
    }
}

#[tokio::test]
async fn a_stream() {
    // It begins a transaction, and a drop inside of one has to be rolled back.
    reads::enumerate_on(Bench::whole().await, Inside::Transaction, async |session| {
        let mut rows = session.stream(select::<Customer>(), 2).await?;
        let mut count = 0;
        while let Some(some) = rows.next().await? {
            count += some.len();
        }
        Ok(count)
    })
    .await;
}

/// A merge reads everything before it changes anything.
#[tokio::test]
async fn a_merge_of_a_changed_graph() {
    let bench = Bench::whole().await;
    let carts = [Cart::builder().invoice("1"), Cart::builder().invoice("2")];
    let mut session = bench.engine.session();
    session.add(Customer::builder().name("Ann").email("ann").carts(carts));
    session.commit().await.unwrap();
    let mut dropped = 0;
    for n in 0.. {
        let kept = Cart::builder().id(1).invoice("changed");
        let given = Customer::builder().id(1).name("Anna").email("ann").carts([kept, Cart::builder()]);
        let mut session = bench.engine.session();
        bench.drip.begin();
        if let Some(merged) = poll_times(session.merge(given), n).await {
            merged.unwrap();
            assert_eq!(session.flush_plan().unwrap().steps().len(), 4, "{}", session.flush_plan().unwrap());
            break;
        }
        if !session.is_active() {
            session.rollback().await.unwrap();
        }
        assert!(session.flush_plan().unwrap().is_empty(), "{n}: {}", session.flush_plan().unwrap());
        dropped += 1;
    }
    assert!(dropped > 2, "{dropped}");
}

/// A transaction as a closure has no session to ask afterwards: what it wrote is there whole or not at all, and nothing is
/// left behind.
async fn enumerate_closure(run: impl AsyncFn(&Engine, usize) -> orm_core::Result<()>) {
    let bench = Bench::whole().await;
    let (mut pending, mut done) = (0, 0);
    for n in 0.. {
        bench.drip.begin();
        let completed = poll_times(run(&bench.engine, n), n).await;
        bench.settled().await;
        let is_done = Graph.is_done(&bench, n).await;
        done += usize::from(is_done);
        if let Some(completed) = completed {
            completed.unwrap();
            assert!(is_done);
            break;
        }
        pending += 1;
    }
    assert!(pending > 2 && done < pending, "{pending} {done}");
}

#[tokio::test]
async fn a_transaction() {
    enumerate_closure(async |engine, n| {
        engine
            .transaction(|mut session| async move {
                session.query::<Product>().count().await?;
                Graph.say(&mut session, n);
                session.flush().await
            })
            .await
    })
    .await;
}

#[tokio::test]
async fn a_transaction_of_a_maker() {
    enumerate_closure(async |engine, n| {
        let maker = SessionMaker::new(engine);
        let work = async move |mut session: TransactionSession| {
            session.query::<Product>().count().await?;
            Graph.say(&mut session, n);
            session.flush().await
        };
        maker.begin(work).await
    })
    .await;
}

/// A transaction whose `prepare` was dropped is there under its name, whole, or it never was.
#[tokio::test]
async fn a_prepare() {
    let cluster = Cluster::builder().setting("max_prepared_transactions", "4").start().unwrap();
    let database = TestDatabase::create_at(&cluster.admin_url()).await.unwrap();
    let direct = Engine::connect(database.url()).await.unwrap();
    Base::create_all(&direct).await.unwrap();
    drop(direct);
    let bench = Bench::of(database, 256).await;
    bench.drip.turn_off();
    for n in 0.. {
        let mut session = bench.engine.session();
        Graph.say(&mut session, n);
        bench.drip.begin();
        let completed = poll_times(session.prepare(&format!("gid {n}")), n).await;
        if completed.is_none() {
            session.rollback().await.unwrap();
        }
        bench.settled().await;
        if let Some(completed) = completed {
            completed.unwrap();
            session.commit().await.unwrap();
            assert!(Graph.is_done(&bench, n).await);
            break;
        }
        assert!(!Graph.is_done(&bench, n).await, "nobody committed it");
        for prepared in bench.engine.prepared_transactions().await.unwrap() {
            assert_eq!(prepared.gid, format!("gid {n}"));
            bench.engine.commit_prepared(&prepared.gid).await.unwrap();
            assert!(Graph.is_done(&bench, n).await, "it is whole");
        }
    }
    assert!(bench.engine.prepared_transactions().await.unwrap().is_empty());
}
