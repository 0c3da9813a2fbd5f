//! SQL text of the program's own as a part of a query.

use crate::query::{Filter, Predicate, Scoped};
use crate::sql::Text;
use crate::types::ColumnType;

/// A condition in SQL of the program's own: what the query language has no word for.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # Product::builder().sku("T-1").title("Tea").price_cents(390).build().insert(&engine).await?;
/// use orm_core::sql;
/// let step = 10_i64; // it is bound
/// let round = select::<Product>().filter(Product::SKU.eq("T-1")).filter(sql!("price_cents % {} = 0", step));
/// assert_eq!(engine.count(round).await?, 1);
/// # Ok(()) }
/// ```
///
/// It is part of the query's text as it stands, in brackets: where a query has several tables, say `product.price_cents`. Criteria do
/// not reach into it. A wrong number of values is an error when the query runs.
impl<S> Filter<S> for Text {
    fn into_predicate(self) -> Predicate<S> {
        Predicate::new(self.into_expr())
    }
}

impl Text {
    /// The text as a value of type `T` of a query, such as an operator that the query language has no word for; an `Option` can be
    /// `NULL`. It is selected, compared, computed with and ordered by as other values are.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # Product::builder().sku("T-1").title("Tea").price_cents(390).build().insert(&engine).await?;
    /// use orm_core::sql;
    /// let rest = sql!("price_cents % {}", 100_i64).value::<i64, _>();
    /// let rows = select::<Product>().columns((Product::SKU, rest.clone())).filter(rest.gt(50)).fetch_all(&engine).await?;
    /// assert_eq!(rows, [("T-1".to_owned(), 90)]);
    /// # Ok(()) }
    /// ```
    pub fn value<T: ColumnType, S>(self) -> Scoped<S, T> {
        Scoped::new(self.into_expr())
    }
}
