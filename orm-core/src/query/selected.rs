//! What a query of values can select.

use super::{Operand, SqlExpr};
use crate::error::{Error, Result};
use crate::mapper::{Column, Model};
use crate::sql::Expr;
use crate::types::{ColumnType, ScalarType, read_column};
use tokio_postgres::Row;

/// One value a row: a column, or an expression.
///
/// An expression that can be `NULL` is selected as [`nullable`](SqlExpr::nullable), which gives an `Option`.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::query::Selected;
/// /// One value of each row.
/// async fn all<V: Selected>(engine: &Engine, value: V) -> orm_core::Result<Vec<V::Value>> {
///     Ok(engine.fetch_all(columns((value,))).await?.into_iter().map(|(value,)| value).collect())
/// }
/// Customer::builder().name("Ann").email("ann@example.org").build().insert(&engine).await?;
/// assert_eq!(all(&engine, Customer::NAME).await?, ["Ann"]);
/// assert_eq!(all(&engine, (Customer::AGE + 1).nullable()).await?, [None]);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a query can select",
    label = "expected a column or an expression of one model"
)]
pub trait Selected {
    /// The model.
    type Model: Model;
    /// What a row gives.
    type Value;
    /// What is selected.
    #[doc(hidden)]
    fn selected(self) -> Expr;
    /// Reads it from a column of a row.
    ///
    /// # Errors
    /// [`Decode`](crate::ErrorKind::Decode)
    #[doc(hidden)]
    fn read(row: &Row, at: usize) -> Result<Self::Value>;
}

impl<M: Model, F: ColumnType> Selected for Column<M, F> {
    type Model = M;
    type Value = F::Fetched;

    fn selected(self) -> Expr {
        self.into_expr()
    }

    fn read(row: &Row, at: usize) -> Result<F::Fetched> {
        read::<M, _>(row, at)
    }
}

impl<M: Model, T: ScalarType> Selected for SqlExpr<M, T> {
    type Model = M;
    type Value = T;

    fn selected(self) -> Expr {
        self.expr
    }

    fn read(row: &Row, at: usize) -> Result<T> {
        read::<M, _>(row, at)
    }
}

/// An expression that can be `NULL`, made by [`SqlExpr::nullable`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// let next = columns((Customer::NAME, (Customer::AGE + 1).nullable())); // a `(String, Option<i32>)` a row
/// assert_eq!(next.to_string(), r#"SELECT "name", "age" + $1 FROM "customer""#);
/// ```
#[derive(Clone, Debug)]
#[must_use = "an expression does nothing before it is selected"]
pub struct Nullable<E>(E);

impl<M, T> SqlExpr<M, T> {
    /// The expression as one that is selected as an `Option`.
    pub const fn nullable(self) -> Nullable<Self> {
        Nullable(self)
    }
}

impl<M: Model, T: ScalarType> Selected for Nullable<SqlExpr<M, T>> {
    type Model = M;
    type Value = Option<T>;

    fn selected(self) -> Expr {
        self.0.expr
    }

    fn read(row: &Row, at: usize) -> Result<Option<T>> {
        read::<M, _>(row, at)
    }
}

fn read<M: Model, F: ColumnType>(row: &Row, at: usize) -> Result<F> {
    read_column(row, at).map_err(|source| {
        let name = row.columns().get(at).map_or("?", tokio_postgres::Column::name);
        Error::decode(format_args!("`{}.{name}`", M::def().table), source)
    })
}
