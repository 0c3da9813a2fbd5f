//! Kinds of relations beyond a foreign key and its collection, against a real server.
//!
//! | file | about |
//! |---|---|
//! | `graphs` | many to many of a model with itself, and through tables that refer to one model twice |
//! | `keyed` | collections as maps |
//! | `linking` | both sides of a relation at once |
//! | `ordering` | lists whose order a column of their members holds |
//! | `proxies` | relations through the objects of an association model |
//! | `views` | relations that are only looked at |

mod graphs;
mod keyed;
mod linking;
mod ordering;
mod proxies;
mod views;
