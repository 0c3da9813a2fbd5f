//! Random work on a session, compared with plain maps.
//!
//! A case is a list of operations: objects of two bases are added, changed, deleted, linked, unlinked and moved, through
//! either side of their relations, over flushes, commits, rollbacks and reopened sessions whose collections are not
//! loaded. After each flush, commit and rollback the session must show what the maps say, and after each commit the
//! database must have it too.
//!
//! The lists are the same in every run, so that a run tells about the code and not about its luck.
//! `PROPERTY_SEED=7 PROPERTY_TIMES=20 cargo test -p orm-tests --test property` looks for new ones: other lists, and
//! twenty times as many.
//!
//! | file | what it has |
//! |---|---|
//! | `ops` | the operations, and how they are drawn; objects are numbers modulo the living ones, so that any part of a list is a list, and failures shrink |
//! | `shadow` | the maps: what should be |
//! | `world` | a session beside its maps: every operation on both |
//! | `check` | comparing |
//! | `found` | what went wrong once |
//! | `graphs` | the same with every kind of relation, each changed through all of its sides |

mod check;
mod found;
mod graphs;
mod ops;
mod shadow;
mod world;

use ops::{Op, ops};
use orm_core::mapper::DeclarativeBase;
use orm_core::prelude::*;
use orm_tests::models::tree;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use shop_models::models::Base;
use std::cell::RefCell;
use std::fmt::Debug;
use world::World;

/// A number from the environment.
fn number(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is a number, not {value:?}")))
}

/// Runs `cases` lists of up to `length` operations on one database, which `prepare` completes.
fn random<B: DeclarativeBase, O: Clone + Debug>(
    prepare: impl AsyncFn(&Engine) -> orm_core::Result<()>,
    cases: u32,
    length: usize,
    lists: impl Strategy<Value = Vec<O>>,
    case: impl AsyncFn(&Engine, &[O]) -> Result<(), String>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (_database, engine) = runtime.block_on(async {
        let database = orm_testkit::database_of::<B>().await.unwrap();
        let engine = Engine::connect(database.url()).await.unwrap();
        prepare(&engine).await.unwrap();
        (database, engine)
    });
    let cases = cases * u32::try_from(number("PROPERTY_TIMES").unwrap_or(1)).unwrap();
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 3_000, ..Config::default() };
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number("PROPERTY_SEED").unwrap_or(0).to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let longest = RefCell::new(0);
    let result = TestRunner::new_with_rng(config, random).run(&lists, |ops| {
        longest.replace_with(|longest| ops.len().max(*longest));
        runtime.block_on(case(&engine, &ops)).map_err(TestCaseError::fail)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(*longest.borrow() > length / 2, "the lists are long");
}

fn run(cases: u32, length: usize) {
    let prepare = async |engine: &Engine| tree::Base::create_all(engine).await;
    random::<Base, _>(prepare, cases, length, ops(length), async |engine, ops| case(engine, ops).await);
}

/// One list of operations on an empty database; what went wrong, and where.
async fn case(engine: &Engine, ops: &[Op]) -> Result<(), String> {
    let mut world = World::new(engine).await;
    for (n, op) in ops.iter().chain([&Op::Commit, &Op::Reopen { loaded: true }]).enumerate() {
        world.apply(op).await.map_err(|why| format!("operation {n}, {op:?}: {why}"))?;
    }
    Ok(())
}

#[test]
fn short_lists() {
    run(400, 12);
}

#[test]
fn long_lists() {
    run(250, 60);
}
