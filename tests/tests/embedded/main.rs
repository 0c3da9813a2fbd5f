//! Embedded values, enums that carry data, polymorphic associations and inheritance.
//!
//! | file | about |
//! |---|---|
//! | `structs` | value objects and mixins |
//! | `enums` | enums that carry data: one table for several kinds of rows |
//! | `subjects` | polymorphic associations: an enum whose variants are foreign keys |
//! | `joined` | rows in two tables, and an enum of handles over them |
//! | `concrete` | a mixin in several tables, and an enum of handles over them |
//! | `constants` | what errors call columns and relations |

mod concrete;
mod constants;
mod enums;
mod joined;
mod structs;
mod subjects;
