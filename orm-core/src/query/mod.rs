//! Typed queries: conditions, orders and paths that belong to a model, and SELECT made of them.

mod aggregate;
mod any;
mod comparison;
mod composite;
mod deferred;
mod differing;
mod expression;
pub(crate) mod fetch;
mod of;
mod operand;
mod order;
mod path;
mod paths;
mod predicate;
mod proxy;
mod select;
mod selected;
mod tree;

pub use composite::VariantOf;
pub use deferred::{DeferredColumns, Group};
pub use expression::{Numeric, SetTo, SqlExpr, Term};
pub use operand::Operand;
pub use order::{OrderBy, Ordering};
pub use path::{IntoPath, Path};
pub use paths::Paths;
pub use predicate::{Filter, Predicate};
pub use proxy::Proxy;
pub use select::{Columns, Select, columns, select};
pub use selected::{Nullable, Selected};

pub use any::Concrete;

#[doc(hidden)]
pub use any::AnySelect;

pub(crate) use of::members;
pub(crate) use path::{Members, Seen, Step, Steps, Strategy};
pub(crate) use predicate::exists_in;
pub(crate) use tree::{Node, Tree};
