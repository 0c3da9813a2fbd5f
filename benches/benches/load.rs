//! Reading beside the hand-written form: 10,000 rows, and a graph of 1,000 customers with 2,000 carts and 10,000 links.

use criterion::{Criterion, criterion_group, criterion_main};
use orm_benches::{Bench, SHOP, load_customers, load_graph, owned_customers};

fn graph(c: &mut Criterion) {
    let bench = Bench::new();
    bench.runtime.block_on(async {
        bench.raw.insert_graph(SHOP, 0).await;
    });
    bench.analyze();
    let mut group = c.benchmark_group("load_graph");
    group.sample_size(20);
    group.bench_function("raw", |b| b.to_async(&bench.runtime).iter(|| bench.raw.load_graph()));
    group.bench_function("raw_by_arrays", |b| {
        b.to_async(&bench.runtime).iter(|| bench.raw.load_graph_by_arrays());
    });
    group.bench_function("session", |b| b.to_async(&bench.runtime).iter(|| load_graph(&bench.engine)));
    group.finish();
}

fn rows(c: &mut Criterion) {
    let bench = Bench::of_customers(10_000);
    let found = bench.runtime.block_on(owned_customers(&bench.engine));
    assert_eq!(found.len(), 10_000);
    let mut group = c.benchmark_group("load_rows");
    group.sample_size(20);
    group.bench_function("raw", |b| b.to_async(&bench.runtime).iter(|| bench.raw.load_customers()));
    group.bench_function("owned", |b| b.to_async(&bench.runtime).iter(|| owned_customers(&bench.engine)));
    group.bench_function("session", |b| b.to_async(&bench.runtime).iter(|| load_customers(&bench.engine)));
    group.finish();
}

criterion_group!(benches, graph, rows);
criterion_main!(benches);
