//! What is read of a row, and what is shown of it: columns, expressions, and trees for serde.
//!
//! | file | about |
//! |---|---|
//! | `trees` | loaded graphs, serialised |

mod trees;
