//! The session against a real PostgreSQL: objects, flush, rollback, relations, errors.

mod corners;
mod deletes;
mod errors;
mod graph;
mod records;
mod relations;
mod reviewed;
mod rights;
mod rollback;
mod transactions;
