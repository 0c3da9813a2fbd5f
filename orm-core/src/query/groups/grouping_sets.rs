//! ROLLUP, CUBE and GROUPING SETS: groups of some of the keys beside those of all.

use super::group::{Grouped, Groups, GroupsBy};
use crate::query::scope::Is;
use crate::query::{Scope, Scoped, Select};
use crate::sql::{Expr, Grouping};
use crate::types::{ColumnType, each_tuple};
use std::fmt;
use std::marker::PhantomData;

/// Groups of which some have fewer keys in common than others: sums beside the sums of sums. What a group does not have in common is `NULL`, so
/// that each key is an `Option`, and [`grouping`] tells that from a `NULL` of the rows.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// use orm_core::query::{count, grouping, grouping_set};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # for (name, age) in [("Ann", 41), ("Ann", 20), ("Bea", 20)] {
/// #     session.add(Customer::builder().name(name).email(format!("{name}{age}@example.org")).age(age));
/// # }
/// # session.commit().await?;
/// let all = select::<Customer>().group_by_rollup((Customer::NAME, Customer::AGE));
/// let rows = all.order_by(|(name, age)| (name, age)).columns(|(name, age)| (name, age, count()));
/// let rows: Vec<(Option<String>, Option<i32>, i64)> = engine.fetch_all(rows).await?;
/// assert_eq!(rows.len(), 3 + 2 + 1); // of both, of a name, of all
/// assert_eq!(rows[5], (None, None, 3));
///
/// let all = select::<Customer>().group_by_cube((Customer::NAME, Customer::AGE)).columns(|_| count());
/// assert_eq!(engine.fetch_all(all).await?.len(), 3 + 2 + 2 + 1);
///
/// let some = select::<Customer>()
///     .group_by_sets((Customer::NAME, Customer::AGE), |(name, age)| [grouping_set(age), grouping_set(name)])
///     .order_by(|(name, age)| (name, age))
///     .columns(|(name, age)| (name.clone(), age, grouping(name), count()));
/// let ann = Some("Ann".to_owned());
/// assert_eq!(engine.fetch_all(some).await?[..3], [(ann, None, 0, 2), (Some("Bea".to_owned()), None, 0, 1), (None, Some(20), 1, 2)]);
/// # Ok(()) }
/// ```
impl<S: Scope, R> Select<S, R> {
    /// Groups by all keys, by all but the last, and so on, and one of all rows: `ROLLUP`.
    pub fn group_by_rollup<K, I, Q: GroupsBy<K, I, Keys: GroupKeys<S>>>(
        self,
        keys: K,
    ) -> Grouped<S, <Q::Keys as GroupKeys<S>>::Optional>
    where
        S: Is<Q>,
    {
        self.group_by_some(keys, |_| Grouping::Rollup)
    }

    /// Groups by each choice of the keys: `CUBE`.
    pub fn group_by_cube<K, I, Q: GroupsBy<K, I, Keys: GroupKeys<S>>>(
        self,
        keys: K,
    ) -> Grouped<S, <Q::Keys as GroupKeys<S>>::Optional>
    where
        S: Is<Q>,
    {
        self.group_by_some(keys, |_| Grouping::Cube)
    }

    /// Groups by each of some sets of the keys: `GROUPING SETS`; the closure is given the keys and tells the sets.
    pub fn group_by_sets<
        K,
        I,
        Q: GroupsBy<K, I, Keys: GroupKeys<S>>,
        L: IntoIterator<Item = GroupingSet<S>>,
    >(
        self,
        keys: K,
        sets: impl FnOnce(<Q::Keys as GroupKeys<S>>::Optional) -> L,
    ) -> Grouped<S, <Q::Keys as GroupKeys<S>>::Optional>
    where
        S: Is<Q>,
    {
        self.group_by_some(keys, |keys| Grouping::Sets(sets(keys).into_iter().map(|set| set.keys).collect()))
    }

    fn group_by_some<K, I, Q: GroupsBy<K, I, Keys: GroupKeys<S>>>(
        self,
        keys: K,
        grouping: impl FnOnce(<Q::Keys as GroupKeys<S>>::Optional) -> Grouping,
    ) -> Grouped<S, <Q::Keys as GroupKeys<S>>::Optional>
    where
        S: Is<Q>,
    {
        let mut all = Vec::new();
        let keys = Q::keys(keys, &mut all).optional();
        let grouping = grouping(keys.clone());
        Grouped { select: self.grouped(all, grouping), keys }
    }
}

