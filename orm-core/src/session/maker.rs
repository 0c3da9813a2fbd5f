//! A factory of sessions with the same settings.

use super::context::Context;
use super::options::Options;
use super::transaction::attempt;
use super::{Info, Listeners, Session, TransactionSession};
use crate::engine::{Engine, Isolation};
use crate::error::Error;
use crate::mapper::{Criteria, Model};
use crate::query::Predicate;
use crate::state::Arena;
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// How sessions behave: what a [`SessionMaker`] gives them.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::Isolation;
/// use orm_core::session::{SessionMaker, SessionOptions};
/// fn careful(options: SessionOptions) -> SessionOptions {
///     options.isolation(Isolation::Serializable).autoflush(false).expire_on_commit(true)
/// }
/// let maker = SessionMaker::new(&engine);
/// let one = maker.session_with(careful); // for one session
/// assert!(!one.autoflush() && maker.session().autoflush());
/// maker.configure(careful);              // for all from now on
/// assert!(!maker.session().autoflush());
///
/// let replica = Engine::connect(database.url()).await?;
/// maker.configure(|options| options.bind(&replica).info("a replica"));
/// assert_eq!(maker.session().info().get(), Some(&"a replica"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing by themselves"]
pub struct SessionOptions {
    bind: Engine,
    options: Options,
    info: Info,
    listeners: Option<Listeners>,
    criteria: Criteria,
    pub(super) context: Context,
}

impl SessionOptions {
    pub(super) fn new(engine: &Engine) -> Self {
        let (options, info, criteria, context) = Default::default();
        Self { bind: engine.clone(), options, info, listeners: None, criteria, context }
    }

    /// The engine that sessions run on.
    pub fn bind(mut self, engine: &Engine) -> Self {
        self.bind = engine.clone();
        self
    }

    /// Whether queries write what changed before they read; they do unless this says no.
    pub fn autoflush(mut self, autoflush: bool) -> Self {
        self.options.autoflush = autoflush;
        self
    }

    /// Whether a commit makes everything stale that the session has; it does not unless this says so.
    ///
    /// SQLAlchemy's sessions do, because there a read can load what is stale. Here a read never asks the database, so that a
    /// program would have to refresh each object that it goes on with after a commit.
    pub fn expire_on_commit(mut self, expire: bool) -> Self {
        self.options.expire_on_commit = expire;
        self
    }

    /// How transactions begin; as the server is set unless this says otherwise.
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.options.isolation = isolation;
        self
    }

    /// Listeners that hear of the sessions, behind those that do already.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Customer};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::{Listeners, SessionMaker};
    /// let lower = Listeners::new().before_insert(|customer: &mut Customer| {
    ///     customer.email = customer.email.to_lowercase();
    ///     Ok(())
    /// });
    /// let sessions = SessionMaker::new(&engine).listen(&lower);
    /// let mut session = sessions.session();
    /// let ann = session.add(Customer::builder().name("Ann").email("Ann@Example.org"));
    /// session.commit().await?;
    /// assert_eq!(session[ann].email, "ann@example.org");
    /// # Ok(()) }
    /// ```
    pub fn listen(mut self, listeners: &Listeners) -> Self {
        self.listeners = Some(self.listeners.unwrap_or_default().and(listeners));
        self
    }

    /// A condition that rows of a model have to meet to be seen, beside those that there are: [`Session::restrict`].
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Customer};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # for (name, age) in [("Ann", 41), ("Bea", 7)] {
    /// #     Customer::builder().name(name).email(name).age(age).build().insert(&engine).await?;
    /// # }
    /// use orm_core::SessionMaker;
    /// let sessions = SessionMaker::new(&engine).restrict::<Customer>(Customer::AGE.ge(18));
    /// assert_eq!(sessions.session().query::<Customer>().count().await?, 1);
    /// let of_today = sessions.session_with(|options| options.restrict::<Customer>(Customer::NAME.like("B%")));
    /// assert_eq!({ of_today }.query::<Customer>().count().await?, 0);
    /// # Ok(()) }
    /// ```
    pub fn restrict<M: Model>(mut self, criterion: Predicate<M>) -> Self {
        self.criteria.add(M::def(), criterion.expr);
        self
    }

    /// A value for the [`info`](Session::info) of sessions, beside those of other types.
    pub fn info<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.info.insert(value);
        self
    }
}

