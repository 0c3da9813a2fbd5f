//! Asking how the server runs a query of a session.

use super::lent::Lent;
use super::{Query, Session};
use crate::engine::Plan;
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::Model;
use crate::query::{Explain, Scope, Select};

impl Session {
    /// How the server would run a query, with the criteria of the session. What [`with`](Select::with) loads beside it is left out.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let plan = session.explain(select::<Cart>().join(Cart::CUSTOMER)).await?;
    /// assert!(plan.nodes().any(|node| node.relation.as_deref() == Some("customer")));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub async fn explain<S: Scope, R>(&mut self, select: Select<S, R>) -> Result<Plan> {
        self.explain_by(Explain::Plan, &select).await
    }

    /// [`explain`](Self::explain), and what happened: this writes what changed, and runs the query.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// let plan = session.explain_analyze(columns(Product::SKU)).await?;
    /// assert_eq!(plan.root.actual.unwrap().rows, 1.0);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub async fn explain_analyze<S: Scope, R>(&mut self, select: Select<S, R>) -> Result<Plan> {
        self.explain_by(Explain::Analyze, &select).await
    }

    async fn explain_by<S: Scope, R>(&mut self, how: Explain, select: &Select<S, R>) -> Result<Plan> {
        let query = self.restricted(select)?;
        let runs = matches!(how, Explain::Analyze);
        let locks = query.lock.is_some() && runs;
        let statement = query.render().map_err(|why| Error::new(ErrorKind::Mapping, why))?;
        if runs {
            self.flush_before_query().await?;
        }
        let replies = self.read_and_lock(locks, vec![how.about(&statement)], &mut []).await?;
        Explain::read(&replies.into_iter().next().unwrap_or_default())
    }
}

/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// let by_key = session.query::<Product>().filter(Product::ID.eq(1)).explain().await?;
/// assert_eq!(by_key.root.index.as_deref(), Some("pk_product"));
/// let plan = session.query::<Product>().order_by(Product::SKU).limit(3).explain_analyze().await?;
/// assert_eq!(plan.root.kind, "Limit");
/// # Ok(()) }
/// ```
impl<T: Model, S: Scope<Root = T>> Query<'_, T, S> {
    /// As [`Session::explain`].
    ///
    /// # Errors
    /// As [`Session::all`].
    pub async fn explain(self) -> Result<Plan> {
        let (mut session, select, _): (Lent<'_>, _, _) = self.into_parts().await?;
        session.explain(select).await
    }

    /// As [`Session::explain_analyze`].
    ///
    /// # Errors
    /// As [`Session::all`].
    pub async fn explain_analyze(self) -> Result<Plan> {
        let (mut session, select, _): (Lent<'_>, _, _) = self.into_parts().await?;
        session.explain_analyze(select).await
    }
}
