//! Tests of the whole workspace against a real PostgreSQL.

pub mod models;
pub mod proxy;

use orm_core::Engine;

/// Whether the server can bring an extension; says on the error output that a test is left out where it cannot.
///
/// # Panics
/// When the server does not answer.
pub async fn has_extension(engine: &Engine, name: &str) -> bool {
    let known = "SELECT count(*) FROM pg_available_extensions WHERE name = $1";
    let known = orm_core::sql::text(known).bind(name).scalar::<i64>(engine).await;
    let is_there = known.expect("the server lists its extensions") == Some(1);
    if !is_there {
        eprintln!("skipped: the server has no extension `{name}`");
    }
    is_there
}

/// The program of the README, compiled and run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
