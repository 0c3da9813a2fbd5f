//! CASE, COALESCE and its kind, and casts.

use crate::mapper::{Column, Source};
use crate::query::{Filter, Operand, Scoped, SqlExpr};
use crate::sql::Expr;
use crate::types::{ColumnType, ScalarType};
use std::fmt;
use std::marker::PhantomData;

/// Values by conditions, the first that is met: made by [`when`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::{Case, when};
/// let known: Case<Customer, Option<i32>> = when(Customer::AGE.gt(0), Customer::AGE);
/// let query = select::<Customer>().columns(known.otherwise(0));
/// assert_eq!(query.to_string(), r#"SELECT CASE WHEN "age" > $1 THEN "age" ELSE $2 END FROM "customer""#);
/// ```
#[must_use = "a choice needs `.otherwise(…)` or `.end()`"]
pub struct Case<S, F> {
    arms: Vec<(Expr, Expr)>,
    marker: PhantomData<fn() -> (S, F)>,
}

/// A value where a condition is met: the beginning of a [`Case`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// use orm_core::query::when;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # for (sku, price) in [("a", 300), ("b", 500), ("c", 900)] {
/// #     Product::builder().sku(sku).title("…").price_cents(price).build().insert(&engine).await?;
/// # }
/// let class = when(Product::PRICE_CENTS.lt(400), "cheap").when(Product::PRICE_CENTS.gt(800), "dear").otherwise("fair");
/// let classes = columns((Product::SKU, class.clone())).filter(class.ne("dear")).order_by(Product::SKU);
/// let rows = engine.fetch_all(classes).await?;
/// assert_eq!(rows, [("a".to_owned(), "cheap".to_owned()), ("b".to_owned(), "fair".to_owned())]);
///
/// let cheap = when(Product::PRICE_CENTS.lt(400), Product::SKU).end(); // `None` where it is not
/// assert_eq!(select::<Product>().columns(cheap.clone()).filter(cheap.is_null()).count(&engine).await?, 2);
/// # Ok(()) }
/// ```
pub fn when<S, T: ScalarType, I, F>(
    condition: impl Filter<S>,
    value: impl Operand<S, T, I, Fetched = F>,
) -> Case<S, F> {
    Case { arms: vec![(condition.into_predicate().expr, value.into_expr())], marker: PhantomData }
}

impl<S, F: ColumnType> Case<S, F> {
    /// Another value, where this condition is met and none before.
    pub fn when<I, G: ColumnType>(
        mut self,
        condition: impl Filter<S>,
        value: impl Operand<S, F::Scalar, I, Fetched = G>,
    ) -> Case<S, F::With<G>> {
        self.arms.push((condition.into_predicate().expr, value.into_expr()));
        Case { arms: self.arms, marker: PhantomData }
    }

    /// The value where no condition is met.
    pub fn otherwise<I, G: ColumnType>(
        self,
        value: impl Operand<S, F::Scalar, I, Fetched = G>,
    ) -> Scoped<S, F::With<G>> {
        Scoped::new(Expr::When { arms: self.arms, otherwise: Some(Box::new(value.into_expr())) })
    }

    /// `NULL` where no condition is met.
    pub fn end(self) -> Scoped<S, Option<F::Scalar>> {
        Scoped::new(Expr::When { arms: self.arms, otherwise: None })
    }
}

impl<S, F> Clone for Case<S, F> {
    fn clone(&self) -> Self {
        Self { arms: self.arms.clone(), marker: PhantomData }
    }
}

impl<S, F> fmt::Debug for Case<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Case({:?})", self.arms)
    }
}

/// The first of two values that is not `NULL`; it can be `NULL` where the second one can.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer};
/// use orm_core::query::coalesce;
/// let named = select::<Cart>().join(Cart::CUSTOMER).columns(coalesce(Cart::INVOICE, Customer::NAME)); // a `String`
/// assert!(named.to_string().starts_with(r#"SELECT COALESCE("cart"."invoice", "customer"."name") FROM"#));
/// ```
pub fn coalesce<S, T: ScalarType, I, J, F>(
    value: impl Operand<S, T, I>,
    other: impl Operand<S, T, J, Fetched = F>,
) -> Scoped<S, F> {
    of_both("COALESCE", value, other)
}

