//! The session against a real PostgreSQL: objects, flush, rollback, relations, errors.

mod autoflush;
mod bulk;
mod cascades;
mod contradictions;
mod corners;
mod deletes;
mod errors;
mod events;
mod expiry;
mod graph;
mod inspect;
mod maker;
mod merge;
mod mutual;
mod natural_keys;
mod records;
mod relations;
mod reviewed;
mod rights;
mod rollback;
mod row_switch;
mod savepoints;
mod text;
mod transactions;
mod two_phase;
mod unique_values;
