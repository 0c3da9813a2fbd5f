//! Rows that are hidden stay hidden, however they are looked for, until somebody says otherwise.
//!
//! | file | about |
//! |---|---|
//! | `common` | the rows that the others look for |
//! | `queries` | queries of sessions and engines, conditions along relations |
//! | `sessions` | criteria of a session and of a maker, and the ways out |

mod common;
mod queries;
mod sessions;
