//! Joins of rows that stand in no table, and of queries that are asked again for each row.

use super::join::Unselected;
use crate::mapper::Source;
use crate::query::scope::{Full, Inner, JoinKind, Joined, Left, Right, Scope};
use crate::query::{Given, Inside, IntoRows, Predicate, RowType, Select};
use crate::sql::{Expr, JoinedTable};

/// Joins of what gives rows: another query, a [`Cte`](crate::query::Cte), or a `Vec` of the program; and of queries that are asked again for
/// each row of this one, by which each gets its own first three, its newest, its largest.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// use orm_core::query::count;
/// #[derive(Row, Clone, Debug)]
/// struct Busy {
///     customer: i64,
///     carts: i64,
/// }
/// #[derive(Row, Clone, Debug)]
/// struct Named {
///     name: String,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # let carts = ["A-1", "A-2", "A-3"].map(|invoice| Cart::builder().invoice(invoice));
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
/// # session.add(Customer::builder().name("Bea").email("bea@example.org"));
/// # session.commit().await?;
/// let busy = select::<Cart>()
///     .group_by(Cart::CUSTOMER_ID)
///     .columns(|customer| BusyColumns { customer, carts: count() });
/// let some = select::<Customer>().join_rows(busy.clone(), Customer::ID.eq(Busy::CUSTOMER) & Busy::CARTS.gt(2));
/// assert_eq!(engine.fetch_one(some).await?.name, "Ann");
/// let all = select::<Customer>()
///     .left_join_rows(busy, Customer::ID.eq(Busy::CUSTOMER))
///     .order_by(Customer::ID)
///     .columns((Customer::NAME, Busy::CARTS));
/// assert_eq!(engine.fetch_all(all).await?, [("Ann".to_owned(), Some(3)), ("Bea".to_owned(), None)]);
///
/// // All of the given rows, also those that nobody has; of a list, which of its names are customers.
/// let asked = ["Ann", "Cleo"].map(|name| Named { name: name.into() }).to_vec();
/// let known = select::<Customer>()
///     .right_join_rows(asked.clone(), Customer::NAME.eq(Named::NAME))
///     .columns((Named::NAME, Customer::ID))
///     .order_by(Named::NAME);
/// assert_eq!(engine.fetch_all(known).await?, [("Ann".to_owned(), Some(1)), ("Cleo".to_owned(), None)]);
/// let both = select::<Customer>().full_join_rows(asked, Customer::NAME.eq(Named::NAME));
/// assert_eq!(both.columns((Customer::ID, Named::NAME)).count(&engine).await?, 3);
///
/// // The last two carts of each customer.
/// let last = select::<Cart>()
///     .correlate::<Customer>()
///     .filter(Cart::CUSTOMER_ID.eq(Customer::ID))
///     .order_by(Cart::ID.desc())
///     .limit(2);
/// let rows = select::<Customer>().join_lateral(last.clone()).columns((Customer::NAME, Cart::INVOICE));
/// let rows = engine.fetch_all(rows.order_by(Cart::ID)).await?;
/// assert_eq!(rows, ["A-2", "A-3"].map(|invoice| ("Ann".to_owned(), Some(invoice.to_owned()))));
/// let all = select::<Customer>().left_join_lateral(last); // and those without any
/// assert_eq!(all.count(&engine).await?, 3);
/// # Ok(()) }
/// ```
impl<S: Scope, R> Select<S, R> {
    /// Rows with each of the given rows that meets the condition with them.
    pub fn join_rows<G: IntoRows>(
        self,
        rows: G,
        on: Predicate<Joined<S, G::Source, Inner>>,
    ) -> Select<Joined<S, G::Source, Inner>, R> {
        self.join_given::<Inner, _, _>(rows.into_rows(), vec![on.expr])
    }

    /// [`join_rows`](Self::join_rows) that keeps rows without any.
    pub fn left_join_rows<G: IntoRows>(
        self,
        rows: G,
        on: Predicate<Joined<S, G::Source, Left>>,
    ) -> Select<Joined<S, G::Source, Left>, R> {
        self.join_given::<Left, _, _>(rows.into_rows(), vec![on.expr])
    }

    /// All of the given rows, with those that meet the condition with them.
    pub fn right_join_rows<G: IntoRows>(
        self,
        rows: G,
        on: Predicate<Joined<S, G::Source, Right>>,
    ) -> Unselected<Joined<S, G::Source, Right>> {
        Unselected(self.columns(()).join_given::<Right, _, _>(rows.into_rows(), vec![on.expr]))
    }

    /// All rows, and all of the given ones, together where they meet the condition.
    pub fn full_join_rows<G: IntoRows>(
        self,
        rows: G,
        on: Predicate<Joined<S, G::Source, Full>>,
    ) -> Unselected<Joined<S, G::Source, Full>> {
        Unselected(self.columns(()).join_given::<Full, _, _>(rows.into_rows(), vec![on.expr]))
    }

    /// Rows with each row that a query gives for them: it asks their columns, see [`correlate`](Self::correlate).
    pub fn join_lateral<X: Inside<S, I>, T: RowType, I>(
        self,
        query: Select<X, T>,
    ) -> Select<Joined<S, T, Inner>, R> {
        self.join_given::<Inner, _, _>(Given::of(query, true), Vec::new())
    }

    /// [`join_lateral`](Self::join_lateral) that keeps rows without any.
    pub fn left_join_lateral<X: Inside<S, I>, T: RowType, I>(
        self,
        query: Select<X, T>,
    ) -> Select<Joined<S, T, Left>, R> {
        self.join_given::<Left, _, _>(Given::of(query, true), Vec::new())
    }

    fn join_given<K: JoinKind, T: Source, U>(
        self,
        given: Given<U>,
        on: Vec<Expr>,
    ) -> Select<Joined<S, T, K>, R> {
        let Given { derived, layout: _, base, decode: _ } = given;
        let table = derived.map(|derived| JoinedTable {
            kind: K::SIDE,
            table: T::table(),
            derived: Some(derived),
            alias: T::ALIAS,
            along: None,
            on,
            filter: Vec::new(),
        });
        self.of_base(base).join_table(table)
    }
}
