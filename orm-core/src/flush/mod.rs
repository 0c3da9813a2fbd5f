//! The unit of work: what changed, in which order it is written, and how it travels.
//!
//! 1. `cascade` spreads the changes along relations until nothing new is reached.
//! 2. `plan` compares objects with their snapshots and sorts the differences by dependency; a `Plan` is data.
//! 3. `emit` turns the plan into statements: one a table and shape, whatever the number of rows.
//! 4. `apply` takes the answers over: keys, generated values, states, the other sides of relations.
//!
//! None of them does I/O. The session sends what `emit` gives, in at most two flights: one that reserves the
//! keys of new rows which others refer to, and one with everything else. Only where a sequence may not be used
//! (no right to it, `GENERATED ALWAYS`) the keys come back with the rows, one flight a level.

mod apply;
mod associates;
mod association_rows;
mod associations;
mod carry;
mod cascade;
mod change;
mod claims;
mod deletion;
mod emit;
mod fit;
mod inheritance;
mod keys;
mod levels;
mod linking;
mod order;
mod plan;
mod positions;
mod refusal;
mod removal;
mod replaced;
mod shared;
mod show;
mod stamps;
mod switch;
mod unique;
mod updates;
mod views;

pub use show::{FlushPlan, PlannedStep, StepKind};

pub(crate) use apply::{resolve, return_keys, settle, shown_key, stale_rows, take_answers, take_keys};
pub(crate) use carry::carry;
pub(crate) use cascade::{adopt, own_collections, spread};
pub(crate) use deletion::{Missing, mark_deleted, missing, unmark_deleted};
pub(crate) use emit::{reservations, statements};
pub(crate) use fit::fit;
pub(crate) use linking::{can_link, link, unlink};
pub(crate) use order::{build, by_dependency, changed_columns, is_updated, sorted};
pub(crate) use plan::Plan;
pub(crate) use refusal::refusal;
pub(crate) use show::show;
pub(crate) use stamps::{check_read_only, stamp};
