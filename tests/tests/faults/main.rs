//! Faults against a real server, each followed by the same questions.
//!
//! After every fault ([`check_after`](world::World::check_after), [`settled`](world::World::settled)):
//!
//! - **I1** a flush is in the database whole or not at all;
//! - **I2** an acknowledged commit is there, one that failed is not, unless the error says that nobody knows;
//! - **I3** the session is usable, or asks for `rollback()` and is usable after that;
//! - **I4** the pool gives its connections within 5 seconds, none of them in a transaction, and no lock is left;
//! - **I5** the objects are as the database has them, in the states that they had before.
//!
//! | file | what happens |
//! |---|---|
//! | `dropped` | commits that are dropped after any number of polls (every number: `tests/drops`) |
//! | `ended` | the backend is terminated before and after every message of a flush |
//! | `killed` | `kill -9` of a backend and of the server, which is started again |
//! | `network` | connections that are cut, reset, silent, slow, in pieces, or lose the answer to COMMIT |
//! | `timeouts` | statement, lock and idle timeouts of the server |
//! | `races` | deadlocks, a bank under SERIALIZABLE, counters without a lost update |
//! | `panics` | panics of the program, and runtimes that end in the middle |
//!
//! `ORM_TESTS_FAULTS=full` runs the catalogue's numbers instead of the few that every run can pay for.

mod dropped;
mod ended;
mod gate;
mod killed;
mod network;
mod panics;
mod races;
mod timeouts;
mod work;
mod world;

/// How often something is done: a few times, or as often as the catalogue says.
fn times(few: usize, full: usize) -> usize {
    if std::env::var("ORM_TESTS_FAULTS").is_ok_and(|value| value == "full") { full } else { few }
}
