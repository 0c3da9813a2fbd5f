//! Random graphs with every kind of relation, changed through every side of these.
//!
//! | file | what it has |
//! |---|---|
//! | `ops` | the operations, and how they are drawn |
//! | `shadow` | the maps: what should be |
//! | `world` | a session beside its maps: every operation on both |
//! | `change` | one change of a relation, through any of its sides |
//! | `load` | loading relations |
//! | `check` | comparing |
//! | `found` | what went wrong once |

mod change;
mod check;
mod found;
mod load;
mod ops;
mod shadow;
mod world;

use crate::random;
use ops::{EVERYTHING, Op, Part, ROOMS, ops};
use orm_core::prelude::*;
use orm_tests::models::guild::Base;
use world::World;

fn run(cases: u32, length: usize, part: Part) {
    let prepare = async |_: &Engine| Ok(());
    random::<Base, _>(prepare, cases, length, ops(length, part), async |engine, ops| case(engine, ops).await);
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
fn small_graphs() {
    run(150, 24, EVERYTHING);
}

#[test]
fn large_graphs() {
    run(50, 80, EVERYTHING);
}

#[test]
fn small_graphs_of_rooms() {
    run(150, 24, ROOMS);
}

#[test]
fn large_graphs_of_rooms() {
    run(80, 80, ROOMS);
}
