//! Behaviours that users of SQLAlchemy expect of a session, one test each. `docs/behaviours` lists them.
//!
//! | file | about |
//! |---|---|
//! | `common` | what the others use |
//! | `table` | the lists in `docs/behaviours` are true |
//! | `transactions` | commit, rollback, savepoints and what they do to objects |

mod common;
mod table;
mod transactions;
