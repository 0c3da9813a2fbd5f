//! Tests of the whole workspace against a real PostgreSQL.

pub mod proxy;
