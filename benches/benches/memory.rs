//! What a tracked object takes in memory, beside a struct in a `Vec` with a `HashMap` of its key.
//!
//! `cargo bench -p orm-benches --bench memory`. Bytes are those that were asked of the allocator and not given back; they are the
//! same in every run.

use comfy_table::Table;
use orm_benches::{Bench, Loaded, SHOP, load_graph};
use orm_core::prelude::*;
use shop_models::models::{Cart, Customer, Product};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::io::{Write, stdout};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What a piece of work kept.
#[derive(Clone, Copy, Debug)]
struct Kept {
    bytes: isize,
    blocks: isize,
}

fn signed(n: usize) -> isize {
    n.try_into().expect("less than half of the memory")
}

/// Does something, and tells what it kept.
fn kept<T>(work: impl FnOnce() -> T) -> (Kept, T) {
    let region = Region::new(ALLOCATOR);
    let value = work();
    let change = region.change();
    let kept = Kept {
        bytes: signed(change.bytes_allocated) - signed(change.bytes_deallocated),
        blocks: signed(change.allocations) - signed(change.deallocations),
    };
    (kept, value)
}

/// What the tables are made of.
struct Report(Table);

impl Report {
    fn new(header: [&str; 4]) -> Self {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::ASCII_MARKDOWN);
        table.set_header(header);
        Self(table)
    }

    fn add(&mut self, what: &str, of: usize, kept: Kept) {
        let each = |n: isize| format!("{:.1}", n as f64 / of as f64);
        self.0.add_row([what.to_owned(), of.to_string(), each(kept.bytes), each(kept.blocks)]);
    }
}

/// Loads all rows of a model into a session.
async fn rows_of<T: Model>(engine: &Engine) -> Session {
    let mut session = engine.session();
    session.query::<T>().all().await.expect("rows");
    session
}

fn of_model<T: Model>(bench: &Bench, report: &mut Report, name: &str) {
    let warm = bench.runtime.block_on(rows_of::<T>(&bench.engine));
    drop(warm);
    let (kept, session) = kept(|| bench.runtime.block_on(rows_of::<T>(&bench.engine)));
    report.add(&format!("{name}, loaded"), session.len(), kept);
}

fn of_changes(bench: &Bench, report: &mut Report) {
    let mut session = bench.runtime.block_on(rows_of::<Customer>(&bench.engine));
    let customers: Vec<_> = session.objects::<Customer>().collect();
    let (first, ()) = kept(|| customers.iter().for_each(|customer| session[*customer].age = Some(41)));
    report.add("Customer, first change", customers.len(), first);
    let (again, ()) = kept(|| customers.iter().for_each(|customer| session[*customer].age = Some(42)));
    report.add("Customer, next change", customers.len(), again);
}

fn of_relations(bench: &Bench, report: &mut Report) {
    let mut session = bench.runtime.block_on(rows_of::<Customer>(&bench.engine));
    bench.runtime.block_on(session.query::<Cart>().all()).expect("carts");
    bench.runtime.block_on(session.query::<Product>().all()).expect("products");
    let customers: Vec<_> = session.objects::<Customer>().collect();
    let carts: Vec<_> = session.objects::<Cart>().collect();
    let (kept_by_customers, _) = kept(|| bench.runtime.block_on(session.load(&customers, Customer::CARTS)));
    report.add("a link of customer.carts", carts.len(), kept_by_customers);
    let (kept_by_carts, _) = kept(|| bench.runtime.block_on(session.load(&carts, Cart::PRODUCTS)));
    report.add("a link of cart.products", SHOP.links * carts.len(), kept_by_carts);
}

fn by_hand(bench: &Bench, report: &mut Report) {
    let loaded: Loaded = bench.runtime.block_on(bench.raw.load_graph());
    drop(loaded);
    let (all, loaded) = kept(|| bench.runtime.block_on(bench.raw.load_graph()));
    let objects = loaded.customers_by_id.len() + loaded.carts_by_id.len() + loaded.products_by_id.len();
    report.add("the shop graph by hand", objects, all);
    let session = bench.runtime.block_on(load_graph(&bench.engine));
    drop(session);
    let (all, session) = kept(|| bench.runtime.block_on(load_graph(&bench.engine)));
    report.add("the shop graph in a session", session.len(), all);
}

fn main() {
    let bench = Bench::new();
    bench.runtime.block_on(bench.raw.insert_graph(SHOP, 0));
    bench.analyze();
    let mut report = Report::new(["what", "how many", "bytes each", "blocks each"]);
    of_model::<Customer>(&bench, &mut report, "Customer");
    of_model::<Cart>(&bench, &mut report, "Cart");
    of_model::<Product>(&bench, &mut report, "Product");
    of_changes(&bench, &mut report);
    of_relations(&bench, &mut report);
    by_hand(&bench, &mut report);
    writeln!(stdout(), "{}", report.0).expect("a place to print to");
}
