//! Locks on the rows that a query gives.

use crate::error::{Error, ErrorKind, Result};
use crate::mapper::Source;
use crate::query::{Scope, Select};
use crate::sql::{self, Lock, LockStrength, LockWait};

/// Locks hold until the transaction ends, so they belong into a session or onto a [`Connection`](crate::engine::Connection) with an open
/// transaction: on an engine a query is a transaction by itself. A session begins its transaction with a query that locks, and takes
/// over what the rows say by now, with unsaved changes on top.
///
/// Of a join the rows of the first source are locked. Groups, DISTINCT, window functions and right and full joins give no rows of it: locking them is a
/// [`LockRefused`](ErrorKind::LockRefused) error.
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
/// // Each of two workers takes what the other one did not take.
/// let next = select::<Product>().order_by(Product::ID).limit(1).for_update().skip_locked();
/// let (mut first, mut second) = (engine.session(), engine.session());
/// let tea = first.all(next.clone()).await?[0];
/// let other = second.all(next).await?[0];
/// assert_eq!((&*first[tea].sku, &*second[other].sku), ("T-1", "T-2"));
///
/// let error = engine.fetch_all(select::<Product>().for_no_key_update().nowait()).await.unwrap_err();
/// assert!(error.is_lock_not_available());
/// assert!(select::<Product>().for_share().to_string().ends_with(r#"FROM "product" FOR SHARE"#));
/// assert!(select::<Cart>().join(Cart::CUSTOMER).for_key_share().to_string().ends_with(r#"FOR KEY SHARE OF "cart""#));
/// # Ok(()) }
/// ```
impl<S: Scope, R> Select<S, R> {
    /// Locks the rows: nobody else updates, deletes or locks them.
    pub fn for_update(self) -> Self {
        self.lock(LockStrength::Update)
    }

    /// [`for_update`](Self::for_update) for updates that change no key, which others may refer to in the meantime.
    pub fn for_no_key_update(self) -> Self {
        self.lock(LockStrength::NoKeyUpdate)
    }

    /// Locks the rows as they are: others may lock them in this way, too, and nobody updates or deletes them.
    pub fn for_share(self) -> Self {
        self.lock(LockStrength::Share)
    }

    /// Locks the keys of the rows: nobody deletes them or changes their keys.
    pub fn for_key_share(self) -> Self {
        self.lock(LockStrength::KeyShare)
    }

    /// Leaves out rows that others have locked, instead of waiting for them. It stands behind the lock.
    pub fn skip_locked(self) -> Self {
        self.wait(LockWait::SkipLocked, "skip_locked")
    }

    /// Fails at once when others have locked a row ([`is_lock_not_available`](Error::is_lock_not_available)). It stands behind the lock.
    pub fn nowait(self) -> Self {
        self.wait(LockWait::NoWait, "nowait")
    }

    fn lock(self, strength: LockStrength) -> Self {
        self.change(|ast| ast.lock = Some(Lock { strength, wait: LockWait::Wait }))
    }

    fn wait(mut self, wait: LockWait, call: &str) -> Self {
        match self.ast.as_mut().map(|ast| &mut ast.lock) {
            Ok(Some(lock)) => lock.wait = wait,
            Ok(None) => {
                self.ast =
                    Err(format!("`{call}()` says nothing without a lock: call `for_update()` before it"));
            }
            Err(_) => {}
        }
        self
    }

    /// Whether the query locks its rows.
    pub(crate) fn locks(&self) -> bool {
        self.ast.as_ref().is_ok_and(|ast| ast.lock.is_some())
    }

    /// # Errors
    /// [`LockRefused`](ErrorKind::LockRefused) for a query without rows that could be locked.
    pub(in crate::query) fn check_lock(&self, ast: &sql::Select) -> Result<()> {
        let Some(why) = ast.refuses_lock() else { return Ok(()) };
        let name = S::Root::name();
        let why = format!("the rows of a query of `{name}` cannot be locked: {why}");
        Err(Error::new(ErrorKind::LockRefused, why).with_model(name))
    }
}
