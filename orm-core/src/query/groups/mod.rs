//! Groups of rows, what is made of each, and windows over rows.

/// What the database makes of values of each type: `results!(Trait::Result; T => R;)`.
macro_rules! results {
    ($trait:ident::$result:ident; $($ty:ty => $made:ty;)*) => {$(impl $trait for $ty { type $result = $made; })*};
}

mod frame;
mod group;
mod group_functions;
mod grouping_sets;
mod mean;
mod neighbour;
mod ordered_set;
mod sql_aggregate;
mod window;

pub use frame::{Bound, Exclude};
#[doc(hidden)]
pub use group::{ColumnsIn, OfOneRow};
pub use group::{Grouped, Groups, GroupsBy, GroupsOf};
pub use group_functions::{
    Aggregate, Summed, array_agg, bool_and, bool_or, count, count_of, max, min, string_agg, sum,
};
pub use grouping_sets::{GroupKeys, GroupingSet, grouping, grouping_set};
pub use mean::{Averaged, avg};
pub use neighbour::{Neighbour, lag, lead};
pub use ordered_set::{
    Interpolated, mode, percentile_cont, percentile_disc, percentiles_cont, percentiles_disc,
};
#[doc(hidden)]
pub use sql_aggregate::aggregate_call;
pub use window::{
    Window, WindowFunction, Windowed, cume_dist, dense_rank, first_value, last_value, nth_value, ntile,
    percent_rank, rank, row_number, window,
};
