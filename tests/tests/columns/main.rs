//! What is read of a row, and what is shown of it: columns, expressions, and trees for serde.
//!
//! | file | about |
//! |---|---|
//! | `paths` | columns of the members of a relation, along a path |
//! | `reading` | deferred columns of keys and embedded values, expressions among hidden rows |
//! | `trees` | loaded graphs, serialised |

mod paths;
mod reading;
mod trees;
