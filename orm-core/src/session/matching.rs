//! UPDATE and DELETE by a query, which keep the identity map true.

use super::query::Query;
use super::values::check_settable;
use crate::bulk::{delete, update};
use crate::error::Result;
use crate::mapper::{Column, DeclarativeBase, Model, Writable};
use crate::query::{Assign, Assignment};
use crate::types::ColumnType;

/// An UPDATE of all rows that a query finds: [`Query::set`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let teas = session.add_all([390, 450].map(|price| {
///     Product::builder().sku(format!("T-{price}")).title("Tea").price_cents(price)
/// }));
/// session.commit().await?;
/// let dearer = session
///     .query::<Product>()
///     .filter(Product::PRICE_CENTS.lt(400))
///     .set(Product::PRICE_CENTS, Product::PRICE_CENTS + 10)
///     .set(Product::TITLE, "Green tea")
///     .update()
///     .await?; // one statement for any number of rows
/// assert_eq!(dearer, 1);
/// assert_eq!((session[teas[0]].price_cents, session[teas[1]].price_cents), (400, 450)); // and the objects know
/// session.commit().await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "an update does nothing before it is run"]
pub struct QueryUpdate<'s, T: Model> {
    query: Query<'s, T>,
    set: Vec<Assignment<T>>,
}

impl<'s, T: Model> Query<'s, T> {
    /// Sets a column of every row that the query finds; [`QueryUpdate::update`] sends it.
    ///
    /// The value is one of the column, or an expression over columns of the row. Keys, foreign keys of relations and columns
    /// that only the database or the flush may write are refused.
    pub fn set<F: ColumnType, I>(
        self,
        column: Column<T, F>,
        value: impl Assign<T, F, I>,
    ) -> QueryUpdate<'s, T>
    where
        T: Writable,
    {
        QueryUpdate { query: self, set: Vec::new() }.set(column, value)
    }

    /// Deletes every row that the query finds, in one statement; gives their number.
    ///
    /// Objects of the session that are deleted so are known to be. Cascades of the models are not followed: what the database
    /// does to other rows (`ON DELETE`) makes the objects of those models stale. No listener of deletions is asked.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// session.commit().await?;
    /// assert_eq!(session.query::<Product>().filter(Product::PRICE_CENTS.gt(100)).delete().await?, 1);
    /// assert_eq!(session.state(tea)?, orm_core::state::ObjectState::Deleted);
    /// session.rollback().await?;
    /// assert_eq!(session[tea].title, "Tea"); // it is back
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server's, such as a foreign key violation; [`NeedsRollback`](crate::ErrorKind::NeedsRollback).
    pub async fn delete(self) -> Result<u64>
    where
        T: Writable,
    {
        let (mut session, select, _) = self.into_parts().await?;
        delete(select).execute(&mut *session).await
    }
}

impl<T: Writable> QueryUpdate<'_, T> {
    /// Sets another column.
    pub fn set<F: ColumnType, I>(mut self, column: Column<T, F>, value: impl Assign<T, F, I>) -> Self {
        self.set.push(column.set_to(value));
        self
    }

    /// Sends the UPDATE; gives the number of rows.
    ///
    /// Changes of the session are flushed before. Objects that it has become as their rows are now; a version column grows;
    /// `onupdate` and listeners of updates are not asked.
    ///
    /// # Errors
    /// The server's; [`ReadOnly`](crate::ErrorKind::ReadOnly) for a column that cannot be set so;
    /// [`NeedsRollback`](crate::ErrorKind::NeedsRollback).
    pub async fn update(self) -> Result<u64> {
        let mapper = T::Base::registry()?.mapper(T::def())?;
        self.set.iter().try_for_each(|set| check_settable(mapper, set.set.column))?;
        let (mut session, select, _) = self.query.into_parts().await?;
        update(select).set(self.set).execute(&mut *session).await
    }
}
