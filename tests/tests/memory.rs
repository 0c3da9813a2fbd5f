//! What a tracked object takes in memory: a budget, so that growth is noticed. The figures stand in `docs/performance.md`.
//!
//! A target of its own with one test, because everything that runs in the process is counted.

use orm_core::prelude::*;
use shop_models::models::{Base, Cart, Customer};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const COUNT: usize = 1_000;

/// How many bytes and blocks a piece of work keeps, for each of `of`.
async fn kept<T>(of: usize, work: impl Future<Output = T>) -> (usize, usize, T) {
    let region = Region::new(ALLOCATOR);
    let value = work.await;
    let change = region.change();
    let bytes = change.bytes_allocated.saturating_sub(change.bytes_deallocated);
    let blocks = change.allocations.saturating_sub(change.deallocations);
    (bytes / of, blocks / of, value)
}

async fn customers(engine: &Engine) -> Session {
    let mut session = engine.session();
    session.query::<Customer>().all().await.unwrap();
    session
}

#[orm_testkit::test(base = Base)]
async fn tracked_objects_stay_small(engine: Engine) {
    let mut session = engine.session();
    session.add_all((0..COUNT).map(|n| {
        let (name, email) = (format!("Customer {n:04}"), format!("{n:04}@example.org"));
        Customer::builder().name(name).email(email).carts([Cart::builder(), Cart::builder()])
    }));
    session.commit().await.unwrap();
    drop(session);
    for _ in 0..3 {
        drop(customers(&engine).await); // statements get prepared, buffers grow
    }

    let (bytes, blocks, mut session) = kept(COUNT, customers(&engine)).await;
    assert!((200..=360).contains(&bytes), "a loaded customer takes {bytes} bytes");
    assert!((2..=3).contains(&blocks), "a loaded customer takes {blocks} blocks");

    let all: Vec<Handle<Customer>> = session.objects().collect();
    let (bytes, blocks, ()) = kept(COUNT, async {
        all.iter().for_each(|customer| session[*customer].age = Some(41));
    })
    .await;
    assert!((100..=220).contains(&bytes), "the first change of a customer takes {bytes} bytes");
    assert!((2..=3).contains(&blocks), "the first change of a customer takes {blocks} blocks");

    session.rollback().await.unwrap();
    session.query::<Cart>().all().await.unwrap();
    let (bytes, blocks, carts) = kept(COUNT, session.load(&all, Customer::CARTS)).await;
    assert_eq!(carts.unwrap().len(), 2 * COUNT);
    assert!(bytes <= 80, "two links take {bytes} bytes");
    assert!(blocks <= 1, "two links take {blocks} blocks");
}
