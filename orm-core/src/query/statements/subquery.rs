//! Queries inside of queries.

use crate::mapper::Source;
use crate::query::scope::{Contains, Joined, Rows, Scope};
use crate::query::{Groups, Predicate, Scoped, Select};
use crate::sql::{self, Expr};
use crate::types::{ColumnType, ScalarType};
use std::marker::PhantomData;

/// The scope of a query `S` that stands inside of one with the scope `O`, whose rows it may ask: made by
/// [`Select::correlate`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer};
/// use orm_core::query::{Select, Within, exists};
/// fn of_customer(carts: Select<Cart>) -> Select<Within<Customer, Cart>, Cart> {
///     carts.correlate::<Customer>().filter(Cart::CUSTOMER_ID.eq(Customer::ID))
/// }
/// let buyers = select::<Customer>().filter(exists(of_customer(select())));
/// assert!(buyers.to_string().ends_with(
///     r#"WHERE EXISTS (SELECT "cart"."id", "cart"."invoice", "cart"."customer_id" FROM "cart" WHERE "cart"."customer_id" = "customer"."id")"#
/// ));
/// ```
#[derive(Debug)]
pub struct Within<O, S>(PhantomData<fn(O) -> S>);

impl<O: Scope, S: Scope> Scope for Within<O, S> {
    type Root = S::Root;
    type Of = Rows;
    const WIDTH: usize = S::WIDTH;
}

/// The source is one of the inner query.
#[derive(Debug)]
#[doc(hidden)]
pub struct Own<I>(PhantomData<fn() -> I>);

/// The source is one of the query around.
#[derive(Debug)]
#[doc(hidden)]
pub struct Around<I>(PhantomData<fn() -> I>);

#[diagnostic::do_not_recommend]
impl<O: Scope, S: Contains<M, I>, M, I> Contains<M, Own<I>, Rows> for Within<O, S> {
    const PLACE: (usize, usize) = S::PLACE;
    const IS_ALONE: bool = false;
    type Presence = S::Presence;
}

#[diagnostic::do_not_recommend]
impl<O: Contains<M, I>, S: Scope, M, I> Contains<M, Around<I>, Rows> for Within<O, S> {
    const PLACE: (usize, usize) = (O::PLACE.0 + 1, O::PLACE.1);
    const IS_ALONE: bool = false;
    type Presence = O::Presence;
}

/// A scope whose queries can stand inside of one with the scope `S`: all that do not ask rows around them, and those that ask rows of `S`.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer};
/// use orm_core::query::{Inside, Select, exists};
/// /// Rows for which there is something else.
/// fn with<S: Inside<Customer, I>, R, I>(other: Select<S, R>) -> Select<Customer> {
///     select::<Customer>().filter(exists(other))
/// }
/// assert!(with(select::<Cart>()).to_string().ends_with(r#"FROM "cart")"#));
/// ```
#[diagnostic::on_unimplemented(
    message = "a query of `{Self}` cannot stand in one of `{S}`",
    label = "asks rows of another query"
)]
pub trait Inside<S, I>: Scope {}

/// A row that is one value, which can be compared with a `T`.
#[diagnostic::on_unimplemented(
    message = "a query that gives a `{Self}` a row has no `{T}` to compare with",
    label = "expected a query of one column with values of type `{T}`: `columns(Model::COLUMN)`"
)]
#[doc(hidden)]
pub trait Holds<T> {}

#[diagnostic::do_not_recommend]
impl<T: ScalarType, F: ColumnType<Scalar = T>> Holds<T> for F {}

/// A query that asks no rows around it.
#[derive(Debug)]
#[doc(hidden)]
pub struct Free;

/// A query that asks rows of the one around it.
#[derive(Debug)]
#[doc(hidden)]
pub struct Correlated;

#[diagnostic::do_not_recommend]
impl<S, M: Source> Inside<S, Free> for M {}
impl<S: Scope, X: Scope> Inside<S, Correlated> for Within<S, X> {}
impl<S, L: Inside<S, I>, R: Source, K: 'static, I> Inside<S, I> for Joined<L, R, K> {}
impl<S, X: Inside<S, I>, I> Inside<S, I> for Groups<X> {}

