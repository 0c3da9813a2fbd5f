//! GROUP BY.

use crate::mapper::{Column, Source};
use crate::query::expressions::operand::{Exact, Placed};
use crate::query::scope::{Contains, Is, Presence, Present, Scope, placed};
use crate::query::{Filter, OrderBy, Scoped, Select, Selects, SqlExpr};
use crate::sql::{Expr, Grouping};
use crate::types::{ColumnType, each_tuple};
use std::fmt;
use std::marker::PhantomData;

/// The scope of groups of rows of `S`: what all rows of a group have in common, and aggregates.
///
/// No column of a source is a value of a group, so that a query which asks for one without grouping by it does not compile:
///
/// ```compile_fail
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::count;
/// let names = select::<Customer>().group_by(Customer::AGE).columns(|age| (age, Customer::NAME, count()));
/// ```
#[derive(Debug)]
pub struct Groups<S>(PhantomData<fn() -> S>);

/// A scope of groups.
#[derive(Debug)]
#[doc(hidden)]
pub struct OfGroups;

impl<S: Scope> Scope for Groups<S> {
    type Root = S::Root;
    type Of = OfGroups;
    const WIDTH: usize = S::WIDTH;
}

/// A scope of groups of rows: what aggregates are values of.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::{Groups, GroupsOf};
/// fn is_grouped<S: GroupsOf<Rows = Customer>>() {}
/// is_grouped::<Groups<Customer>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "this query has rows of `{Self}`, and an aggregate is a value of a group of rows",
    label = "an aggregate: `.group_by(keys)` makes groups, `.aggregate(…)` takes all rows for one"
)]
pub trait GroupsOf: Scope {
    /// The scope of the rows.
    type Rows: Scope;
}

#[diagnostic::do_not_recommend]
impl<T: Scope> GroupsOf for Groups<T> {
    type Rows = T;
}

/// A source whose columns the groups `S` have: there is none, and this says so where somebody asks one.
#[diagnostic::on_unimplemented(
    message = "a group has no column of `{Self}`: it has its keys, and aggregates",
    label = "a column of `{Self}`, of which each row of a group may have another value"
)]
#[doc(hidden)]
pub trait ColumnsIn<S> {}

/// A source that no group has.
#[derive(Debug)]
#[doc(hidden)]
pub struct OfOneRow;

impl<S: Scope<Of = OfGroups>, M: ColumnsIn<S>> Contains<M, OfOneRow, OfGroups> for S {
    const PLACE: (usize, usize) = (0, 0);
    const IS_ALONE: bool = false;
    type Presence = Present;
}

/// A scope whose rows are grouped by `K`: a column, an expression, or a tuple of up to six. `I` is where the scope has it, which the compiler
/// finds.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::{GroupsBy, count};
/// fn numbers<K, I>(by: K) -> String
/// where
///     Customer: GroupsBy<K, I>,
/// {
///     select::<Customer>().group_by(by).columns(|_| count()).to_string()
/// }
/// assert_eq!(numbers(Customer::AGE), r#"SELECT count(*) FROM "customer" GROUP BY "age""#);
/// assert!(numbers((Customer::AGE, Customer::NAME)).ends_with(r#"GROUP BY "age", "name""#));
/// ```
#[diagnostic::on_unimplemented(
    message = "a query of `{Self}` cannot be grouped by `{K}`",
    label = "expected columns and expressions of what it selects from, one or a tuple of up to six"
)]
pub trait GroupsBy<K, I> {
    /// The values of a group.
    type Keys: Clone;

    /// Appends what is grouped by.
    #[doc(hidden)]
    fn keys(by: K, all: &mut Vec<Expr>) -> Self::Keys;
}

/// What a column of type `F` gives where the source at `I` may be missing.
type Found<S, M, I, F> = <<S as Contains<M, I>>::Presence as Presence>::Fetched<F>;

fn key<S, F>(expr: Expr, all: &mut Vec<Expr>) -> Scoped<Groups<S>, F> {
    all.push(expr.clone());
    Scoped::new(expr)
}

impl<S: Contains<M, I>, M: Source, F: ColumnType, I> GroupsBy<Column<M, F>, Placed<I>> for S {
    type Keys = Scoped<Groups<S>, Found<S, M, I, F>>;

    fn keys(by: Column<M, F>, all: &mut Vec<Expr>) -> Self::Keys {
        key(placed::<S, M, I>(by.expr()), all)
    }
}

impl<S: Contains<M, I>, M: Source, F: ColumnType, I> GroupsBy<SqlExpr<M, F>, Placed<I>> for S {
    type Keys = Scoped<Groups<S>, Found<S, M, I, F>>;

    fn keys(by: SqlExpr<M, F>, all: &mut Vec<Expr>) -> Self::Keys {
        key(placed::<S, M, I>(by.expr), all)
    }
}

