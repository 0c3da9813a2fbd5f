//! The objects of a session and what the session knows about them.
//!
//! An `Arena` has one `Store` a model, and a store has one `Slot` an object. Slots are never used twice, so
//! a handle can go stale but never point to another object. Nothing here does I/O or knows SQL.

mod arena;
mod slot;
mod store;

pub use slot::ObjectState;

pub(crate) use arena::{Arena, At};
pub(crate) use slot::{Slot, Undo};
pub(crate) use store::Store;
