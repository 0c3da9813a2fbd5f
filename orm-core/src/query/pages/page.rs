//! A page.

use super::Cursor;
use serde::ser::{Serialize, SerializeStruct, Serializer};

/// Some rows of a query, and the ways to those behind and before them.
///
/// It serialises as its three fields, for an answer of a web service.
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
/// use orm_core::query::Page;
/// let products = select::<Product>().order_by(Product::PRICE_CENTS.desc());
/// let page: Page<Product> = products.clone().page_after(None, 2).fetch_page(&engine).await?;
/// let page = page.map(|product| product.sku);
/// assert_eq!(page.rows, ["T-3", "T-2"]);
/// assert!(page.previous.is_none());
/// let last = products.page_after(page.next.as_deref(), 2).fetch_page(&engine).await?;
/// assert_eq!((last.rows[0].sku.as_str(), last.next), ("T-1", None));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<R> {
    /// The rows, in the order of the query.
    pub rows: Vec<R>,
    /// For [`page_after`](crate::query::Select::page_after): the rows behind these; `None` when there are none.
    pub next: Option<Cursor>,
    /// For [`page_before`](crate::query::Select::page_before): the rows before these; `None` when there are none.
    pub previous: Option<Cursor>,
}

impl<R> Page<R> {
    /// The page with something made of each row.
    pub fn map<T>(self, make: impl FnMut(R) -> T) -> Page<T> {
        let Self { rows, next, previous } = self;
        Page { rows: rows.into_iter().map(make).collect(), next, previous }
    }
}

impl<R: Serialize> Serialize for Page<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut page = serializer.serialize_struct("Page", 3)?;
        page.serialize_field("rows", &self.rows)?;
        page.serialize_field("next", &self.next)?;
        page.serialize_field("previous", &self.previous)?;
        page.end()
    }
}
