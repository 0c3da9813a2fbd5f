//! Typed queries: conditions, orders and paths that belong to a model, and SELECT made of them.

mod aggregate;
mod any;
mod case;
mod comparison;
mod composite;
mod deferred;
mod differing;
mod explain;
mod expression;
pub(crate) mod fetch;
mod group;
mod group_functions;
mod join;
mod lock;
mod of;
mod operand;
mod order;
mod path;
mod paths;
mod predicate;
mod proxy;
mod scope;
mod scoped;
mod select;
mod selected;
mod sql_function;
mod subquery;
mod text;
mod tree;
mod window;

pub use case::{Case, coalesce, when};
pub use composite::VariantOf;
pub use deferred::{DeferredColumns, Group};
pub use expression::{Numeric, SetTo, SqlExpr, Term};
pub use group::{Grouped, Groups, Keys};
pub use group_functions::{
    Aggregate, Summed, avg, bool_and, bool_or, count, count_of, max, min, string_agg, sum,
};
pub use join::{JoinTo, Unselected};
pub use operand::Operand;
pub use order::{OrderBy, Ordering};
pub use path::{IntoPath, Path};
pub use paths::Paths;
pub use predicate::{Filter, Predicate};
pub use proxy::Proxy;
pub use scope::{Contains, Full, Inner, JoinKind, Joined, Left, Right, Scope};
pub use scoped::{Scoped, value};
pub use select::{Select, columns, select};
pub use selected::{Anchored, Columns, Nullable, Selected, Whole, whole};
#[doc(hidden)]
pub use sql_function::function_call;
pub use subquery::{Inside, Within, exists};
pub use window::{
    Bound, Window, WindowFunction, Windowed, cume_dist, dense_rank, first_value, lag, last_value, lead,
    ntile, percent_rank, rank, row_number, window,
};

pub use any::Concrete;

#[doc(hidden)]
pub use any::AnySelect;

pub(crate) use explain::Explain;
pub(crate) use of::members;
pub(crate) use path::{Members, Seen, Step, Steps, Strategy};
pub(crate) use predicate::exists_in;
pub(crate) use text::layout_of;
pub(crate) use tree::{Node, Tree};
