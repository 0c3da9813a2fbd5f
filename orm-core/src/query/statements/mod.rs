//! SELECT as a value: from where, what, joined, inside of others, and run without a session.

mod any;
mod definition;
mod explain;
pub(crate) mod fetch;
mod join;
mod join_rows;
mod lock;
mod select;
mod selected;
mod subquery;
mod text;

#[doc(hidden)]
pub use any::AnySelect;
pub use any::Concrete;
pub use definition::Defines;
#[doc(hidden)]
pub use definition::Gives;
pub use join::{JoinsAlong, Unselected};
pub use select::{Select, columns, select};
pub use selected::{Anchored, Selected, Selects, Whole, whole};
pub use subquery::{Inside, Standalone, Within, exists};

pub(crate) use explain::Explain;
pub(in crate::query) use subquery::{Holds, is_in};
pub(crate) use text::layout_of;
