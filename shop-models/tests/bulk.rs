//! A large import, alone in its process: its memory can be measured.

use orm_core::prelude::*;
use shop_models::import::{Options, Summary, import_file};
use shop_models::models::*;
use shop_models::sample;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A file of so many lines, and one with the first of them; the sum of all quantities.
fn generated(folder: &Path, rows: u64, first: usize) -> (PathBuf, PathBuf, i64) {
    let (large, small) = (folder.join("large.csv"), folder.join("small.csv"));
    let mut out = BufWriter::new(File::create(&large).unwrap());
    sample::write(rows, 42, &mut out).unwrap();
    out.flush().unwrap();
    let mut out = BufWriter::new(File::create(&small).unwrap());
    for line in BufReader::new(File::open(&large).unwrap()).lines().take(first + 1) {
        writeln!(out, "{}", line.unwrap()).unwrap();
    }
    out.flush().unwrap();
    let mut reader = csv::Reader::from_path(&large).unwrap();
    let quantities = reader.records().map(|record| record.unwrap()[3].parse::<i64>().unwrap()).sum();
    (large, small, quantities)
}

async fn import(engine: &Engine, path: &Path) -> Summary {
    import_file(engine, path, &Options::default(), |_| {}).await.unwrap()
}

#[orm_testkit::test(base = Base)]
async fn a_hundred_thousand_lines_take_a_fixed_number_of_statements_a_batch(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let (large, small, quantities) = generated(folder.path(), 100_000, 5_000);
    import(&engine, &small).await;
    let (before, memory, began) = (engine.statistics(), peak_memory(), Instant::now());
    let summary = import(&engine, &large).await;
    let (sent, took) = (engine.statistics(), began.elapsed());
    let grown = peak_memory().zip(memory).map(|(after, before)| after - before);
    let (statements, trips) = (sent.statements - before.statements, sent.round_trips - before.round_trips);
    eprintln!(
        "{statements} statements, {trips} round trips, {took:?}, {grown:?} KiB more than for 5,000 lines"
    );
    assert_eq!((summary.lines, summary.rejected, summary.batches), (100_000, 0, 100));
    // Five lookups (that of the positions not always), two for the flush; one to begin, and ANALYZE seven times.
    assert!(trips <= 100 * 7 + 8, "{trips}");
    assert!(statements <= 100 * 16 + 8, "{statements}");
    // Some 10 seconds on an idle machine; here it may share two cores with other tests.
    assert!(took < Duration::from_secs(60), "{took:?}");
    assert!(grown.is_none_or(|grown| grown < 8 * 1024), "{grown:?} KiB");
    let sold = engine.fetch_all(columns(CartProduct::QUANTITY)).await.unwrap();
    assert_eq!(sold.into_iter().map(i64::from).sum::<i64>(), quantities, "the first 5,000 lines count once");
}

/// The most memory that this process ever had, in KiB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
