//! Models of the rows of the program's own SQL, without a session.

use crate::engine::Executor;
use crate::error::Result;
use crate::mapper::{Layout, Model, ModelRow};
use crate::sql::Text;
use tokio_postgres::{Column, Row};

/// Where the columns of a model stand in rows that SQL of the program's own gave.
///
/// # Errors
/// [`Decode`](crate::ErrorKind::Decode) for a column that is missing, or that is there more than once.
pub(crate) fn layout_of<M: Model>(rows: &[Row]) -> Result<Layout> {
    let columns: &[Column] = rows.first().map_or(&[], Row::columns);
    let positions = |name: &str| {
        let found = columns.iter().enumerate().filter(|(_, column)| column.name() == name);
        found.map(|(position, _)| position).collect()
    };
    Layout::named(M::def(), positions)
}

impl Text {
    /// The rows as owned values of a model: columns are found by their names, whatever their order, and others may stand beside them.
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
    /// let text = sql!("SELECT now(), product.* FROM product WHERE price_cents < {}", 400_i64);
    /// let cheap: Vec<Product> = text.models(&engine).await?;
    /// assert_eq!(cheap[0].sku, "T-1");
    /// let error = sql!("SELECT id FROM product").models::<Product>(&engine).await.unwrap_err();
    /// assert_eq!(error.to_string(), "the rows have no column `sku`, which a `Product` needs: select it");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch); [`Decode`](crate::ErrorKind::Decode) for a column that is missing, or that is there more than once.
    pub async fn models<M: Model>(self, executor: impl Executor) -> Result<Vec<M>> {
        let reply = executor.run(self.into_statement()?).await?;
        if reply.rows.is_empty() {
            return Ok(Vec::new());
        }
        let layout = layout_of::<M>(&reply.rows)?;
        reply.rows.iter().map(|row| M::from_row(ModelRow::new(row, &layout, 0))).collect()
    }
}