/// A factory of sessions with the same settings; cheap to clone, to be made once per program.
///
/// All clones share their settings, so [`configure`](Self::configure) may come later, once the program knows its database.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::{Isolation, session::SessionMaker};
/// #[derive(Clone, Debug, PartialEq)]
/// struct Shop(&'static str);
///
/// let maker = SessionMaker::new(&engine)
///     .autoflush(true)
///     .expire_on_commit(false)
///     .isolation(Isolation::ReadCommitted)
///     .info(Shop("Berlin"));
/// let mut session = maker.session();
/// session.add(Customer::builder().name("Ann").email("ann@example.org"));
/// session.commit().await?;
/// assert_eq!(session.info().get(), Some(&Shop("Berlin")));
///
/// let shown = format!("SessionMaker(bind=Engine({engine}), autoflush=true, expire_on_commit=false)");
/// assert_eq!(maker.to_string(), shown); // the password is masked
/// assert_eq!(maker.get_bind().to_string(), engine.to_string());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SessionMaker {
    shared: Arc<Shared>,
}

struct Shared {
    options: RwLock<SessionOptions>,
    generation: Arc<AtomicU64>,
}

/// How a session knows that its maker closed it.
#[derive(Debug)]
pub(super) struct Membership {
    born: u64,
    generation: Arc<AtomicU64>,
}

impl Membership {
    pub(super) fn is_closed(&self) -> bool {
        self.born != self.generation.load(Ordering::Acquire)
    }
}

impl SessionMaker {
    /// A maker of sessions on an engine.
    pub fn new(engine: &Engine) -> Self {
        let options = RwLock::new(SessionOptions::new(engine));
        Self { shared: Arc::new(Shared { options, generation: Arc::default() }) }
    }

    /// [`SessionOptions::autoflush`] for all sessions from now on.
    pub fn autoflush(self, autoflush: bool) -> Self {
        self.configured(|options| options.autoflush(autoflush))
    }

    /// [`SessionOptions::expire_on_commit`] for all sessions from now on.
    pub fn expire_on_commit(self, expire: bool) -> Self {
        self.configured(|options| options.expire_on_commit(expire))
    }

    /// [`SessionOptions::isolation`] for all sessions from now on.
    pub fn isolation(self, isolation: Isolation) -> Self {
        self.configured(|options| options.isolation(isolation))
    }

    /// [`SessionOptions::listen`] for all sessions from now on.
    pub fn listen(self, listeners: &Listeners) -> Self {
        self.configured(|options| options.listen(listeners))
    }

    /// [`SessionOptions::restrict`] for all sessions from now on.
    pub fn restrict<M: Model>(self, criterion: Predicate<M>) -> Self {
        self.configured(|options| options.restrict(criterion))
    }