impl<S, F: ColumnType> GroupsBy<Scoped<S, F>, Exact> for S {
    type Keys = Scoped<Groups<S>, F>;

    fn keys(by: Scoped<S, F>, all: &mut Vec<Expr>) -> Self::Keys {
        key(by.expr, all)
    }
}

macro_rules! tuples {
    ($($name:ident $index:ident)+) => {
        impl<S: $(GroupsBy<$name, $index> +)+, $($name, $index),+> GroupsBy<($($name,)+), ($($index,)+)> for S {
            type Keys = ($(<S as GroupsBy<$name, $index>>::Keys,)+);

            fn keys(by: ($($name,)+), all: &mut Vec<Expr>) -> Self::Keys {
                #[expect(non_snake_case, reason = "the names of the type parameters")]
                let ($($name,)+) = by;
                ($(<S as GroupsBy<$name, $index>>::keys($name, all),)+)
            }
        }
    };
}
each_tuple!(tuples: A IA B IB, C IC, D ID, E IE, F IF);

/// Groups of rows, of which [`columns`](Self::columns) says what to select; made by [`Select::group_by`].
///
/// Its closures are given the keys: what a group can be asked besides aggregates.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// use orm_core::query::{count, max, sum};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
/// # let coffee = session.add(Product::builder().sku("C-1").title("Coffee").price_cents(890));
/// # let carts = [Cart::builder().products([tea]), Cart::builder().products([tea, coffee])];
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
/// # session.add(Customer::builder().name("Bea").email("bea@example.org").carts([Cart::builder().products([tea])]));
/// # session.commit().await?;
/// let spent = select::<Customer>()
///     .join(Customer::CARTS)
///     .join(Cart::PRODUCTS)
///     .group_by((Customer::ID, Customer::NAME))
///     .having(|_| count().gt(1))
///     .order_by(|(_, name)| name)
///     .columns(|(_, name)| (name, count(), sum(Product::PRICE_CENTS), max(Product::SKU)));
/// let rows: Vec<(String, i64, i64, Option<String>)> = engine.fetch_all(spent).await?;
/// assert_eq!(rows, [("Ann".to_owned(), 3, 1670, Some("T-1".to_owned()))]);
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing before it is fetched"]
pub struct Grouped<S, K> {
    pub(super) select: Select<Groups<S>, ()>,
    pub(super) keys: K,
}

impl<S: Scope, R> Select<S, R> {
    /// One row for all rows with the same values of the keys.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Customer;
    /// use orm_core::query::count;
    /// let ages = select::<Customer>().group_by(Customer::AGE).columns(|age| (age, count()));
    /// assert_eq!(ages.to_string(), r#"SELECT "age", count(*) FROM "customer" GROUP BY "age""#);
    /// ```
    pub fn group_by<K, I, Q: GroupsBy<K, I>>(self, keys: K) -> Grouped<S, Q::Keys>
    where
        S: Is<Q>,
    {
        let mut all = Vec::new();
        let keys = Q::keys(keys, &mut all);
        Grouped { select: self.grouped(all, Grouping::Keys), keys }
    }

    /// One row made of all rows.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Customer;
    /// use orm_core::query::{avg, count};
    /// let summary = select::<Customer>().aggregate((count(), avg(Customer::AGE))); // an `(i64, Option<f64>)`
    /// assert_eq!(summary.to_string(), r#"SELECT count(*), CAST(avg("age") AS double precision) FROM "customer""#);
    /// ```
    pub fn aggregate<C, I, Q: Selects<C, I>>(self, columns: C) -> Select<Groups<S>, Q::Row>
    where
        Groups<S>: Is<Q>,
    {
        self.grouped(Vec::new(), Grouping::Keys).columns(columns)
    }
}

impl<S: Scope, K: Clone> Grouped<S, K> {
    /// Only groups that meet the condition.
    pub fn having<F: Filter<Groups<S>>>(self, condition: impl FnOnce(K) -> F) -> Self {
        let condition = condition(self.keys.clone());
        Self { select: self.select.filter(condition), ..self }
    }

    /// The order of the groups; several orders follow each other.
    pub fn order_by<O: OrderBy<Groups<S>, I>, I>(self, order: impl FnOnce(K) -> O) -> Self {
        let order = order(self.keys.clone());
        Self { select: self.select.order_by(order), ..self }
    }

    /// What to select of each group: keys, aggregates and what is computed of them.
    pub fn columns<C, I, Q: Selects<C, I>>(self, columns: impl FnOnce(K) -> C) -> Select<Groups<S>, Q::Row>
    where
        Groups<S>: Is<Q>,
    {
        self.select.columns(columns(self.keys))
    }
}

impl<S: Scope, K> fmt::Debug for Grouped<S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grouped").field("select", &self.select).finish_non_exhaustive()
    }
}
