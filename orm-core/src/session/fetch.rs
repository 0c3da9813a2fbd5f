//! Values and owned rows, as the session's transaction and criteria have them.

use super::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::Model;
use crate::query::fetch::{multiple_found, not_found};
use crate::query::{Scope, Select};

impl Session {
    /// All rows of a query, as values: what changed is flushed before, the session's criteria hold, and no object is made.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// use orm_core::query::count;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder(), Cart::builder()]));
    /// session.flush().await?; // not committed: the engine would not see it
    /// let carts = select::<Customer>().join(Customer::CARTS).group_by(Customer::NAME).columns(|name| (name, count()));
    /// assert_eq!(session.fetch_all(carts).await?, [("Ann".to_owned(), 2)]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server's; [`Decode`](ErrorKind::Decode) for a row that does not fit; [`NeedsRollback`](ErrorKind::NeedsRollback).
    pub async fn fetch_all<S: Scope<Root: Model>, R>(&mut self, select: Select<S, R>) -> Result<Vec<R>> {
        let query = self.restricted(&select)?.render();
        let statement = query.map_err(|why| Error::new(ErrorKind::Mapping, why))?;
        self.flush_before_query().await?;
        let replies = self.read_and_lock(select.locks(), vec![statement]).await?;
        let rows = replies.first().map_or(&[][..], |reply| &reply.rows);
        rows.iter().map(|row| select.read(row)).collect()
    }

    /// The only row of a query, as [`fetch_all`](Self::fetch_all) gives it.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// use orm_core::query::max;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// let dearest = select::<Product>().aggregate(max(Product::PRICE_CENTS));
    /// assert_eq!(session.fetch_one(dearest).await?, Some(390));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), [`MultipleFound`](ErrorKind::MultipleFound), or as [`fetch_all`](Self::fetch_all).
    pub async fn fetch_one<S: Scope<Root: Model>, R>(&mut self, select: Select<S, R>) -> Result<R> {
        self.fetch_optional(select).await?.ok_or_else(not_found::<S::Root>)
    }

    /// The only row of a query or `None`, as [`fetch_all`](Self::fetch_all) gives it.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let title = columns(Product::TITLE).filter(Product::SKU.eq("X-9"));
    /// assert_eq!(session.fetch_optional(title).await?, None);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`MultipleFound`](ErrorKind::MultipleFound), or as [`fetch_all`](Self::fetch_all).
    pub async fn fetch_optional<S: Scope<Root: Model>, R>(
        &mut self,
        select: Select<S, R>,
    ) -> Result<Option<R>> {
        let mut rows = self.fetch_all(select.at_most_two()).await?;
        let first = rows.pop();
        if rows.is_empty() { Ok(first) } else { Err(multiple_found::<S::Root>()) }
    }
}