/// Keys of groups of rows of `S`: one, or a tuple of up to six; of a [`grouping_set`] also none.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::{GroupKeys, Scoped, grouping};
/// fn is_total<K: GroupKeys<Customer>>(keys: K) -> Scoped<orm_core::query::Groups<Customer>, i32> {
///     grouping(keys)
/// }
/// let ages = select::<Customer>().group_by_rollup(Customer::AGE).columns(is_total);
/// assert!(ages.to_string().starts_with(r#"SELECT GROUPING("age") FROM"#));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no key of these groups",
    label = "expected keys, as the closure is given them",
    note = "one, or a tuple of up to six"
)]
pub trait GroupKeys<S> {
    /// The keys where a group may not have them.
    type Optional: Clone;

    #[doc(hidden)]
    fn optional(self) -> Self::Optional;

    #[doc(hidden)]
    fn push_to(self, all: &mut Vec<Expr>);
}

impl<S, F: ColumnType> GroupKeys<S> for Scoped<Groups<S>, F> {
    type Optional = Scoped<Groups<S>, Option<F::Scalar>>;

    fn optional(self) -> Self::Optional {
        Scoped::new(self.expr)
    }

    fn push_to(self, all: &mut Vec<Expr>) {
        all.push(self.expr);
    }
}

impl<S> GroupKeys<S> for () {
    type Optional = ();

    fn optional(self) {}

    fn push_to(self, _: &mut Vec<Expr>) {}
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<S, $($name: GroupKeys<S>),+> GroupKeys<S> for ($($name,)+) {
            type Optional = ($($name::Optional,)+);

            fn optional(self) -> Self::Optional {
                #[expect(non_snake_case, reason = "the names of the type parameters")]
                let ($($name,)+) = self;
                ($($name.optional(),)+)
            }

            fn push_to(self, all: &mut Vec<Expr>) {
                #[expect(non_snake_case, reason = "the names of the type parameters")]
                let ($($name,)+) = self;
                $($name.push_to(all);)+
            }
        }
    };
}
each_tuple!(tuples: A B, C, D, E, F);

/// Some keys by which rows are grouped, see [`Select::group_by_sets`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::{GroupingSet, count, grouping_set};
/// fn all() -> GroupingSet<Customer> {
///     grouping_set(())
/// }
/// let ages = select::<Customer>().group_by_sets(Customer::AGE, |age| [grouping_set(age), all()]).columns(|_| count());
/// assert!(ages.to_string().ends_with(r#"GROUP BY GROUPING SETS (("age"), ())"#));
/// ```
#[must_use = "a set of keys does nothing before rows are grouped by it"]
pub struct GroupingSet<S> {
    keys: Vec<Expr>,
    scope: PhantomData<fn() -> S>,
}

impl<S> fmt::Debug for GroupingSet<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GroupingSet").field(&self.keys).finish()
    }
}

/// A set of keys: a key, a tuple of them, or `()` for one group of all rows.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::{count, grouping_set};
/// let sets = select::<Customer>()
///     .group_by_sets((Customer::NAME, Customer::AGE), |(name, age)| [grouping_set((name, age)), grouping_set(())]);
/// assert!(sets.columns(|_| count()).to_string().ends_with(r#"GROUP BY GROUPING SETS (("name", "age"), ())"#));
/// ```
pub fn grouping_set<S>(keys: impl GroupKeys<S>) -> GroupingSet<S> {
    let mut all = Vec::new();
    keys.push_to(&mut all);
    GroupingSet { keys: all, scope: PhantomData }
}

/// Which of the keys a group does not have in common: 0 when it has all of them, a bit for each that it has not, the last key's the lowest.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::{count, grouping};
/// let totals = select::<Customer>()
///     .group_by_rollup((Customer::NAME, Customer::AGE))
///     .having(|keys| grouping(keys).gt(0))
///     .columns(|(name, _)| (name, count()));
/// assert!(totals.to_string().ends_with(r#"GROUP BY ROLLUP ("name", "age") HAVING GROUPING("name", "age") > $1"#));
/// ```
pub fn grouping<S>(keys: impl GroupKeys<S>) -> Scoped<Groups<S>, i32> {
    let mut arguments = Vec::new();
    keys.push_to(&mut arguments);
    Scoped::new(Expr::Call { name: "GROUPING", arguments })
}
