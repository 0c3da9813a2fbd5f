//! Types of columns beyond the plain ones: what is written is what comes back, alone and in batches.
//!
//! | file | about |
//! |---|---|
//! | `enums` | enums of the database |
//! | `jsonb` | types of a program as JSON |
//! | `newtypes` | types with one field |

mod enums;
mod jsonb;
mod newtypes;
