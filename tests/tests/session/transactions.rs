//! Closures as transactions: commit, rollback, and another try after a lost race.

use futures_util::future::join_all;
use orm_core::prelude::*;
use orm_core::{ErrorKind, Isolation, TransactionOptions};
use shop_models::models::{Base, Product};
use std::sync::atomic::{AtomicUsize, Ordering};

fn product(n: i64) -> Product {
    Product::builder().sku(format!("{n}")).title("Account").price_cents(100).build()
}

async fn total(engine: &Engine) -> i64 {
    engine.fetch_all(columns(Product::PRICE_CENTS)).await.unwrap().into_iter().sum()
}

/// An error type of the program's own.
#[derive(Debug)]
enum Refused {
    Orm(orm_core::Error),
    NotEnough,
}

impl From<orm_core::Error> for Refused {
    fn from(error: orm_core::Error) -> Self {
        Self::Orm(error)
    }
}

async fn transfer(
    engine: &Engine,
    from: i64,
    to: i64,
    amount: i64,
    tries: &AtomicUsize,
) -> Result<(), Refused> {
    let options = TransactionOptions::default().isolation(Isolation::Serializable).attempts(1_000);
    engine
        .transaction_with(options, |mut session| async move {
            tries.fetch_add(1, Ordering::Relaxed);
            // Both rows in one order, whoever pays: nobody waits in a circle.
            let low = session.get_one::<Product>(from.min(to)).await?;
            let high = session.get_one::<Product>(from.max(to)).await?;
            let (a, b) = if from < to { (low, high) } else { (high, low) };
            if session[a].price_cents < amount {
                return Err(Refused::NotEnough);
            }
            session[a].price_cents -= amount;
            session[b].price_cents += amount;
            Ok(())
        })
        .await
}

#[test]
fn a_bank_keeps_its_sum() {
    const TASKS: i64 = 32;
    const ACCOUNTS: i64 = 16;
    // 50,000 in all where that is asked for.
    let full = std::env::var("ORM_TESTS_FAULTS").is_ok_and(|value| value == "full");
    let transfers: i64 = if full { 50_000 / TASKS + 1 } else { 8 };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let database = orm_testkit::database_of::<Base>().await.unwrap();
        // A scan of the whole table would make every transfer a conflict with every other.
        let url = format!("{}?options=-c%20enable_seqscan%3Doff", database.url());
        let engine = Engine::builder(&url).pool_size(8).connect().await.unwrap();
        let mut session = engine.session();
        session.add_all((0..ACCOUNTS).map(product));
        session.commit().await.unwrap();
        let tasks = (0..TASKS).map(|task| {
            let engine = engine.clone();
            tokio::spawn(async move {
                let (tries, mut done, mut refused) = (AtomicUsize::new(0), 0, 0);
                for n in 0..transfers {
                    let (from, to) = ((task + n) % 4 + 1, (task * 3 + n * 5 + 1) % ACCOUNTS + 1);
                    if from == to {
                        continue;
                    }
                    match transfer(&engine, from, to, 30, &tries).await {
                        Ok(()) => done += 1,
                        Err(Refused::NotEnough) => refused += 1,
                        Err(Refused::Orm(error)) => panic!("{error:?}"),
                    }
                }
                (tries.load(Ordering::Relaxed), done, refused)
            })
        });
        let counts: Vec<(usize, i64, i64)> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
        let (tries, done): (usize, i64) =
            (counts.iter().map(|c| c.0).sum(), counts.iter().map(|c| c.1).sum());
        assert_eq!(total(&engine).await, ACCOUNTS * 100);
        assert!(done > 0 && counts.iter().map(|c| c.2).sum::<i64>() > 0, "{counts:?}");
        let finished: i64 = counts.iter().map(|c| c.1 + c.2).sum();
        // Whether some lost a race is luck; `only_lost_races_are_run_again` makes sure of the rest.
        assert!(tries >= usize::try_from(finished).unwrap());
        let low: i64 = engine.count(select::<Product>().filter(Product::PRICE_CENTS.lt(0))).await.unwrap();
        assert_eq!(low, 0);
    });
}

#[orm_testkit::test(base = Base)]
async fn it_commits_and_gives_the_value(engine: Engine) {
    let title = String::from("borrowed");
    let before = engine.statistics();
    let handle = engine
        .transaction(|mut session| {
            let title = &title;
            async move {
                let mut product = product(1);
                product.title.clone_from(title);
                session.add(product);
                Ok::<_, orm_core::Error>(7)
            }
        })
        .await
        .unwrap();
    let after = engine.statistics();
    assert_eq!((handle, after.round_trips - before.round_trips), (7, 1));
    assert_eq!(engine.fetch_all(columns(Product::TITLE)).await.unwrap(), ["borrowed"]);
}