/// A scope whose queries stand alone: all that do not ask rows of a query around them.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer};
/// use orm_core::query::{Cte, RowType, Select, Standalone};
/// fn once<S: Standalone, R: RowType>(query: Select<S, R>) -> Cte<R> {
///     query.cte()
/// }
/// let carts = once(select::<Cart>().join(Cart::CUSTOMER));
/// ```
#[diagnostic::on_unimplemented(
    message = "this query asks rows of the one around it, and cannot stand alone",
    label = "asks rows of another query",
    note = "`.join_lateral(query)` asks it again for each row"
)]
pub trait Standalone: Scope {}

#[diagnostic::do_not_recommend]
impl<M: Source> Standalone for M {}
#[diagnostic::do_not_recommend]
impl<L: Standalone, R: Source, K: 'static> Standalone for Joined<L, R, K> {}
#[diagnostic::do_not_recommend]
impl<X: Standalone> Standalone for Groups<X> {}

impl<S: Scope, R> Select<S, R> {
    /// The query as one inside of a query with the scope `O`, whose columns its conditions can ask from here on.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # let carts = [Cart::builder().invoice("A-1"), Cart::builder().invoice("A-2")];
    /// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
    /// # session.add(Customer::builder().name("Bea").email("bea@example.org"));
    /// # session.commit().await?;
    /// // The last invoice of each customer, whatever the relations say.
    /// let last = select::<Cart>()
    ///     .correlate::<Customer>()
    ///     .filter(Cart::CUSTOMER_ID.eq(Customer::ID))
    ///     .order_by(Cart::ID.desc())
    ///     .limit(1)
    ///     .columns(Cart::INVOICE);
    /// let rows = columns((Customer::NAME, last.scalar_subquery())).order_by(Customer::ID).fetch_all(&engine).await?;
    /// assert_eq!(rows, [("Ann".to_owned(), Some("A-2".to_owned())), ("Bea".to_owned(), None)]);
    /// # Ok(()) }
    /// ```
    pub fn correlate<O: Scope>(self) -> Select<Within<O, S>, R> {
        self.in_scope()
    }

    /// The query as a value: that of its first row, `NULL` without any. The database refuses a second row.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Customer;
    /// use orm_core::query::avg;
    /// let mean = || select::<Customer>().aggregate(avg(Customer::AGE)).scalar_subquery();
    /// let old = columns(Customer::NAME).filter(mean().lt(40.0));
    /// assert!(old.to_string().ends_with(
    ///     r#"WHERE (SELECT CAST(avg(t1."age") AS double precision) FROM "customer" AS t1) < $1"#
    /// ));
    /// ```
    pub fn scalar_subquery<O, T: ScalarType, I>(self) -> Scoped<O, Option<T>>
    where
        S: Inside<O, I>,
        R: ColumnType<Scalar = T>,
    {
        Scoped::new(self.nested().map_or_else(Expr::Invalid, |select| Expr::Subquery(Box::new(select))))
    }
}

impl<S, R> Select<S, R> {
    /// The statement, to stand in another one.
    pub(in crate::query) fn nested(self) -> Result<sql::Select, String> {
        let unrestricted = self.is_unrestricted();
        self.ast.map(|ast| sql::Select { unrestricted, ..ast })
    }
}

/// Whether a query has a row.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer, Product};
/// use orm_core::query::exists;
/// let same = select::<Product>().correlate::<Customer>().filter(Product::TITLE.eq(Customer::NAME));
/// let named_like_a_product = columns(Customer::ID).filter(!exists(same.columns(Product::ID)));
/// assert!(named_like_a_product.to_string().ends_with(
///     r#"WHERE NOT (EXISTS (SELECT "product"."id" FROM "product" WHERE "product"."title" = "customer"."name"))"#
/// ));
/// ```
pub fn exists<S, X: Inside<S, I>, R, I>(query: Select<X, R>) -> Predicate<S> {
    Predicate::new(query.nested().map_or_else(Expr::Invalid, |select| Expr::ExistsQuery(Box::new(select))))
}

/// Whether a value is among those that a query gives.
pub(in crate::query) fn is_in<S, X: Scope, R>(value: Expr, query: Select<X, R>) -> Predicate<S> {
    Predicate::new(match query.nested() {
        Ok(select) => Expr::InQuery { value: Box::new(value), select: Box::new(select) },
        Err(why) => Expr::Invalid(why),
    })
}
