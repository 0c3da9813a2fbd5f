//! Values and owned rows, as the session's transaction and criteria have them.

use super::Session;
use crate::engine::ReadRows;
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::statement_of;
use crate::query::fetch::{multiple_found, not_found};
use crate::query::{Scope, Select};
use crate::types::read_column;
use tokio_postgres::Row;

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
    pub async fn fetch_all<S: Scope, R: Send>(&mut self, select: Select<S, R>) -> Result<Vec<R>> {
        let statement = statement_of(&select.layout, &self.restricted(&select)?);
        let statement = statement.map_err(|why| Error::new(ErrorKind::Mapping, why))?;
        self.flush_before_query().await?;
        let mut rows = ReadRows::new(|row: &Row| select.read(row));
        self.read_and_lock(select.locks(), vec![statement], &mut [&mut rows]).await?;
        rows.finish()
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
    pub async fn fetch_one<S: Scope, R: Send>(&mut self, select: Select<S, R>) -> Result<R> {
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
    pub async fn fetch_optional<S: Scope, R: Send>(&mut self, select: Select<S, R>) -> Result<Option<R>> {
        let mut rows = self.fetch_all(select.at_most_two()).await?;
        let first = rows.pop();
        if rows.is_empty() { Ok(first) } else { Err(multiple_found::<S::Root>()) }
    }

    /// The first row of a query or `None`, as [`fetch_all`](Self::fetch_all) gives it.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.add_all(["T-1", "T-2"].map(|sku| Product::builder().sku(sku).title("Tea").price_cents(390)));
    /// let last = columns(Product::SKU).order_by(Product::ID.desc());
    /// assert_eq!(session.fetch_first(last).await?.as_deref(), Some("T-2"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_first<S: Scope, R: Send>(&mut self, select: Select<S, R>) -> Result<Option<R>> {
        Ok(self.fetch_all(select.at_most_one()).await?.pop())
    }

    /// How many rows a query has; what changed is flushed before, and the session's criteria hold.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.add_all(["T-1", "T-2"].map(|sku| Product::builder().sku(sku).title("Tea").price_cents(390)));
    /// assert_eq!(session.count(columns(Product::TITLE).distinct()).await?, 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn count<S: Scope, R>(&mut self, select: Select<S, R>) -> Result<i64> {
        let locks = select.locks();
        let query = self.restricted(&select.into_count())?.render();
        let statement = query.map_err(|why| Error::new(ErrorKind::Mapping, why))?;
        self.flush_before_query().await?;
        let replies = self.read_and_lock(locks, vec![statement], &mut []).await?;
        let row = replies.first().and_then(|reply| reply.rows.first()).ok_or_else(not_found::<S::Root>)?;
        read_column(row, 0).map_err(|source| Error::decode("the count", source))
    }

    /// Whether a query has a row; what changed is flushed before, and the session's criteria hold.
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
    /// assert!(session.exists(select::<Product>().filter(Product::SKU.eq("T-1"))).await?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn exists<S: Scope, R>(&mut self, select: Select<S, R>) -> Result<bool> {
        Ok(self.count(select.at_most_one()).await? > 0)
    }
}
