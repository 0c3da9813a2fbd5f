//! The session against a real PostgreSQL: objects, flush, rollback, relations, errors.

mod autoflush;
mod bulk;
mod corners;
mod deletes;
mod errors;
mod events;
mod expiry;
mod graph;
mod inspect;
mod maker;
mod merge;
mod records;
mod relations;
mod reviewed;
mod rights;
mod rollback;
mod savepoints;
mod text;
mod transactions;
