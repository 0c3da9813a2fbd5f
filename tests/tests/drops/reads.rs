//! Dropping what only reads, and `rollback`.

use crate::bench::{Bench, poll_times, roll_back};
use orm_core::prelude::*;
use shop_models::models::{Cart, Customer};

/// Whether the reads happen inside a transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inside {
    Transaction,
    Nothing,
}

/// Drops a read after every number of polls: the session goes on, or needs a rollback inside a transaction, and finds
/// what is there.
async fn enumerate(inside: Inside, read: impl AsyncFn(&mut Session) -> orm_core::Result<usize>) {
    enumerate_on(Bench::start().await, inside, read).await;
}

pub(crate) async fn enumerate_on(
    bench: Bench,
    inside: Inside,
    read: impl AsyncFn(&mut Session) -> orm_core::Result<usize>,
) {
    let sql = "INSERT INTO customer (name, email) SELECT i, i FROM generate_series(1, 5) i; \
        INSERT INTO cart (customer_id) SELECT id FROM customer";
    bench.run(sql).await;
    let (mut pending, mut failed) = (0, 0);
    for polls in 0.. {
        let mut session = bench.engine.session();
        if inside == Inside::Transaction {
            session.begin().await.unwrap();
        }
        bench.drip.begin();
        let done = poll_times(read(&mut session), polls).await;
        bench.drip.end();
        if let Some(done) = done {
            assert_eq!(done.unwrap(), 5);
            session.rollback().await.unwrap();
            bench.settled().await;
            break;
        }
        pending += 1;
        if session.is_active() {
            assert_eq!(session.in_transaction(), inside == Inside::Transaction);
        } else {
            failed += 1;
            roll_back(&mut session).await;
        }
        assert_eq!(read(&mut session).await.unwrap(), 5, "after {polls} polls");
        session.rollback().await.unwrap();
        bench.settled().await;
    }
    assert!(pending >= 2, "{pending}");
    assert_eq!(failed > 0, inside == Inside::Transaction, "only a transaction can be broken by a read");
}

#[tokio::test]
async fn a_query() {
    for inside in [Inside::Nothing, Inside::Transaction] {
        enumerate(inside, async |session| Ok(session.query::<Customer>().all().await?.len())).await;
    }
}

#[tokio::test]
async fn a_query_with_a_path() {
    for inside in [Inside::Nothing, Inside::Transaction] {
        enumerate(inside, async |session| {
            let path = Customer::CARTS.then(Cart::PRODUCTS);
            let all = session.query::<Customer>().with(path).all().await?;
            for customer in session.each(&all) {
                assert_eq!(customer.related(Customer::CARTS)?.len(), 1);
            }
            Ok(all.len())
        })
        .await;
    }
}

#[tokio::test]
async fn a_get_and_a_load() {
    for inside in [Inside::Nothing, Inside::Transaction] {
        enumerate(inside, async |session| {
            let ann = session.get_one::<Customer>(5).await?;
            let carts = session.load(ann, Customer::CARTS).await?;
            assert_eq!(carts.len(), 1);
            Ok(usize::try_from(session[ann].id.unwrap()).unwrap())
        })
        .await;
    }
}

/// A rollback that is dropped has not happened for the session, which says so, and has for the database.
#[tokio::test]
async fn a_rollback() {
    let bench = Bench::start().await;
    let mut pending = 0;
    for polls in 0.. {
        let mut session = bench.engine.session();
        let ann = session.add(Customer::builder().name("Ann").email(format!("{polls}@x")));
        session.flush().await.unwrap();
        bench.drip.begin();
        let done = poll_times(session.rollback(), polls).await;
        bench.drip.end();
        let completed = done.is_some();
        match done {
            Some(done) => done.unwrap(),
            None if session.is_active() => {
                assert!(session.in_transaction(), "not begun");
                session.rollback().await.unwrap();
            }
            None => roll_back(&mut session).await,
        }
        bench.settled().await;
        assert_eq!(bench.number("SELECT count(*) FROM customer WHERE name = 'Ann'").await, 0);
        assert!(!session[ann].id.is_set());
        session.add_again(ann).unwrap();
        session.commit().await.unwrap();
        assert_eq!(bench.number("SELECT count(*) FROM customer WHERE name = 'Ann'").await, 1);
        bench.run("DELETE FROM customer").await;
        if completed {
            break;
        }
        pending += 1;
    }
    assert!(pending >= 2, "{pending}");
}
