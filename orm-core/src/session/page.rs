//! Pages whose rows become objects of the session, or values of its transaction.

use super::planned::Asked;
use super::{Query, Session};
use crate::error::{Error, ErrorKind, Result};
use crate::load::Known;
use crate::mapper::{Handle, Model};
use crate::query::{Page, PageQuery, Scope};

impl Session {
    /// A page whose rows become objects, each once, with the relations of the query's paths.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # session.add_all((1..=3).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(100 * n)));
    /// # session.commit().await?;
    /// let mut session = engine.session();
    /// let products = select::<Product>().order_by(Product::PRICE_CENTS).with(Product::CARTS);
    /// let page = session.page(products.clone().page_after(None, 2)).await?;
    /// assert_eq!(session[page.rows[1]].sku, "T-2");
    /// let next = session.page(products.page_after(page.next.as_deref(), 2)).await?;
    /// assert_eq!(session[next.rows[0]].sku, "T-3");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`all`](Self::all) and [`PageQuery::fetch_page`].
    pub async fn page<S: Scope<Root: Model>>(
        &mut self,
        page: PageQuery<S, S::Root>,
    ) -> Result<Page<Handle<S::Root>>> {
        self.load_page(page, Known::Keep).await
    }

    /// A page of values: what changed is flushed before, the session's criteria hold, and no object is made.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.add_all((1..=3).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(100 * n)));
    /// let skus = columns(Product::SKU).order_by(Product::SKU.desc());
    /// assert_eq!(session.fetch_page(skus.page_after(None, 2)).await?.rows, ["T-3", "T-2"]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all) and [`PageQuery::fetch_page`].
    pub async fn fetch_page<S: Scope<Root: Model>, R>(&mut self, page: PageQuery<S, R>) -> Result<Page<R>> {
        let (select, planned) = page.plan()?;
        let query = self.restricted(&select)?.render();
        let statement = query.map_err(|why| Error::new(ErrorKind::Mapping, why))?;
        self.flush_before_query().await?;
        let replies = self.read_and_lock(select.locks(), vec![statement], &mut []).await;
        let mut replies = replies.map_err(|error| planned.blame(error))?;
        let mut rows = replies.pop().unwrap_or_default().rows;
        let ends = planned.cut(&mut rows)?;
        let rows = rows.iter().map(|row| select.read(row)).collect::<Result<_>>()?;
        Ok(planned.page(rows, ends))
    }

    pub(super) async fn load_page<S: Scope<Root: Model>>(
        &mut self,
        page: PageQuery<S, S::Root>,
        known: Known,
    ) -> Result<Page<Handle<S::Root>>> {
        let (select, turn) = page.plan()?;
        let store = self.arena.store_for::<S::Root>()?;
        let query = select.restricted(self.arena.criteria())?;
        let locks = select.locks();
        let known = if locks && known == Known::Keep { Known::Renew } else { known };
        let asked = Asked { store, query, paths: &select.paths, layout: &select.layout, known };
        let (statements, mut planned) = self.plan_query(asked)?;
        self.flush_before_query().await?;
        let mut rows = Vec::new();
        let mut takers: Vec<_> = planned.takers_beside(&mut rows).collect();
        let sent = self.read_and_lock(locks, statements, &mut takers).await;
        sent.map_err(|error| turn.blame(error))?;
        let ends = turn.cut(&mut rows)?;
        planned.take(rows);
        let slots = self.take_planned(planned).await?;
        let id = self.id();
        Ok(turn.page(slots.into_iter().map(|slot| Handle::new(id, slot)).collect(), ends))
    }
}

/// Pages of objects; what they are made of and what cursors are tells [`PageQuery`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # session.add_all((1..=3).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(100 * n)));
/// # session.commit().await?;
/// let first = session.query::<Product>().order_by(Product::PRICE_CENTS).page_after(None, 2).await?;
/// let second = session.query::<Product>().order_by(Product::PRICE_CENTS).page_after(first.next.as_deref(), 2).await?;
/// assert_eq!(session[second.rows[0]].sku, "T-3");
/// let before = second.previous.as_deref();
/// assert_eq!(session.query::<Product>().order_by(Product::PRICE_CENTS).page_before(before, 2).await?, first);
/// assert_eq!(session.query::<Product>().order_by(Product::PRICE_CENTS).page_number(1, 2).await?.rows, second.rows);
/// # Ok(()) }
/// ```
impl<T: Model, S: Scope<Root = T>> Query<'_, T, S> {
    /// The page of so many rows behind a cursor, or from the beginning.
    ///
    /// # Errors
    /// As [`Session::page`].
    pub async fn page_after(self, cursor: Option<&str>, rows: u32) -> Result<Page<Handle<T>>> {
        let (mut session, select, known) = self.into_parts().await?;
        session.load_page(select.page_after(cursor, rows), known).await
    }

    /// The page of so many rows before a cursor, or at the end.
    ///
    /// # Errors
    /// As [`Session::page`].
    pub async fn page_before(self, cursor: Option<&str>, rows: u32) -> Result<Page<Handle<T>>> {
        let (mut session, select, known) = self.into_parts().await?;
        session.load_page(select.page_before(cursor, rows), known).await
    }

    /// The page with this number; the first one is 0.
    ///
    /// # Errors
    /// As [`Session::page`].
    pub async fn page_number(self, number: u32, rows: u32) -> Result<Page<Handle<T>>> {
        let (mut session, select, known) = self.into_parts().await?;
        session.load_page(select.page_number(number, rows), known).await
    }
}
