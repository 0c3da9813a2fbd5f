//! The objects of a session and what the session knows about them.
//!
//! An `Arena` has one `Store` a model, and a store has one `Slot` an object. Slots are never used twice, so
//! a handle can go stale but never point to another object. What changed is remembered by savepoint (`undo`), and what
//! may have changed in the database since it was read is known by an epoch (`Slot::fresh`). Nothing here does I/O or knows SQL.

mod absent;
mod arena;
mod checkpoint;
mod computed;
mod notes;
mod reloaded;
mod siblings;
mod slot;
mod store;
mod undo;

pub use slot::ObjectState;

pub(crate) use arena::{Arena, At};
pub(crate) use computed::Expressions;
pub(crate) use notes::Note;
pub(crate) use reloaded::Loaded;
pub(crate) use slot::Slot;
pub(crate) use store::Store;
pub(crate) use undo::Undo;
