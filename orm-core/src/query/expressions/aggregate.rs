//! One value made of the members of a relation, without loading them.

use super::predicate::exists_in;
use crate::mapper::{Column, DeclarativeBase, Model, Relation, arity};
use crate::query::{Averaged, Filter, Numeric, SqlExpr};
use crate::sql::{Aggregate, Expr, Param};
use crate::types::{ColumnType, ScalarType};

/// What a relation is asked about its members: each is an expression of the owner, to be filtered and ordered by, and selected.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
/// # let coffee = session.add(Product::builder().sku("C-1").title("Coffee").price_cents(890));
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder(), Cart::builder()]));
/// # let carts = [Cart::builder().products([tea, coffee])];
/// # session.add(Customer::builder().name("Bea").email("bea@example.org").carts(carts));
/// # session.commit().await?;
/// let counts = columns((Customer::NAME, Customer::CARTS.count())).order_by(Customer::CARTS.count().desc());
/// assert_eq!(engine.fetch_all(counts).await?, [("Ann".to_owned(), 2), ("Bea".to_owned(), 1)]);
///
/// let busy = session.query::<Customer>().filter(Customer::CARTS.count().ge(2)).one().await?;
/// assert_eq!(session[busy].name, "Ann");
///
/// let price = Product::PRICE_CENTS;
/// let cart = columns((
///     Cart::PRODUCTS.sum(price),
///     Cart::PRODUCTS.min(price), // `NULL` without members
///     Cart::PRODUCTS.avg(price),
///     Cart::PRODUCTS.count_of(price.gt(500)),
/// ));
/// let all = engine.fetch_all(cart.order_by(Cart::ID)).await?;
/// assert_eq!((&all[0], &all[2]), (&(0, None, None, 0), &(1280, Some(390), Some(640.0), 1)));
/// assert!(columns(Cart::PRODUCTS.max(price)).filter(Cart::PRODUCTS.max(price).gt(1)).fetch_all(&engine).await? == [Some(890)]);
/// # Ok(()) }
/// ```
impl<M: Model, T: Model> Relation<M, T, arity::Many> {
    /// How many members there are.
    pub fn count(self) -> SqlExpr<M, i64> {
        SqlExpr::new(aggregate(self, "count", None, None, None))
    }

    /// How many members meet a condition.
    pub fn count_of(self, filter: impl Filter<T>) -> SqlExpr<M, i64> {
        let filter = filter.into_predicate().expr;
        SqlExpr::new(aggregate(self, "count", None, None, Some(filter)))
    }

    /// The sum of a column of all members; 0 without any.
    pub fn sum<F: ColumnType<Scalar: Numeric + Default>>(
        self,
        column: Column<T, F>,
    ) -> SqlExpr<M, F::Scalar> {
        let to = <F::Scalar as ScalarType>::SQL.name();
        let sum = aggregate(self, "sum", Some(column.expr()), Some(to), None);
        let zero = Expr::Bind(Param::of(&F::Scalar::default()));
        SqlExpr::new(Expr::Call { name: "COALESCE", arguments: vec![sum, zero] })
    }

    /// The smallest value of a column among the members; `NULL` without any.
    pub fn min<F: ColumnType>(self, column: Column<T, F>) -> SqlExpr<M, Option<F::Scalar>> {
        SqlExpr::new(aggregate(self, "min", Some(column.expr()), None, None))
    }

    /// The largest value of a column among the members; `NULL` without any.
    pub fn max<F: ColumnType>(self, column: Column<T, F>) -> SqlExpr<M, Option<F::Scalar>> {
        SqlExpr::new(aggregate(self, "max", Some(column.expr()), None, None))
    }

    /// The mean of a column of all members, as [`avg`](crate::query::avg) has it; `NULL` without any.
    pub fn avg<F: ColumnType<Scalar: Averaged>>(
        self,
        column: Column<T, F>,
    ) -> SqlExpr<M, Option<<F::Scalar as Averaged>::Mean>> {
        let to = Some(<<F::Scalar as Averaged>::Mean as ScalarType>::SQL.name());
        SqlExpr::new(aggregate(self, "avg", Some(column.expr()), to, None))
    }
}

fn aggregate<M: Model, T: Model>(
    relation: Relation<M, T, arity::Many>,
    function: &'static str,
    value: Option<Expr>,
    cast: Option<&'static str>,
    filter: Option<Expr>,
) -> Expr {
    let rows = M::Base::registry()
        .and_then(|registry| Ok(exists_in(registry, registry.mapper(M::def())?, relation.index(), filter)));
    match rows {
        Ok(Expr::Exists(rows)) => Expr::Aggregate(Box::new(Aggregate { function, value, cast, rows: *rows })),
        Ok(other) => other,
        Err(error) => Expr::Invalid(error.to_string()),
    }
}
