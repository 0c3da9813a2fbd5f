//! Tests of the whole workspace against a real PostgreSQL.

pub mod models;
pub mod proxy;

/// The program of the README, compiled and run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
