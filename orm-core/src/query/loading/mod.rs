//! What a query brings along: paths of relations, how each is loaded, and which columns.

pub(in crate::query) mod deferred;
mod differing;
mod of;
mod path;
mod paths;
mod proxy;
mod tree;

pub use deferred::{DeferredColumns, Group};
pub use path::{IntoPath, Path};
pub use paths::Paths;
pub use proxy::Proxy;

pub(crate) use of::members;
pub(crate) use path::{Members, Seen, Step, Steps, Strategy};
pub(crate) use tree::{Node, Tree};
