//! What rendering a query allocates: a budget, so that growth is noticed.
//!
//! A target of its own with one test, because everything that runs in the process is counted.

use orm_core::prelude::*;
use shop_models::models::{Base, Cart, Customer, Product};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How many blocks some work allocates, or has grow.
async fn allocations<T>(work: impl Future<Output = T>) -> usize {
    let region = Region::new(ALLOCATOR);
    drop(work.await);
    let change = region.change();
    change.allocations + change.reallocations
}

/// Checks the second time, when buffers have grown and statements are prepared.
async fn check<T, F: Future<Output = T>>(what: &str, budget: usize, work: impl Fn() -> F) {
    for _ in 0..3 {
        work().await;
    }
    let blocks = allocations(work()).await;
    assert!(blocks <= budget, "{what} takes {blocks} blocks, {budget} are its budget");
}

#[orm_testkit::test(base = Base)]
async fn rendering_allocates_little(engine: Engine) {
    // Its text is made once: what is left is the `String`.
    check("a whole table", 1, async || select::<Customer>().to_string()).await;
    check("conditions, an order and a limit", 22, async || {
        let adults = select::<Customer>().filter(Customer::AGE.ge(18)).order_by(Customer::NAME).limit(20);
        adults.to_string()
    })
    .await;
    check("a condition through two relations", 65, async || {
        let dear = Cart::PRODUCTS.any(Product::PRICE_CENTS.gt(100));
        select::<Customer>().filter(Customer::CARTS.any(dear)).to_string()
    })
    .await;

    // With the way to the server and back, and no rows.
    check("owned rows", 17, async || engine.fetch_all(select::<Customer>()).await.unwrap()).await;
    check("the owned row of a key", 29, async || Customer::find(&engine, 7).await.unwrap()).await;
    check("a new session that asks for a key", 39, async || {
        engine.session().get::<Customer>(7).await.unwrap()
    })
    .await;
    check("a new session that asks for a table", 32, async || {
        let mut session = engine.session();
        session.query::<Customer>().all().await.unwrap()
    })
    .await;
}
