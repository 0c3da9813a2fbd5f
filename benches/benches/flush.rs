//! New objects and graphs: `session.commit()` beside the best hand-written form, in one run.

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use orm_benches::{Bench, Graph, SHOP, customers};
use orm_core::prelude::*;
use shop_models::models::{Cart, Customer, Product};
use std::sync::atomic::{AtomicU64, Ordering};

static ROUND: AtomicU64 = AtomicU64::new(0);

fn round() -> u64 {
    ROUND.fetch_add(1, Ordering::Relaxed)
}

fn objects(engine: &Engine, count: usize) -> Session {
    let mut session = engine.session();
    for customer in customers(count, round()) {
        let builder = Customer::builder().name(customer.name).email(customer.email);
        session.add(builder.maybe_age(customer.age));
    }
    session
}

fn graph(engine: &Engine, graph: Graph) -> Session {
    let (mut session, round) = (engine.session(), round());
    let products = session.add_all((0..graph.products).map(|n| {
        let price = i64::try_from(n).expect("a small graph");
        Product::builder().sku(format!("{round}.{n}")).title(format!("Product {n}")).price_cents(price)
    }));
    for (n, customer) in customers(graph.customers, round).into_iter().enumerate() {
        let carts = (n * 2..n * 2 + 2)
            .map(|cart| Cart::builder().products(graph.products_of(cart).map(|p| products[p])));
        let builder = Customer::builder().name(customer.name).email(customer.email);
        session.add(builder.maybe_age(customer.age).carts(carts));
    }
    session
}

async fn commit(mut session: Session) -> Session {
    session.commit().await.expect("a commit");
    session
}

fn new_objects(c: &mut Criterion) {
    let bench = Bench::new();
    let mut group = c.benchmark_group("new_objects");
    for count in [1, 100, 10_000] {
        group.sample_size(if count > 1_000 { 10 } else { 50 });
        bench.empty();
        group.bench_with_input(BenchmarkId::new("raw", count), &count, |b, &count| {
            b.to_async(&bench.runtime).iter_batched(
                || customers(count, round()),
                async |mut customers| match customers.len() {
                    1 => {
                        bench.raw.insert_one(customers.remove(0)).await;
                        customers
                    }
                    _ => bench.raw.insert_many(customers).await,
                },
                BatchSize::PerIteration,
            );
        });
        bench.empty();
        group.bench_with_input(BenchmarkId::new("session", count), &count, |b, &count| {
            b.to_async(&bench.runtime).iter_batched(
                || objects(&bench.engine, count),
                commit,
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn shop_graph(c: &mut Criterion) {
    let bench = Bench::new();
    let mut group = c.benchmark_group("shop_graph");
    group.sample_size(10);
    bench.empty();
    group.bench_function("raw", |b| {
        b.to_async(&bench.runtime).iter_batched(
            round,
            |round| bench.raw.insert_graph(SHOP, round),
            BatchSize::PerIteration,
        );
    });
    bench.empty();
    group.bench_function("session", |b| {
        b.to_async(&bench.runtime).iter_batched(
            || graph(&bench.engine, SHOP),
            commit,
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, new_objects, shop_graph);
criterion_main!(benches);
