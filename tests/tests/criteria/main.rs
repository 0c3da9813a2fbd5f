//! Rows that are hidden stay hidden, however they are looked for, until somebody says otherwise.
//!
//! | file | about |
//! |---|---|
//! | `common` | the rows that the others look for |
//! | `loading` | relations, refresh, merge, and what a flush does to hidden members |
//! | `queries` | queries of sessions and engines, conditions along relations |
//! | `sessions` | criteria of a session and of a maker, and the ways out |
//! | `ways` | every public way to read or change rows |

mod common;
mod derived;
mod loading;
mod queries;
mod sessions;
mod ways;
