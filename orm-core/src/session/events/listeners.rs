//! Listeners as a value, and the events of a session.

use super::registered::{OfModel, Registered};
use crate::flush::FlushPlan;
use crate::mapper::Model;
use crate::session::Session;
use std::any::TypeId;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// What a listener says that may veto: `Ok(())`, or any error as the reason.
///
/// ```
/// use orm_core::session::Verdict;
/// fn adult(age: i32) -> Verdict {
///     if age < 18 { Err(format!("{age} is too young"))? }
///     Ok(())
/// }
/// assert!(adult(41).is_ok() && adult(7).is_err());
/// ```
pub type Verdict = Result<(), Box<dyn StdError + Send + Sync>>;

/// What a program wants to hear of a session, and to have a say in.
///
/// Built once, cheap to clone, and given to any number of sessions with [`Session::listen`], or to all of a maker with
/// [`SessionMaker::listen`](crate::SessionMaker::listen). Events of objects are typed by
/// their model: the type of the closure's argument says which one. Several listeners of one event are called in the order
/// in which they were added.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::{ErrorKind, Listeners};
/// let listeners = Listeners::new()
///     .before_insert(|customer: &mut Customer| {
///         customer.email = customer.email.to_lowercase();
///         Ok(())
///     })
///     .on_set(Customer::AGE, |customer, old, new| {
///         if new < old { Err(format!("{} gets younger", customer.name))? }
///         Ok(())
///     });
///
/// let mut session = engine.session();
/// session.listen(&listeners);
/// let ann = session.add(Customer::builder().name("Ann").email("Ann@Example.org").age(41));
/// session.commit().await?;
/// assert_eq!(session[ann].email, "ann@example.org");
///
/// session[ann].age = Some(40);
/// let error = session.commit().await.unwrap_err();
/// assert_eq!((error.kind(), error.model(), error.column()), (ErrorKind::Vetoed, Some("Customer"), Some("age")));
/// assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "Ann gets younger");
/// session[ann].age = Some(42); // nothing was sent, nothing has to be rolled back
/// session.commit().await?;
/// # Ok(()) }
/// ```
///
/// # When what is told
///
/// A commit that writes tells, in this order:
///
/// 1. [`before_commit`](Self::before_commit), [`before_flush`](Self::before_flush): what they change is part of the flush.
/// 2. The cascades: what they add is attached ([`before_attach`](Self::before_attach),
///    [`on_state`](Self::on_state), [`after_attach`](Self::after_attach)).
/// 3. [`before_insert`](Self::before_insert), [`before_update`](Self::before_update), [`before_delete`](Self::before_delete) of
///    each object that is going to be written: insertions, then updates, in the order of their tables, owners first, then
///    deletions the other way round. What they change is written by the same flush. Where they refer to new objects or change collections,
///    the cascades run again, and what comes in by that is told as well, each object once.
/// 4. [`on_set`](Self::on_set) of each column that changed, with what it is going to be.
/// 5. The statements leave and their answers come. From here on nothing can be vetoed.
/// 6. [`after_begin`](Self::after_begin), when a BEGIN was among them; [`on_state`](Self::on_state) of what was written;
///    [`after_insert`](Self::after_insert), [`after_update`](Self::after_update), [`after_delete`](Self::after_delete);
///    [`after_flush`](Self::after_flush), [`after_commit`](Self::after_commit). COMMIT travels with the writes, so the
///    commit is done when the first of these hears of it.
///
/// Every flush tells the same, whoever starts it: `flush`, `commit`, a savepoint, a query that writes before it reads.
/// A flush that finds nothing touched tells nothing; a commit without changes tells `before_commit` and `after_commit`.
/// A flush that fails tells nothing of step 6; the [`rollback`](Session::rollback) after it does. An event is told once
/// a flush, also when the flush is planned twice because a sequence turned out to be closed. What happens to the objects of
/// several models at once is told by model, owners first.
///
/// [`flush_plan`](Session::flush_plan) tells nothing: attached objects and states that it finds are told with the next call.
/// [`Record`](crate::Record), and whatever writes rows without objects of a session, tells nothing either.
///
/// # Vetoes and panics
///
/// The error of a listener comes back from the flush or commit as [`Vetoed`](crate::ErrorKind::Vetoed), with the listener's own
/// error as its source. Nothing was written, the objects keep their values, and the session can be used on: correct the
/// objects and flush again. A transaction that was open stays open.
///
/// After a panic of a listener the session answers [`NeedsRollback`](crate::ErrorKind::NeedsRollback). What was committed before
/// stays committed, and what was not told yet stays untold.
///
/// # In transactions that run again
///
/// Each attempt of [`Engine::transaction`](crate::Engine::transaction) has a fresh session: its closure calls
/// [`Session::listen`], and the listeners hear of every attempt. The sessions of a maker take the listeners of
/// [`SessionMaker::listen`](crate::SessionMaker::listen) along. A lost one ends with `after_rollback`. What must happen
/// once belongs into `after_commit`.
#[derive(Clone, Default)]
pub struct Listeners {
    registered: Arc<Registered>,
}

