//! New objects and graphs: `session.commit()` beside the best hand-written form, in one run.

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use orm_benches::{Bench, SHOP, commit, customers, graph, objects, round};

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
