//! Asking how the server runs a query.

use crate::engine::{Connection, Engine, Executor, Plan, Reply};
use crate::error::{Error, Result};
use crate::query::{PageQuery, Scope, Select};
use crate::sql::{Statement, Text};
use crate::types::{JsonText, ScalarType, read_scalar};

/// What EXPLAIN is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Explain {
    /// The plan.
    Plan,
    /// The plan, and what happens when it runs.
    Analyze,
}

impl Explain {
    /// The statement that asks about another one.
    pub(crate) fn about(self, statement: &Statement) -> Statement {
        let asks = match self {
            Self::Plan => "EXPLAIN (FORMAT JSON) ",
            Self::Analyze => "EXPLAIN (ANALYZE, FORMAT JSON) ",
        };
        Statement { text: format!("{asks}{}", statement.text).into(), params: statement.params.clone() }
    }

    /// The plan that was the answer.
    ///
    /// # Errors
    /// [`Decode`](crate::ErrorKind::Decode)
    pub(crate) fn read(reply: &Reply) -> Result<Plan> {
        let said = reply.rows.first().map(|row| read_scalar::<JsonText>(row, 0)).transpose();
        let said = said.map_err(|source| Error::decode("the plan", source.into()))?.flatten();
        Plan::read(&said.map(|text| text.to_json()).unwrap_or_default())
    }
}

impl<S: Scope, R> Select<S, R> {
    /// How the server would run the query.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let plan = select::<Product>().filter(Product::SKU.eq("T-1")).explain(&engine).await?;
    /// assert_eq!(plan.root.index.as_deref(), Some("uq_product_sku"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn explain(self, executor: impl Executor) -> Result<Plan> {
        self.explain_by(Explain::Plan, executor).await
    }

    /// [`explain`](Self::explain), and what happened: this runs the query.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let plan = select::<Product>().join(Product::CARTS).explain_analyze(&engine).await?;
    /// println!("{plan}");
    /// assert!(plan.root.actual.is_some());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn explain_analyze(self, executor: impl Executor) -> Result<Plan> {
        self.explain_by(Explain::Analyze, executor).await
    }

    async fn explain_by(self, how: Explain, executor: impl Executor) -> Result<Plan> {
        self.no_paths()?;
        Explain::read(&executor.run(how.about(&self.statement()?)).await?)
    }
}

/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::sql;
/// let plan = sql!("SELECT * FROM product WHERE id = {}", 1_i64).explain(&engine).await?;
/// assert_eq!(plan.root.index.as_deref(), Some("pk_product"));
/// let plan = sql!("SELECT * FROM product WHERE id = {}", 1_i64).explain_analyze(&engine).await?;
/// assert_eq!(plan.root.actual.unwrap().rows, 0.0);
/// # Ok(()) }
/// ```
impl Text {
    /// How the server would run the text.
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub async fn explain(self, executor: impl Executor) -> Result<Plan> {
        self.explain_by(Explain::Plan, executor).await
    }

    /// [`explain`](Self::explain), and what happened: this runs the text.
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub async fn explain_analyze(self, executor: impl Executor) -> Result<Plan> {
        self.explain_by(Explain::Analyze, executor).await
    }

    async fn explain_by(self, how: Explain, executor: impl Executor) -> Result<Plan> {
        Explain::read(&executor.run(how.about(&self.into_statement()?)).await?)
    }
}

/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let page = select::<Product>().order_by(Product::SKU).page_after(None, 20);
/// assert_eq!(page.explain(&engine).await?.root.kind, "Limit");
/// # Ok(()) }
/// ```
impl<S: Scope, R> PageQuery<S, R> {
    /// How the server would run the query of the page.
    ///
    /// # Errors
    /// As [`fetch_page`](Self::fetch_page).
    pub async fn explain(self, executor: impl Executor) -> Result<Plan> {
        self.plan()?.0.explain(executor).await
    }

    /// [`explain`](Self::explain), and what happened: this runs the query.
    ///
    /// # Errors
    /// As [`fetch_page`](Self::fetch_page).
    pub async fn explain_analyze(self, executor: impl Executor) -> Result<Plan> {
        self.plan()?.0.explain_analyze(executor).await
    }
}

macro_rules! explains {
    ($ty:ty, $self:ident, $($receiver:tt)+) => {
        impl $ty {
            /// How the server would run a query.
            ///
            /// # Errors
            /// As [`Select::explain`].
            pub async fn explain<S: Scope, R>($($receiver)+, select: Select<S, R>) -> Result<Plan> {
                select.explain($self).await
            }

            /// [`explain`](Self::explain), and what happened: this runs the query.
            ///
            /// # Errors
            /// As [`Select::explain_analyze`].
            pub async fn explain_analyze<S: Scope, R>($($receiver)+, select: Select<S, R>) -> Result<Plan> {
                select.explain_analyze($self).await
            }
        }
    };
}
explains!(Engine, self, &self);
explains!(Connection, self, &mut self);
