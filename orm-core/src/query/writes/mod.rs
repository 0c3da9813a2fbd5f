//! What a statement that writes rows says: what columns are set to, which row is meant, what comes back.

mod assignment;
mod conflict;
mod inserted;

#[doc(hidden)]
pub use assignment::ColumnSet;
pub use assignment::{Assign, Assignment, Assignments};
pub use conflict::{Conflict, excluded};
pub use inserted::{Inserted, was_inserted};

pub(crate) use conflict::excluded_column;
