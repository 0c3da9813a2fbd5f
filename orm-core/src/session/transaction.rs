//! A closure as a transaction, run again when it lost a race.

use super::Session;
use super::context::Context;
use crate::engine::{Engine, Isolation};
use crate::error::{Error, ErrorKind};
use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How [`Engine::transaction_with`] runs a transaction.
///
/// ```
/// use orm_core::{Isolation, TransactionOptions};
/// let options = TransactionOptions::default().isolation(Isolation::Serializable).attempts(20);
/// assert!(format!("{options:?}").contains("attempts: 20"));
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing by themselves"]
pub struct TransactionOptions {
    isolation: Isolation,
    attempts: u32,
    pub(super) context: Context,
}

impl Default for TransactionOptions {
    fn default() -> Self {
        Self { isolation: Isolation::default(), attempts: 10, context: Context::default() }
    }
}

impl TransactionOptions {
    /// The isolation; that of the server unless set.
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = isolation;
        self
    }

    /// How often the transaction is tried at the most; 10 times unless set, at least once.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }
}

/// The session of one attempt; a [`Session`] in every other way.
///
/// It is owned, so that the closure's future can be sent to another thread and may borrow from around it.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::TransactionSession;
/// async fn move_carts(mut session: TransactionSession, from: i64, to: i64) -> orm_core::Result<usize> {
///     let (from, to) = (session.get_one::<Customer>(from).await?, session.get_one::<Customer>(to).await?);
///     let carts = session.load(from, Customer::CARTS).await?;
///     session[to].carts.extend(carts.iter().copied());
///     Ok(carts.len())
/// }
/// # let mut session = engine.session();
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder()]));
/// # session.add(Customer::builder().name("Bea").email("bea@example.org"));
/// # session.commit().await?;
/// let moved = engine.transaction(|session| move_carts(session, 1, 2)).await?;
/// assert_eq!((moved, engine.count(select::<Cart>().filter(Cart::CUSTOMER_ID.eq(2))).await?), (1, 1));
/// # Ok(()) }
/// ```
pub struct TransactionSession {
    session: Option<Session>,
    home: Home,
}

type Home = Arc<Mutex<Option<Session>>>;

impl Deref for TransactionSession {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session.as_ref().expect("there until the drop")
    }
}

impl DerefMut for TransactionSession {
    fn deref_mut(&mut self) -> &mut Session {
        self.session.as_mut().expect("there until the drop")
    }
}

impl Drop for TransactionSession {
    fn drop(&mut self) {
        *self.home.lock().unwrap_or_else(PoisonError::into_inner) = self.session.take();
    }
}

impl fmt::Debug for TransactionSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl Engine {
    /// Runs a closure as a transaction: commits when it gives `Ok`, rolls back when it gives an error or panics.
    ///
    /// A transaction that lost a race against another one (40001, 40P01) is run again, on a fresh session, after a pause
    /// that grows and varies; never one whose outcome is unknown. So the closure may run several times.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # Product::builder().sku("T-1").title("Tea").price_cents(390).build().insert(&engine).await?;
    /// let raise = 10;
    /// let price = engine.transaction(|mut session| async move {
    ///     let tea = session.query::<Product>().filter(Product::SKU.eq("T-1")).one().await?;
    ///     session[tea].price_cents += raise;
    ///     Ok::<_, orm_core::Error>(session[tea].price_cents)
    /// }).await?;
    /// assert_eq!(price, 400);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The closure's; what [`Session::commit`] refuses; the last lost race when no attempt is left.
    pub async fn transaction<R, E, F, Fut>(&self, work: F) -> Result<R, E>
    where
        F: FnMut(TransactionSession) -> Fut,
        Fut: Future<Output = Result<R, E>>,
        E: From<Error>,
    {
        self.transaction_with(TransactionOptions::default(), work).await
    }

    /// [`transaction`](Self::transaction) with another isolation or number of attempts.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::{Isolation, TransactionOptions};
    /// let options = TransactionOptions::default().isolation(Isolation::Serializable).attempts(3);
    /// let added = engine.transaction_with(options, |mut session| async move {
    ///     let free = session.query::<Customer>().count().await? < 100;
    ///     free.then(|| session.add(Customer::builder().name("Ann").email("ann@example.org")));
    ///     Ok::<_, orm_core::Error>(free)
    /// }).await?;
    /// assert!(added);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As there.
    pub async fn transaction_with<R, E, F, Fut>(
        &self,
        options: TransactionOptions,
        mut work: F,
    ) -> Result<R, E>
    where
        F: FnMut(TransactionSession) -> Fut,
        Fut: Future<Output = Result<R, E>>,
        E: From<Error>,
    {
        for tries in 1.. {
            let mut session = self.session();
            session.options.isolation = options.isolation;
            session.context = options.context.clone();
            match attempt(session, &mut work).await {
                Ok(value) => return Ok(value),
                Err(failure) if !failure.lost_race || tries >= options.attempts => return Err(failure.error),
                Err(_) => tokio::time::sleep(pause(tries)).await,
            }
        }
        unreachable!("the last attempt returns")
    }
}

/// Why a transaction was not committed.
pub(super) struct Failure<E> {
    pub(super) error: E,
    /// Whether it can be run again.
    lost_race: bool,
}

/// Runs a closure as one transaction of a new session.
pub(super) async fn attempt<R, E, Fut>(
    mut session: Session,
    work: impl FnOnce(TransactionSession) -> Fut,
) -> Result<R, Failure<E>>
where
    Fut: Future<Output = Result<R, E>>,
    E: From<Error>,
{
    let home = Home::default();
    session.options.transactional = true;
    let outcome = work(TransactionSession { session: Some(session), home: home.clone() }).await;
    let back = home.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(mut session) = back else {
        let why = "the session of a transaction outlived its closure, so it cannot be committed";
        return Err(Failure { error: Error::new(ErrorKind::Config, why).into(), lost_race: false });
    };
    let error = match outcome {
        Ok(value) => match session.commit().await {
            Ok(()) => return Ok(value),
            Err(error) => error.into(),
        },
        Err(error) => error,
    };
    let lost_race = session.has_lost_a_race();
    // Gives the connection back to the pool, where that is still possible.
    let _ = session.rollback().await;
    Err(Failure { error, lost_race })
}

/// Half to all of 2, 4, 8 … 256 ms, at random, so that two losers do not meet again.
fn pause(attempt: u32) -> Duration {
    let longest = 1_000 << attempt.min(8);
    let random = RandomState::new().hash_one(attempt) % (longest / 2);
    Duration::from_micros(longest / 2 + random)
}
