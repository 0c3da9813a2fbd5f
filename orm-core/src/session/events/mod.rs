//! The events of a session.
//!
//! | file | what it is |
//! |---|---|
//! | `listeners` | [`Listeners`], the value that a program builds; the events of a session |
//! | `objects` | the events of the objects of one model |
//! | `registered` | listeners without their model's type, as the session finds them |
//! | `watch` | what a session that is listened to knows; telling what happened |
//! | `writes` | telling what a flush is about to write, and what it has written |
//!
//! No layer below the session calls a listener. The state layer writes down what happens to the objects of models that
//! somebody listens to; the session tells it when everything is in order again. So a listener that panics can
//! leave nothing half-done.

mod listeners;
mod objects;
mod registered;
mod watch;
mod writes;

pub use listeners::{Listeners, Verdict};

pub(super) use watch::Watch;
