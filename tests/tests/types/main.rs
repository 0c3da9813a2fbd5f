//! Types of columns beyond the plain ones: what is written is what comes back, alone and in batches.
//!
//! | file | about |
//! |---|---|
//! | `arrays` | arrays of several dimensions |
//! | `by_hand` | a type that implements `ScalarType` by hand |
//! | `edges_of_time` | infinite and far times that the database wrote |
//! | `enums` | enums of the database |
//! | `jsonb` | types of a program as JSON |
//! | `many_rows` | more rows of such types than the driver keeps |
//! | `modifiers` | lengths and digits of columns |
//! | `moments` | points in time and days in versions, keys and the clock |
//! | `named` | domains and composites |
//! | `newtypes` | types with one field |
//! | `not_json` | floats that are no numbers, and numbers that are no floats |
//! | `round_trip` | every type over its whole range |
//! | `shapes` | geometries, and what the database has that they cannot say |
//! | `vectors` | dimensions of vectors, and indexes of them |

mod arrays;
mod by_hand;
mod edges_of_time;
mod enums;
mod jsonb;
mod many_rows;
mod modifiers;
mod moments;
mod named;
mod newtypes;
mod not_json;
mod round_trip;
mod shapes;
mod vectors;
