//! From rows to objects, one file a way of loading.
//!
//! Both halves of loading are pure: one makes the statements, the other takes their rows into the arena. The
//! session does the I/O in between.

mod batch;
mod by_keys;
mod by_slot;
mod fetch;
mod joined;
mod lacking;
mod references;
mod rows;
mod seen;
mod select_in;
mod subquery;

pub(crate) use batch::Batch;
pub(crate) use by_keys::{by_keys, halves_of};
pub(crate) use fetch::Fetch;
pub(crate) use joined::Joined;
pub(crate) use lacking::{Lacking, lacking};
pub(crate) use references::{foreign_key_columns, key_of, members_of, own_columns, target_of, to_one_target};
pub(crate) use rows::{Known, load_rows, load_rows_as, load_rows_at, raw_column, raw_key, take_values};
pub(crate) use seen::{complete, restrict, restricted};
pub(crate) use subquery::Subqueries;
