//! Dropping a COPY after every number of polls: all rows are there or none, and the pool is clean.

use crate::bench::{Bench, poll_times, roll_back};
use futures_util::TryStreamExt;
use orm_core::bulk::{CopyFormat, CopyRow, copy_in, copy_out};
use orm_core::prelude::*;
use shop_models::models::Product;

/// Some rows that nobody else writes.
fn teas(n: usize) -> impl Iterator<Item = impl CopyRow<Product>> + Send {
    (0..3).map(move |tea| Product::builder().sku(format!("{n}.{tea}")).title("Tea").price_cents(tea))
}

async fn written(bench: &Bench, n: usize) -> i64 {
    bench.number(&format!("SELECT count(*) FROM product WHERE sku LIKE '{n}.%'")).await
}

#[tokio::test]
async fn rows_into_a_table() {
    let bench = Bench::start().await;
    let mut dropped = 0;
    for polls in 0.. {
        bench.drip.begin();
        let done = poll_times(copy_in::<Product>(teas(polls)).execute(&bench.engine), polls).await;
        bench.settled().await;
        let found = written(&bench, polls).await;
        if let Some(done) = done {
            assert_eq!((done.unwrap(), found), (3, 3));
            break;
        }
        assert!(found == 0 || found == 3, "{found} rows after {polls} polls");
        dropped += 1;
    }
    assert!(dropped > 5, "{dropped}");
}

#[tokio::test]
async fn rows_into_the_transaction_of_a_session() {
    let bench = Bench::start().await;
    let mut failed = 0;
    for polls in 0.. {
        let mut session = bench.engine.session();
        bench.drip.begin();
        let done = poll_times(copy_in::<Product>(teas(polls)).execute(&mut session), polls).await;
        bench.drip.end();
        if let Some(done) = done {
            assert_eq!(done.unwrap(), 3);
            session.commit().await.unwrap();
            assert_eq!(written(&bench, polls).await, 3);
            break;
        }
        if session.is_active() {
            session.rollback().await.unwrap();
        } else {
            failed += 1;
            roll_back(&mut session).await;
        }
        bench.settled().await;
        assert_eq!(written(&bench, polls).await, 0, "after {polls} polls");
    }
    assert!(failed > 5, "{failed}");
}

#[tokio::test]
async fn what_a_query_finds() {
    let bench = Bench::start().await;
    copy_in::<Product>(teas(0)).execute(&bench.engine).await.unwrap();
    let some = || columns(Product::SKU).filter(Product::PRICE_CENTS.gt(0)).order_by(Product::ID);
    for polls in 0.. {
        bench.drip.begin();
        let mut csv = Vec::new();
        let done = poll_times(copy_out(some()).write(CopyFormat::Csv, &mut csv, &bench.engine), polls).await;
        bench.settled().await;
        if let Some(done) = done {
            assert_eq!((done.unwrap(), &csv[..]), (2, &b"0.1\n0.2\n"[..]));
            break;
        }
    }
    let read = async || copy_out(some()).rows(&bench.engine).await?.try_collect::<Vec<String>>().await;
    for polls in 0.. {
        bench.drip.begin();
        let done = poll_times(read(), polls).await;
        bench.settled().await;
        if let Some(done) = done {
            assert_eq!(done.unwrap(), ["0.1", "0.2"]);
            break;
        }
    }
}
