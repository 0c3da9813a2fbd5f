//! Futures that are dropped at every point, and connections that break at every byte.
//!
//! After each of them: the database is unchanged or wholly changed, the session goes on or says that it needs
//! `rollback()` and goes on after that, and the pool gives all its connections, none in a transaction, no lock left.
//!
//! | file | what it enumerates |
//! |---|---|
//! | `polls` | dropping after every number of polls |
//! | `bytes` | dropping, or breaking the connection, after every so many bytes of either direction |
//! | `reads` | the same for queries, `get`, `load` and `rollback` |
//! | `states` | the same for savepoints, autoflush, `refresh`, `merge`, transactions as closures |
//! | `copies` | the same for COPY, both ways |
//! | `faults` | waiting for the pool, aborted tasks, lost answers, ended backends, slow statements |

mod bench;
mod bytes;
mod cases;
mod copies;
mod drip;
mod faults;
mod polls;
mod reads;
mod states;
