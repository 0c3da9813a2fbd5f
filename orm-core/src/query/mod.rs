//! Typed queries: conditions, orders and paths that belong to a model, and SELECT made of them.
//!
//! What a query reads is a type, its [scope](Scope).
//!
//! | folder | what stands there |
//! |---|---|
//! | `expressions` | values and conditions of a row |
//! | `groups` | groups of rows, and windows |
//! | `loading` | paths of relations |
//! | `operators` | what single kinds of values can be asked |
//! | `pages` | pages and their cursors |
//! | `rows` | structs of values, and what selects from queries |
//! | `statements` | the queries themselves |
//! | `writes` | what statements write |

mod expressions;
mod groups;
mod loading;
mod operators;
mod pages;
mod rows;
mod scope;
mod statements;
mod writes;

#[doc(hidden)]
pub use expressions::{Calls, column_type, function_call};
pub use expressions::{
    Case, Filter, Numeric, Op, Operand, OrderBy, Ordering, Predicate, Scoped, SqlExpr, Takes, Term,
    VariantOf, coalesce, greatest, least, nullif, value, when,
};
pub use groups::{
    Aggregate, Averaged, Bound, Exclude, GroupKeys, Grouped, GroupingSet, Groups, GroupsBy, GroupsOf,
    Interpolated, Neighbour, Summed, Window, WindowFunction, Windowed, array_agg, avg, bool_and, bool_or,
    count, count_of, cume_dist, dense_rank, first_value, grouping, grouping_set, lag, last_value, lead, max,
    min, mode, nth_value, ntile, percent_rank, percentile_cont, percentile_disc, percentiles_cont,
    percentiles_disc, rank, row_number, string_agg, sum, window,
};
#[doc(hidden)]
pub use groups::{ColumnsIn, OfOneRow, aggregate_call};
pub use loading::{DeferredColumns, Group, IntoPath, Path, Paths, Proxy};
pub use operators::{
    ArrayScalar, Container, CurrentDate, DateField, DateScalar, DocumentScalar, Now, Overlapping,
    RangeScalar, Shift, TextScalar, Texts, age, concat, current_date, now, phraseto_tsquery, plainto_tsquery,
    ts_headline, ts_rank, websearch_to_tsquery,
};
#[cfg(feature = "pgvector")]
pub use operators::{DenseVector, VectorScalar, vector_avg, vector_sum};
#[cfg(feature = "geo-types")]
pub use operators::{Earth, PlanarScalar, Plane, SpatialOperand, SpatialScalar};
#[cfg(feature = "serde_json")]
pub use operators::{JsonScalar, JsonStep};
pub use pages::{Cursor, Page, PageQuery};
pub use rows::{
    ByPosition, Cte, Fits, IntoRows, Named, Row, RowType, Together, ValueRows, named, recursive, select_from,
};
#[doc(hidden)]
pub use rows::{Given, read_value, row_by_names};
#[doc(hidden)]
pub use scope::Is;
pub use scope::{Contains, Full, Inner, JoinKind, Joined, Left, Right, Scope};
pub use statements::{
    Anchored, Concrete, Defines, Inside, JoinsAlong, Select, Selected, Selects, Standalone, Unselected,
    Whole, Within, columns, exists, select, whole,
};
#[doc(hidden)]
pub use statements::{AnySelect, Gives};
#[doc(hidden)]
pub use writes::ColumnSet;
pub use writes::{Assign, Assignment, Assignments, Conflict, Inserted, excluded, was_inserted};

pub(crate) use expressions::exists_in;
pub(crate) use loading::{Members, Node, Seen, Step, Steps, Strategy, Tree, members};
pub(crate) use statements::{Explain, fetch, layout_of};
pub(crate) use writes::excluded_column;