    /// [`SessionOptions::info`] for all sessions from now on.
    pub fn info<T: Clone + Send + Sync + 'static>(self, value: T) -> Self {
        self.configured(|options| options.info(value))
    }

    pub(super) fn configured(self, change: impl FnOnce(SessionOptions) -> SessionOptions) -> Self {
        self.configure(change);
        self
    }

    /// Changes the settings for all sessions from now on, of this maker and of its clones.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::session::SessionMaker;
    /// let maker = SessionMaker::new(&engine);
    /// let clone = maker.clone();
    /// let before = clone.session();
    /// maker.configure(|options| options.autoflush(false));
    /// assert!(before.autoflush() && !clone.session().autoflush());
    /// # Ok(()) }
    /// ```
    pub fn configure(&self, change: impl FnOnce(SessionOptions) -> SessionOptions) {
        let mut options = self.shared.options.write().unwrap_or_else(PoisonError::into_inner);
        *options = change(options.clone());
    }

    fn options(&self) -> SessionOptions {
        self.shared.options.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A new session. It takes a connection with its first statement.
    pub fn session(&self) -> Session {
        self.session_with(|options| options)
    }

    /// A new session whose settings differ from those of the maker.
    pub fn session_with(&self, change: impl FnOnce(SessionOptions) -> SessionOptions) -> Session {
        let generation = &self.shared.generation;
        // Read first: a session that is made while all are closed is one of them, whatever it was made of.
        let born = generation.load(Ordering::Acquire);
        let membership = Membership { born, generation: Arc::clone(generation) };
        Session { maker: Some(membership), ..Session::with(change(self.options())) }
    }

    /// Runs a closure with a new session as one transaction: commits when it gives `Ok`, rolls back when it gives an error, when
    /// it panics, and when the future is dropped.
    ///
    /// It runs once. [`Engine::transaction`] runs again after a lost race.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::session::SessionMaker;
    /// let maker = SessionMaker::new(&engine);
    /// let name = String::from("Ann");
    /// let id = maker.begin(async |mut session| {
    ///     let ann = session.add(Customer::builder().name(&*name).email("ann@example.org"));
    ///     session.flush().await?;
    ///     Ok::<_, orm_core::Error>(session[ann].id)
    /// }).await?;
    /// assert_eq!(id, Auto::Set(1));
    /// assert_eq!(engine.count(select::<Customer>()).await?, 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The closure's; what [`Session::commit`] refuses.
    pub async fn begin<R, E, F, Fut>(&self, work: F) -> Result<R, E>
    where
        F: FnOnce(TransactionSession) -> Fut,
        Fut: Future<Output = Result<R, E>>,
        E: From<Error>,
    {
        attempt(self.session(), work).await.map_err(|failure| failure.error)
    }

    /// Closes all sessions that the maker and its clones made.
    ///
    /// Sessions belong to whoever made them, so nobody can take them away in the middle of their work: each learns of it with its next
    /// use of the database, which rolls back and answers [`Closed`](crate::ErrorKind::Closed), as does every one after it. So nobody goes
    /// on with half of a transaction. A transaction of a session that nobody uses or drops stays open until then. New
    /// sessions of the maker are open.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::{ErrorKind, session::SessionMaker};
    /// let maker = SessionMaker::new(&engine);
    /// let mut session = maker.session();
    /// session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// session.flush().await?;
    /// maker.close_all();
    /// assert!(!session.is_active());
    /// assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::Closed);
    /// assert!(!session.in_transaction());
    /// assert_eq!(maker.session().query::<Customer>().count().await?, 0);
    /// # Ok(()) }
    /// ```
    pub fn close_all(&self) {
        self.shared.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// The engine that new sessions run on.
    pub fn get_bind(&self) -> Engine {
        self.options().bind
    }
}

impl fmt::Display for SessionMaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SessionOptions { bind, options, .. } = self.options();
        let Options { autoflush, expire_on_commit, .. } = options;
        write!(f, "SessionMaker(bind={bind:?}, autoflush={autoflush}, expire_on_commit={expire_on_commit})")
    }
}

impl fmt::Debug for SessionMaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Session {
    /// A session with these settings.
    pub(super) fn with(settings: SessionOptions) -> Self {
        let mut session = Self {
            engine: settings.bind,
            arena: Arena::new(),
            connection: None,
            failed: false,
            lost_race: false,
            commit_in_doubt: false,
            prepared: None,
            options: settings.options,
            context: settings.context,
            info: settings.info,
            maker: None,
            watch: None,
        };
        *session.arena.criteria_mut() = settings.criteria;
        if let Some(listeners) = &settings.listeners {
            session.listen(listeners);
        }
        session
    }
}