/// The value, or `NULL` where it is equal to the other one.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # for (sku, price) in [("a", 4), ("b", 0)] {
/// #     Product::builder().sku(sku).title("Tea").price_cents(price).build().insert(&engine).await?;
/// # }
/// use orm_core::query::{nullif, value};
/// let per_euro = value(100) / nullif(Product::PRICE_CENTS, 0); // no division by zero, but an `Option<i64>`
/// let rows = select::<Product>().columns((Product::SKU, per_euro)).order_by(Product::SKU).fetch_all(&engine).await?;
/// assert_eq!(rows, [("a".to_owned(), Some(25)), ("b".to_owned(), None)]);
/// # Ok(()) }
/// ```
pub fn nullif<S, T: ScalarType, I, J>(
    value: impl Operand<S, T, I>,
    other: impl Operand<S, T, J>,
) -> Scoped<S, Option<T>> {
    of_both("NULLIF", value, other)
}

/// The larger one of two values; what is `NULL` counts as none.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::greatest;
/// let query = columns(Product::SKU).order_by(greatest(Product::PRICE_CENTS, 100).asc());
/// assert!(query.to_string().ends_with(r#"ORDER BY GREATEST("price_cents", $1)"#));
/// ```
pub fn greatest<S, T: ScalarType, I, J, F: ColumnType, G: ColumnType>(
    value: impl Operand<S, T, I, Fetched = F>,
    other: impl Operand<S, T, J, Fetched = G>,
) -> Scoped<S, F::With<G>> {
    of_both("GREATEST", value, other)
}

/// The smaller one of two values; what is `NULL` counts as none.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::least;
/// let query = columns(Product::SKU).filter(least(Product::PRICE_CENTS, Product::ID).lt(100));
/// assert!(query.to_string().ends_with(r#"WHERE LEAST("price_cents", "id") < $1"#));
/// ```
pub fn least<S, T: ScalarType, I, J, F: ColumnType, G: ColumnType>(
    value: impl Operand<S, T, I, Fetched = F>,
    other: impl Operand<S, T, J, Fetched = G>,
) -> Scoped<S, F::With<G>> {
    of_both("LEAST", value, other)
}

/// What SQL writes like a function of two values, and is none.
fn of_both<S, T: ScalarType, I, J, R>(
    name: &'static str,
    value: impl Operand<S, T, I>,
    other: impl Operand<S, T, J>,
) -> Scoped<S, R> {
    Scoped::new(Expr::Call { name, arguments: vec![value.into_expr(), other.into_expr()] })
}

impl<S, F: ColumnType> Scoped<S, F> {
    /// The value as one of another type, as far as the database can make it one.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Customer;
    /// use orm_core::query::value;
    /// let ages = columns((Customer::NAME, value(Customer::AGE).cast::<String>())); // a `(String, Option<String>)` a row;
    /// assert_eq!(ages.to_string(), r#"SELECT "name", CAST("age" AS text) FROM "customer""#);
    /// ```
    pub fn cast<T: ScalarType>(self) -> Scoped<S, F::With<T>> {
        let to = <T as ScalarType>::SQL.name();
        Scoped::new(Expr::Cast { value: Box::new(self.expr), to })
    }
}

impl<M, F: ColumnType> SqlExpr<M, F> {
    /// The value as one of another type, as far as the database can make it one.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Product;
    /// let euros = columns((Product::SKU, Product::PRICE_CENTS.cast::<f64>() / 100.0));
    /// assert_eq!(euros.to_string(), r#"SELECT "sku", CAST("price_cents" AS double precision) / $1 FROM "product""#);
    /// ```
    pub fn cast<T: ScalarType>(self) -> SqlExpr<M, F::With<T>> {
        let to = <T as ScalarType>::SQL.name();
        SqlExpr::new(Expr::Cast { value: Box::new(self.expr), to })
    }
}

impl<M: Source, F: ColumnType> Column<M, F> {
    /// The value as one of another type, as far as the database can make it one; as of an expression.
    pub fn cast<T: ScalarType>(self) -> SqlExpr<M, F::With<T>> {
        let to = <T as ScalarType>::SQL.name();
        SqlExpr::new(Expr::Cast { value: Box::new(self.expr()), to })
    }
}
