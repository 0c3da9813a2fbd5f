//! From rows to objects, one file a way of loading.
//!
//! Both halves of loading are pure: one makes the statements, and what reads each row into an object when it comes; the other
//! takes the objects into the arena. The session does the I/O in between.

mod batch;
mod by_keys;
mod by_slot;
mod fetch;
mod joined;
mod lacking;
mod members;
mod outdated;
mod references;
mod rows;
mod seen;
mod select_in;
mod subquery;

pub(crate) use batch::Batch;
pub(crate) use by_keys::{by_keys, halves_of};
pub(crate) use fetch::Fetch;
pub(crate) use joined::{Joined, JoinedRows};
pub(crate) use lacking::{Lacking, lacking};
pub(crate) use outdated::{Happened, forget_outdated};
pub(crate) use references::{foreign_key_columns, key_of, members_of, own_columns, target_of, to_one_target};
pub(crate) use rows::{Known, ObjectRows, raw_column, raw_key, take_values};
pub(crate) use seen::{complete, restrict, restricted};
pub(crate) use subquery::Subqueries;