impl Listeners {
    /// Listeners of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Before a flush collects what changed. May change, add and delete objects: that is part of the flush. May veto.
    ///
    /// A flush that finds nothing touched does not tell it.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::Listeners;
    /// let audit = Listeners::new().before_flush(|session| {
    ///     let what = session.flush_plan()?.to_string();
    ///     session.add(Product::builder().sku("audit").title(what).price_cents(0));
    ///     Ok(())
    /// });
    /// let mut session = engine.session();
    /// session.listen(&audit);
    /// session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// session.commit().await?;
    /// let titles = engine.fetch_all(columns(Product::TITLE)).await?;
    /// assert_eq!(titles, ["insert 1 row into customer (name, email, age)"]);
    /// # Ok(()) }
    /// ```
    pub fn before_flush(
        mut self,
        listener: impl Fn(&mut Session) -> Verdict + Send + Sync + 'static,
    ) -> Self {
        self.all().before_flush.push(Arc::new(listener));
        self
    }

    /// After a flush was written and its answers were taken over: the session, and what was sent.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::Listeners;
    /// use std::sync::{Arc, atomic::{AtomicUsize, Ordering}};
    /// let rows = Arc::new(AtomicUsize::new(0));
    /// let count = rows.clone();
    /// let counting = Listeners::new().after_flush(move |_, plan| {
    ///     count.fetch_add(plan.steps().iter().map(|step| step.rows).sum(), Ordering::Relaxed);
    /// });
    /// let mut session = engine.session();
    /// session.listen(&counting);
    /// session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder(), Cart::builder()]));
    /// session.commit().await?;
    /// assert_eq!(rows.load(Ordering::Relaxed), 3 + 1); // three rows, and one key that was reserved
    /// # Ok(()) }
    /// ```
    pub fn after_flush(mut self, listener: impl Fn(&Session, &FlushPlan) + Send + Sync + 'static) -> Self {
        self.all().after_flush.push(Arc::new(listener));
        self
    }

    /// Before a commit, and before its flush. May change objects, and veto.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::{ErrorKind, Listeners};
    /// let mut session = engine.session();
    /// session.listen(&Listeners::new().before_commit(|_| Err("the shop is closed".into())));
    /// session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// session.flush().await?;
    /// assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::Vetoed);
    /// session.rollback().await?;
    /// # Ok(()) }
    /// ```
    pub fn before_commit(
        mut self,
        listener: impl Fn(&mut Session) -> Verdict + Send + Sync + 'static,
    ) -> Self {
        self.all().before_commit.push(Arc::new(listener));
        self
    }

    /// After a commit. What it changes or adds belongs to the next transaction.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::Listeners;
    /// use std::sync::mpsc;
    /// let (mails, outbox) = mpsc::channel();
    /// let mut session = engine.session();
    /// session.listen(&Listeners::new().after_commit(move |_| mails.send("welcome").unwrap()));
    /// session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// session.flush().await?;
    /// assert!(outbox.try_recv().is_err()); // a rollback may still follow
    /// session.commit().await?;
    /// assert_eq!(outbox.try_recv()?, "welcome");
    /// # Ok(()) }
    /// ```
    pub fn after_commit(mut self, listener: impl Fn(&mut Session) + Send + Sync + 'static) -> Self {
        self.all().after_commit.push(Arc::new(listener));
        self
    }

