//! What is said of tuples of each length.

/// Calls a macro for each tuple of a list: `each_tuple!(one: A, B, C)` is `one!(A)`, `one!(A B)` and `one!(A B C)`.
///
/// What stands between two commas comes together, and as first what the shortest tuple has: `A IA B IB, C IC` begins with two.
macro_rules! each_tuple {
    ($one:ident: $($first:ident)+) => {
        $one!($($first)+);
    };
    ($one:ident: $($first:ident)+, $($next:ident)+ $(, $($rest:ident)+)*) => {
        $one!($($first)+);
        $crate::types::each_tuple!($one: $($first)+ $($next)+ $(, $($rest)+)*);
    };
}
pub(crate) use each_tuple;
