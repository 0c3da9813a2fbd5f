//! Benchmarks of flush and load beside raw tokio-postgres
