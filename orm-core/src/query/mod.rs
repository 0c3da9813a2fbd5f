//! Typed queries: conditions, orders and paths that belong to a model, and SELECT made of them.
//!
//! What a query reads is a type, its [scope](Scope). Values and conditions stand in `expressions`, groups and windows in `groups`,
//! paths of relations in `loading`, pages in `pages`, the queries themselves in `statements`.

mod expressions;
mod groups;
mod loading;
mod pages;
mod scope;
mod statements;

#[doc(hidden)]
pub use expressions::function_call;
pub use expressions::{
    Case, Filter, Numeric, Operand, OrderBy, Ordering, Predicate, Scoped, SetTo, SqlExpr, Term, VariantOf,
    coalesce, value, when,
};
pub use groups::{
    Aggregate, Bound, Grouped, Groups, Keys, Summed, Window, WindowFunction, Windowed, avg, bool_and,
    bool_or, count, count_of, cume_dist, dense_rank, first_value, lag, last_value, lead, max, min, ntile,
    percent_rank, rank, row_number, string_agg, sum, window,
};
pub use loading::{DeferredColumns, Group, IntoPath, Path, Paths, Proxy};
pub use pages::{Cursor, Page, PageQuery};
pub use scope::{Contains, Full, Inner, JoinKind, Joined, Left, Right, Scope};
#[doc(hidden)]
pub use statements::AnySelect;
pub use statements::{
    Anchored, Columns, Concrete, Inside, JoinTo, Nullable, Select, Selected, Unselected, Whole, Within,
    columns, exists, select, whole,
};

pub(crate) use expressions::exists_in;
pub(crate) use loading::{Members, Node, Seen, Step, Steps, Strategy, Tree, members};
pub(crate) use statements::{Explain, fetch, layout_of};