    /// After a rollback: the objects are what they were when the transaction began.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::Listeners;
    /// let mut session = engine.session();
    /// session.listen(&Listeners::new().after_rollback(|session| session.add_all_again()));
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// session.rollback().await?;
    /// session.commit().await?;
    /// assert!(session[ann].id.is_set());
    /// # Ok(()) }
    /// ```
    pub fn after_rollback(mut self, listener: impl Fn(&mut Session) + Send + Sync + 'static) -> Self {
        self.all().after_rollback.push(Arc::new(listener));
        self
    }

    /// After a transaction was begun on the connection.
    ///
    /// BEGIN travels with the first statements, so it is told when they came back. A commit that is one statement has
    /// no BEGIN and tells nothing here.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::Listeners;
    /// use std::sync::mpsc;
    /// let (begins, heard) = mpsc::channel();
    /// let mut session = engine.session();
    /// session.listen(&Listeners::new().after_begin(move |session| begins.send(session.id()).unwrap()));
    /// session.begin().await?;
    /// assert_eq!(heard.try_recv()?, session.id());
    /// # Ok(()) }
    /// ```
    pub fn after_begin(mut self, listener: impl Fn(&Session) + Send + Sync + 'static) -> Self {
        self.all().after_begin.push(Arc::new(listener));
        self
    }

    /// After a savepoint was begun by [`begin_nested`](Session::begin_nested).
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::Listeners;
    /// use std::sync::mpsc;
    /// let (told, log) = mpsc::channel();
    /// let back = told.clone();
    /// let listeners = Listeners::new()
    ///     .after_begin_nested(move |_| told.send("begun").unwrap())
    ///     .after_rollback_nested(move |_| back.send("rolled back").unwrap());
    /// let mut session = engine.session();
    /// session.listen(&listeners);
    /// session.begin_nested().await?.rollback().await?;
    /// assert_eq!(log.try_iter().collect::<Vec<_>>(), ["begun", "rolled back"]);
    /// # Ok(()) }
    /// ```
    pub fn after_begin_nested(mut self, listener: impl Fn(&Session) + Send + Sync + 'static) -> Self {
        self.all().after_begin_nested.push(Arc::new(listener));
        self
    }

    /// After a savepoint was rolled back: the objects are what they were when it began. One that was dropped is told with
    /// the next flush, commit or rollback, as no listener is called from a `drop`.
    pub fn after_rollback_nested(mut self, listener: impl Fn(&mut Session) + Send + Sync + 'static) -> Self {
        self.all().after_rollback_nested.push(Arc::new(listener));
        self
    }

    pub(super) fn registered(&self) -> &Arc<Registered> {
        &self.registered
    }

    /// Takes the listeners of another value over, behind its own.
    ///
    /// ```
    /// use orm_core::Listeners;
    /// use shop_models::models::{Cart, Customer};
    /// let names = Listeners::new().before_insert(|customer: &mut Customer| {
    ///     customer.name = customer.name.trim().to_owned();
    ///     Ok(())
    /// });
    /// let all = Listeners::new().after_delete(|cart: &Cart| println!("{} is gone", cart.id)).and(&names);
    /// assert_eq!(format!("{all:?}"), "Listeners(of 2 models)");
    /// ```
    pub fn and(mut self, others: &Self) -> Self {
        self.extend(others);
        self
    }

    pub(super) fn extend(&mut self, others: &Self) {
        self.all().extend(&others.registered);
    }

    fn all(&mut self) -> &mut Registered {
        Arc::make_mut(&mut self.registered)
    }

    pub(super) fn of<T: Model>(&mut self) -> &mut OfModel {
        Arc::make_mut(self.all().models.entry(TypeId::of::<T>()).or_default())
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listeners(of {} models)", self.registered.models.len())
    }
}
