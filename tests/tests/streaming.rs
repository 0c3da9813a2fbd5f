//! A million rows in the memory of one batch: models and values, of one table and of joins, with a session and without.
//!
//! A target of its own with one test, because everything that runs in the process is counted.

use orm_core::prelude::*;
use orm_core::query::{Scope, count};
use orm_core::session::Rows;
use orm_core::sql::TrustedSql;
use shop_models::models::{Base, Cart, Customer};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ROWS: usize = 1_000_000;
const BATCH: u32 = 5_000;

/// All of them would take more than 100 MB.
const BOUND: usize = 12 << 20;

fn live() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// The number of rows of a stream; after each batch little more is alive than before it began.
async fn drain<S: Scope<Root: Model>, R>(mut rows: Rows<'_, S, R>) -> orm_core::Result<usize> {
    let (before, mut found) = (live(), 0);
    while let Some(batch) = rows.next().await? {
        found += batch.len();
        let more = live().saturating_sub(before);
        assert!(more < BOUND, "{more} bytes are alive after {found} rows");
    }
    Ok(found)
}

#[orm_testkit::test(base = Base)]
async fn a_million_rows_take_the_memory_of_a_batch(engine: Engine) -> orm_core::Result<()> {
    let fill = format!(
        "INSERT INTO customer (name, email) SELECT 'Customer ' || n, n || '@example.org' FROM generate_series(1, {ROWS}) AS n;
         INSERT INTO cart (customer_id, invoice) SELECT n, 'A-' || n FROM generate_series(1, 1000) AS n"
    );
    engine.execute_script(TrustedSql::new(fill.clone())).await?;
    let mut session = engine.session();
    let models = session.stream(select::<Customer>().order_by(Customer::ID), BATCH).await?;
    assert_eq!(drain(models).await?, ROWS);
    let values = session.query::<Customer>().columns((Customer::ID, Customer::EMAIL)).stream(BATCH).await?;
    assert_eq!(drain(values).await?, ROWS);
    assert!(session.is_empty());
    session.commit().await?;

    let joined = select::<Customer>().left_join(Customer::CARTS).columns((Customer::NAME, Cart::INVOICE));
    assert_eq!(drain(engine.stream(joined, BATCH).await?).await?, ROWS);
    let groups = select::<Customer>().group_by(Customer::EMAIL).columns(|email| (email, count()));
    assert_eq!(drain(engine.stream(groups, BATCH).await?).await?, ROWS);
    let state = engine.fetch_all(columns(Customer::ID).limit(1)).await?;
    assert_eq!(state.len(), 1, "the connection came back");
    Ok(())
}