#[orm_testkit::test(base = Base)]
async fn reads_belong_to_it_and_begin_it(engine: Engine) {
    let before = engine.statistics();
    let options = TransactionOptions::default().isolation(Isolation::RepeatableRead);
    let counts = engine.transaction_with(options, |mut session| {
        let engine = engine.clone();
        async move {
            let first = session.query::<Product>().count().await?;
            assert!(session.in_transaction());
            product(1).insert(&engine).await?;
            Ok::<_, orm_core::Error>((first, session.query::<Product>().count().await?))
        }
    });
    assert_eq!(counts.await.unwrap(), (0, 0), "the snapshot of the first read");
    let trips = engine.statistics().round_trips - before.round_trips;
    assert_eq!(trips, 4, "BEGIN with the first read, the insert beside, the second read, COMMIT");
}

#[orm_testkit::test(base = Base)]
async fn an_error_rolls_back(engine: Engine) {
    let result: Result<(), Refused> = engine
        .transaction(|mut session| async move {
            session.add(product(1));
            session.flush().await?;
            Err(Refused::NotEnough)
        })
        .await;
    assert!(matches!(result, Err(Refused::NotEnough)));
    assert_eq!(total(&engine).await, 0);
    assert!(!engine.connection().await.unwrap().in_transaction());
}

#[orm_testkit::test(base = Base)]
async fn a_panic_rolls_back_and_leaves_the_pool_clean(engine: Engine) {
    let task = tokio::spawn({
        let engine = engine.clone();
        async move {
            engine
                .transaction(|mut session| async move {
                    session.add(product(1));
                    session.flush().await?;
                    assert!(!session.in_transaction(), "a panic in the program");
                    Ok::<_, orm_core::Error>(())
                })
                .await
        }
    });
    assert!(task.await.unwrap_err().is_panic());
    assert_eq!(total(&engine).await, 0);
}

#[orm_testkit::test(base = Base)]
async fn only_lost_races_are_run_again(engine: Engine) {
    let mut one = product(1);
    one.insert(&engine).await.unwrap();
    let tries = AtomicUsize::new(0);
    let duplicate = engine.transaction(|mut session| {
        tries.fetch_add(1, Ordering::Relaxed);
        async move {
            session.add(product(1));
            Ok::<_, orm_core::Error>(())
        }
    });
    assert!(duplicate.await.unwrap_err().is_unique_violation());
    assert_eq!(tries.load(Ordering::Relaxed), 1);

    // Somebody else changes the row between the first try's read and its write.
    let tries = AtomicUsize::new(0);
    let options = TransactionOptions::default().isolation(Isolation::RepeatableRead);
    let raised = engine.transaction_with(options.clone(), |mut session| {
        let (attempt, engine) = (tries.fetch_add(1, Ordering::Relaxed), &engine);
        async move {
            let product = session.query::<Product>().one().await?;
            if attempt == 0 {
                let mut other = session[product].clone();
                other.price_cents = 500;
                other.update(engine).await?;
            }
            session[product].price_cents += 1;
            session.flush().await?;
            Ok::<_, orm_core::Error>(session[product].price_cents)
        }
    });
    assert_eq!(raised.await.unwrap(), 501, "the second try saw the other's price");
    assert_eq!(tries.load(Ordering::Relaxed), 2);
    assert_eq!(total(&engine).await, 501);

    let tries = AtomicUsize::new(0);
    let options = options.attempts(3);
    let lost = engine.transaction_with(options, |mut session| {
        tries.fetch_add(1, Ordering::Relaxed);
        let engine = &engine;
        async move {
            let product = session.query::<Product>().one().await?;
            session[product].clone().update(engine).await?;
            session[product].price_cents += 1;
            Ok::<_, orm_core::Error>(())
        }
    });
    assert!(lost.await.unwrap_err().is_serialization_failure());
    assert_eq!(tries.load(Ordering::Relaxed), 3, "no more than was asked for");
}

#[orm_testkit::test(base = Base)]
async fn a_session_that_is_kept_cannot_be_committed(engine: Engine) {
    let kept = std::sync::Mutex::new(None);
    let error = engine
        .transaction(|mut session| {
            session.add(product(1));
            *kept.lock().unwrap() = Some(session);
            async { Ok::<_, orm_core::Error>(()) }
        })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    drop(kept);
    assert_eq!(total(&engine).await, 0);
}
