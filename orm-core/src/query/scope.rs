//! What the columns of a query may belong to.
//!
//! A query has a *scope*: the sources that it selects from, as a type. A query of one model has the model as its scope, a join has
//! [`Joined`]. Conditions and values belong to a scope, and a column can be asked in every scope that [`Contains`] its source: so a
//! column of a table that the query does not read does not compile, and says so in one sentence.

use crate::error::Result;
use crate::mapper::Source;
use crate::sql::{Expr, JoinSide};
use crate::types::ColumnType;
use std::marker::PhantomData;

/// The sources of a query.
///
/// Methods whose result depends on it, such as [`columns`](crate::query::Select::columns) and [`join`](crate::query::Select::join), have a
/// parameter `Q` that is the scope again: with it the compiler tells a mistake once.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Cart;
/// use orm_core::query::{Scope, Select};
/// /// A page of any query.
/// fn page<S: Scope, R>(query: Select<S, R>, number: u32) -> Select<S, R> {
///     query.offset(20 * number).limit(20)
/// }
/// assert!(page(select::<Cart>(), 2).to_string().ends_with("LIMIT $1 OFFSET $2"));
/// assert!(page(select::<Cart>().join(Cart::CUSTOMER), 2).to_string().ends_with("LIMIT $1 OFFSET $2"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a query selects from",
    label = "neither a model nor an alias of one"
)]
pub trait Scope: Sized + 'static {
    /// The first source.
    type Root: Source;

    /// Whether it is a scope of rows or of groups.
    #[doc(hidden)]
    type Of;

    /// How many sources there are.
    #[doc(hidden)]
    const WIDTH: usize;
}

/// A scope of rows.
#[derive(Debug)]
#[doc(hidden)]
pub struct Rows;

impl<M: Source> Scope for M {
    type Root = M;
    type Of = Rows;
    const WIDTH: usize = 1;
}

/// The scope `L`, and the rows of `R` that are joined to it; `K` is the kind of the join.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer};
/// use orm_core::query::{Joined, Left};
/// let all: orm_core::query::Select<Joined<Customer, Cart, Left>, Customer> =
///     select::<Customer>().left_join(Customer::CARTS);
/// ```
#[derive(Debug)]
pub struct Joined<L, R, K = Inner>(PhantomData<fn(L, R) -> K>);

impl<L: Scope, R: Source, K: 'static> Scope for Joined<L, R, K> {
    type Root = L::Root;
    type Of = Rows;
    const WIDTH: usize = L::WIDTH + 1;
}

/// How rows are joined, and so which side may be missing in a row.
///
/// ```
/// use orm_core::query::{Full, Inner, JoinKind, Left, Right};
/// fn kind<K: JoinKind>(_: K) {}
/// (kind(Inner), kind(Left), kind(Right), kind(Full));
/// ```
pub trait JoinKind: 'static {
    /// What the join makes of the values before it.
    #[doc(hidden)]
    type Before: Presence;
    /// What it makes of those that it adds.
    #[doc(hidden)]
    type Added: Presence;
    /// The same, as a value.
    #[doc(hidden)]
    const SIDE: JoinSide;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $before:ident $added:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// ```
        #[doc = concat!("use orm_core::query::{Joined, ", stringify!($name), "};")]
        /// # use shop_models::models::{Cart, Customer};
        #[doc = concat!("type Scope = Joined<Customer, Cart, ", stringify!($name), ">;")]
        /// ```
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl JoinKind for $name {
            type Before = $before;
            type Added = $added;
            const SIDE: JoinSide = JoinSide::$name;
        }
    )*};
}
kinds! {
    /// Rows that have each other.
    Inner Present Present;
    /// All rows before, with those that are joined, or without.
    Left Present Missable;
    /// All rows that are joined, with those before, or without.
    Right Missable Present;
    /// All rows of both.
    Full Missable Missable;
}

/// Whether a join can leave the rows of a source out.
#[doc(hidden)]
pub trait Presence: 'static {
    /// What a column gives.
    type Fetched<F: ColumnType>: ColumnType<Scalar = F::Scalar>;
    /// What a whole model gives.
    type Model<M: Send>: Send;
    /// Reads one, where there is something.
    ///
    /// # Errors
    /// Those of reading.
    fn model<M: Send>(
        is_there: impl FnOnce() -> bool,
        read: impl FnOnce() -> Result<M>,
    ) -> Result<Self::Model<M>>;
    /// This one, unless the other one is worse.
    type And<O: Presence>: Presence;
}

