//! Embedded values, enums that carry data, polymorphic associations and inheritance.
//!
//! | file | about |
//! |---|---|
//! | `structs` | value objects and mixins |
//! | `subjects` | polymorphic associations: an enum whose variants are foreign keys |
//! | `enums` | enums that carry data: one table for several kinds of rows |

mod enums;
mod structs;
mod subjects;
