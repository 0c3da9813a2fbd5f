//! Reading: 10,000 rows, and a graph of 1,000 customers with 2,000 carts and 10,000 links.

use criterion::{Criterion, criterion_group, criterion_main};
use orm_benches::{Bench, SHOP, load_graph};
use orm_core::prelude::*;
use shop_models::models::Customer;

fn load(c: &mut Criterion) {
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
    group.bench_function("owned_rows", |b| {
        b.to_async(&bench.runtime)
            .iter(|| async { bench.engine.fetch_all(select::<Customer>()).await.expect("rows") });
    });
    group.finish();
}

criterion_group!(benches, load);
criterion_main!(benches);