/// A source that every row has.
#[derive(Debug)]
#[doc(hidden)]
pub struct Present;

/// A source that a row may lack.
#[derive(Debug)]
#[doc(hidden)]
pub struct Missable;

impl Presence for Present {
    type Fetched<F: ColumnType> = F::Fetched;
    type Model<M: Send> = M;
    type And<O: Presence> = O;

    fn model<M: Send>(_: impl FnOnce() -> bool, read: impl FnOnce() -> Result<M>) -> Result<M> {
        read()
    }
}

impl Presence for Missable {
    type Fetched<F: ColumnType> = Option<F::Scalar>;
    type Model<M: Send> = Option<M>;
    type And<O: Presence> = Self;

    fn model<M: Send>(
        is_there: impl FnOnce() -> bool,
        read: impl FnOnce() -> Result<M>,
    ) -> Result<Option<M>> {
        is_there().then(read).transpose()
    }
}

/// A scope that has the source `M`; where, `I` says, which the compiler finds.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer};
/// use orm_core::query::Contains;
/// /// A condition for every query that reads customers.
/// fn adult<S: Contains<Customer, I>, I>() -> Predicate<S> {
///     Customer::AGE.ge(18)
/// }
/// let customers = select::<Customer>().filter(adult());
/// let carts = select::<Cart>().join(Cart::CUSTOMER).filter(adult());
/// ```
#[diagnostic::on_unimplemented(
    message = "this query does not select from `{M}`",
    label = "a column of `{M}`: join it to `{Self}`, or ask through a relation, with `.any(…)` or `.has(…)`; in a subquery: `.correlate::<{M}>()`"
)]
pub trait Contains<M, I, O = <Self as Scope>::Of>: Scope {
    /// Where the source stands: how many queries further out, and its number there.
    #[doc(hidden)]
    const PLACE: (usize, usize);
    /// Whether the scope is the source alone.
    #[doc(hidden)]
    const IS_ALONE: bool;
    /// Whether rows may lack it.
    #[doc(hidden)]
    type Presence: Presence;
}

/// The scope is the source.
#[derive(Debug)]
#[doc(hidden)]
pub struct Itself;

/// The source was joined last.
#[derive(Debug)]
#[doc(hidden)]
pub struct Last;

/// The source was there before the last join.
#[derive(Debug)]
#[doc(hidden)]
pub struct Before<I>(PhantomData<fn() -> I>);

#[diagnostic::do_not_recommend]
impl<M: Source> Contains<M, Itself, Rows> for M {
    const PLACE: (usize, usize) = (0, 0);
    const IS_ALONE: bool = true;
    type Presence = Present;
}

#[diagnostic::do_not_recommend]
impl<L: Scope, M: Source, K: JoinKind> Contains<M, Last, Rows> for Joined<L, M, K> {
    const PLACE: (usize, usize) = (0, L::WIDTH);
    const IS_ALONE: bool = false;
    type Presence = K::Added;
}

#[diagnostic::do_not_recommend]
impl<L: Contains<M, I>, R: Source, K: JoinKind, M, I> Contains<M, Before<I>, Rows> for Joined<L, R, K> {
    const PLACE: (usize, usize) = L::PLACE;
    const IS_ALONE: bool = false;
    type Presence = <L::Presence as Presence>::And<K::Before>;
}

/// What is asked of a row of `M`, in the scope `S`.
pub(crate) fn placed<S: Contains<M, I>, M, I>(expr: Expr) -> Expr {
    match S::IS_ALONE {
        true => expr,
        false => Expr::At { place: S::PLACE, expr: Box::new(expr) },
    }
}

/// A type that is `Q`.
///
/// Methods that look for something in the scope of a query ask it of a parameter `Q` of their own, which is that scope: of what is not there the
/// compiler then speaks once. Where a bound is not met, it looks for an argument to blame, by the first parameter of the method itself
/// that the bound names, and it says the same once more of the type that the method returns; with `Q`, which no argument has, both are
/// said of the call, and are one.
#[doc(hidden)]
pub trait Is<Q> {}

impl<Q> Is<Q> for Q {}
