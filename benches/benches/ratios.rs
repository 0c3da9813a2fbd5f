//! Each workload with a session and by hand in turns, in one run: medians, and how many times as long the session takes.
//!
//! `cargo bench -p orm-benches --bench ratios`, with the names of workloads behind `--` for some of them. The clock of a machine
//! drifts by more than what is measured here; the ratio of neighbours does not.

use comfy_table::Table;
use orm_benches::{
    Bench, SHOP, commit, customers, figures, graph, load_customers, load_graph, objects, owned_customers,
    round,
};
use std::hint::black_box;
use std::io::{Write, stdout};
use std::time::{Duration, Instant};

/// How long something took.
#[derive(Clone, Copy)]
struct Took {
    time: Duration,
    /// Of that, the time in which this process worked itself.
    own: Duration,
}

/// One way to do a workload: does it once, and tells how long that took.
type Way<'a> = (&'static str, Box<dyn Fn() -> Took + 'a>);

/// The time in the middle, in milliseconds.
fn median(times: impl Iterator<Item = Duration>) -> f64 {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e3
}

/// How long this thread has worked: Linux tells it, to the nanosecond; elsewhere 0.
fn worked() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = told.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok());
    Duration::from_nanos(first.unwrap_or_default())
}

/// Does all ways in turns, each time beginning with another one; gives the medians of their times and of their own work.
fn compare(times: usize, ways: &[Way<'_>]) -> Vec<[f64; 2]> {
    let mut measured: Vec<Vec<Took>> = vec![Vec::new(); ways.len()];
    let warm = times / 10 + 2;
    for turn in 0..warm + times {
        for at in (0..ways.len()).map(|at| (at + turn) % ways.len()) {
            let took = (ways[at].1)();
            if turn >= warm {
                measured[at].push(took);
            }
        }
    }
    let medians = |took: &Vec<Took>| {
        [median(took.iter().map(|took| took.time)), median(took.iter().map(|took| took.own))]
    };
    measured.iter().map(medians).collect()
}

/// Times a piece of work, what it gives back is dropped within that time.
fn timed<T>(bench: &Bench, work: impl Future<Output = T>) -> Took {
    let (begin, before) = (Instant::now(), worked());
    drop(black_box(bench.runtime.block_on(work)));
    Took { time: begin.elapsed(), own: worked().saturating_sub(before) }
}

/// The workloads that were asked for, as a table.
struct Report {
    table: Table,
    wanted: Vec<String>,
}

impl Report {
    fn new() -> Self {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::ASCII_MARKDOWN);
        table.set_header(["workload", "way", "median in ms", "ratio", "own work in ms", "ratio"]);
        let wanted = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
        Self { table, wanted }
    }

    fn wants(&self, workload: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|wanted| workload.contains(wanted.as_str()))
    }

    /// Adds a workload; the ratio is to the best hand-written way.
    fn add(&mut self, workload: &str, times: usize, ways: &[Way<'_>]) {
        let medians = compare(times, ways);
        let by_hand = || ways.iter().zip(&medians).filter(|((name, _), _)| name.starts_with("raw"));
        let best =
            [0, 1].map(|what| by_hand().map(|(_, medians)| medians[what]).fold(f64::INFINITY, f64::min));
        for ((name, _), medians) in ways.iter().zip(&medians) {
            let [time, own] = medians.map(|median| format!("{median:.3}"));
            let [ratio, own_ratio] = [0, 1].map(|what| format!("{:.2}", medians[what] / best[what]));
            self.table.add_row([workload, name, &time, &ratio, &own, &own_ratio]);
        }
    }
}

fn reading(report: &mut Report) {
    if report.wants("load_graph") {
        let bench = Bench::new();
        bench.runtime.block_on(bench.raw.insert_graph(SHOP, 0));
        bench.analyze();
        check_graph(&bench);
        let ways: [Way<'_>; 3] = [
            ("raw", Box::new(|| timed(&bench, bench.raw.load_graph()))),
            ("raw, by arrays", Box::new(|| timed(&bench, bench.raw.load_graph_by_arrays()))),
            ("session", Box::new(|| timed(&bench, load_graph(&bench.engine)))),
        ];
        report.add("load_graph", 100, &ways);
    }
    if report.wants("load_rows") {
        let bench = Bench::of_customers(10_000);
        let ways: [Way<'_>; 3] = [
            ("raw", Box::new(|| timed(&bench, bench.raw.load_customers()))),
            ("owned", Box::new(|| timed(&bench, owned_customers(&bench.engine)))),
            ("session", Box::new(|| timed(&bench, load_customers(&bench.engine)))),
        ];
        report.add("load_rows", 50, &ways);
    }
}

/// All ways build the same graph, and the session's takes three statements.
fn check_graph(bench: &Bench) {
    let before = bench.engine.statistics().statements;
    let session = bench.runtime.block_on(load_graph(&bench.engine));
    assert_eq!(bench.engine.statistics().statements, before + 3, "statements of the session");
    let found = figures(&session);
    assert_eq!((found.0, found.1, found.2), (SHOP.customers, 2 * SHOP.customers, 10_000));
    assert_eq!(found, bench.runtime.block_on(bench.raw.load_graph()).figures());
    assert_eq!(found, bench.runtime.block_on(bench.raw.load_graph_by_arrays()).figures());
}

fn writing(report: &mut Report) {
    for (name, count, times) in [("insert_1", 1, 500), ("insert_100", 100, 200), ("insert_10000", 10_000, 15)]
    {
        if !report.wants(name) {
            continue;
        }
        let bench = Bench::new();
        let by_hand = || {
            let mut new = customers(count, round());
            match count {
                1 => timed(&bench, bench.raw.insert_one(new.remove(0))),
                _ => timed(&bench, bench.raw.insert_many(new)),
            }
        };
        let with_session = || {
            let session = objects(&bench.engine, count);
            timed(&bench, commit(session))
        };
        let ways: [Way<'_>; 2] = [("raw", Box::new(by_hand)), ("session", Box::new(with_session))];
        report.add(name, times, &ways);
    }
    if report.wants("insert_graph") {
        let bench = Bench::new();
        let with_session = || {
            let session = graph(&bench.engine, SHOP);
            timed(&bench, commit(session))
        };
        let ways: [Way<'_>; 2] = [
            ("raw", Box::new(|| timed(&bench, bench.raw.insert_graph(SHOP, round())))),
            ("session", Box::new(with_session)),
        ];
        report.add("insert_graph", 15, &ways);
    }
}

fn main() {
    let mut report = Report::new();
    reading(&mut report);
    writing(&mut report);
    writeln!(stdout(), "{}", report.table).expect("a place to print to");
}
