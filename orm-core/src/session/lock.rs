//! Locks on rows, inside the session's transaction.

use super::{Query, Session};
use crate::engine::{Reply, Request, TakeRows};
use crate::error::Result;
use crate::mapper::{Handle, Model};
use crate::query::{Scope, Select};
use crate::record::key_is;
use crate::sql::Statement;
use crate::types::IntoKey;

/// Locks that hold until the transaction ends, which begins with the query when none is open. What the rows say by now goes into the
/// objects, with unsaved changes on top.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # session.add_all(["T-1", "T-2"].map(|sku| Product::builder().sku(sku).title("Tea").price_cents(390)));
/// # session.commit().await?;
/// let tea = session.query::<Product>().for_update().get(1).await?.unwrap();
/// session[tea].price_cents += 10; // nobody else changes the price until the commit
/// let mut other = engine.session();
/// let error = other.query::<Product>().for_no_key_update().nowait().all().await.unwrap_err();
/// assert!(error.is_lock_not_available());
/// other.rollback().await?;
/// assert_eq!(other.query::<Product>().for_share().skip_locked().all().await?.len(), 1);
/// assert!(other.query::<Product>().for_key_share().skip_locked().get(1).await?.is_none());
/// session.commit().await?;
///
/// // What nobody else is about to take is deleted.
/// let old = session.query::<Product>().filter(Product::TITLE.eq("Tea")).limit(1);
/// assert_eq!(old.order_by(Product::ID).for_update().skip_locked().delete().await?, 1);
/// # Ok(()) }
/// ```
impl<T: Model, S: Scope<Root = T>> Query<'_, T, S> {
    /// As [`Select::for_update`].
    pub fn for_update(self) -> Self {
        self.change(Select::for_update)
    }

    /// As [`Select::for_no_key_update`].
    pub fn for_no_key_update(self) -> Self {
        self.change(Select::for_no_key_update)
    }

    /// As [`Select::for_share`].
    pub fn for_share(self) -> Self {
        self.change(Select::for_share)
    }

    /// As [`Select::for_key_share`].
    pub fn for_key_share(self) -> Self {
        self.change(Select::for_key_share)
    }

    /// As [`Select::skip_locked`].
    pub fn skip_locked(self) -> Self {
        self.change(Select::skip_locked)
    }

    /// As [`Select::nowait`].
    pub fn nowait(self) -> Self {
        self.change(Select::nowait)
    }

    /// The object with this primary key, when the query finds it. It always asks the database, where
    /// [`Session::get`] does so only for an object that the session does not have.
    ///
    /// # Errors
    /// As [`Session::all`].
    pub async fn get(self, key: impl IntoKey<T::Key>) -> Result<Option<Handle<T>>> {
        let key: T::Key = key.into_key();
        Ok(self.change(|select| select.require(vec![key_is::<T>(&key)])).run_for_one().await?.1)
    }
}

impl Session {
    /// Sends the statements of queries: inside the transaction when they lock rows.
    pub(super) async fn read_and_lock(
        &mut self,
        locks: bool,
        statements: Vec<Statement>,
        takers: &mut [&mut dyn TakeRows],
    ) -> Result<Vec<Reply>> {
        if !locks {
            return self.read_into(statements, takers).await;
        }
        self.usable()?;
        let replies = self.fly_inside(statements.into_iter().map(Request::Run), takers).await;
        replies.map_err(|error| self.retell(error))
    }
}
