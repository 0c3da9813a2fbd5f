//! One session a scope.
//!
//! | file | what it has |
//! |---|---|
//! | `mod` | the registry of scopes |
//! | `task` | scopes that are a part of a task |
//! | `guard` | what is held while a session is used |
//! | `members` | the members of [`Session`], for the session of the scope |

mod guard;
mod members;
mod task;

pub use guard::{ConnectionGuard, SessionGuard};
pub use members::QueryProperty;
pub use task::TaskScope;

use super::{Session, SessionMaker};
use crate::error::{Error, ErrorKind, Result};
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A registry of sessions, one a scope: code anywhere in a scope works with the same session without handing it on.
///
/// A scope is a task, or a part of one, made by [`scope`](Self::scope) and [`spawn`](Self::spawn); or what a function of the
/// program says ([`with_scope_function`](Self::with_scope_function)). The members of a [`Session`] are there under their names, each
/// for the session of the scope in which it is called. [`session`](Self::session) gives the session itself.
///
/// Cheap to clone, and to be kept where everybody finds it. Outside a scope every use is a
/// [`NoScope`](ErrorKind::NoScope) error. Two uses at once in one scope are an [`InUse`](ErrorKind::InUse) error, as waiting for
/// oneself would have no end.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::session::{ScopedSession, SessionMaker};
///
/// async fn register(scoped: &ScopedSession, name: &str, email: &str) -> orm_core::Result<Handle<Customer>> {
///     let known = scoped.query::<Customer>()?.filter(Customer::EMAIL.eq(email)).one_or_none().await?;
///     known.map_or_else(|| scoped.add(Customer::builder().name(name).email(email)), Ok)
/// }
///
/// let scoped = ScopedSession::new(SessionMaker::new(&engine));
/// scoped.scope(async {
///     let ann = register(&scoped, "Ann", "ann@example.org").await?;
///     assert_eq!(register(&scoped, "Ann", "ann@example.org").await?, ann);
///     scoped.session()?[ann].age = Some(41);
///     scoped.commit().await
/// }).await?;
/// assert_eq!(engine.fetch_all(columns(Customer::AGE)).await?, [Some(41)]);
///
/// let error = scoped.commit().await.unwrap_err();
/// assert_eq!(error.kind(), orm_core::ErrorKind::NoScope);
/// # Ok(()) }
/// ```
pub struct ScopedSession<K = TaskScope> {
    shared: Arc<Shared<K>>,
}

type Shareable = Arc<tokio::sync::Mutex<Session>>;

struct Shared<K> {
    number: u64,
    maker: SessionMaker,
    current: Box<dyn Fn() -> Option<K> + Send + Sync>,
    sessions: Mutex<HashMap<K, Shareable>>,
}

impl<K: Eq + Hash + Send + 'static> ScopedSession<K> {
    /// Sessions of this maker, one a value of a function: the number of a request, a thread, a tenant.
    ///
    /// Such a scope has no end that anybody could see: [`remove`](Self::remove) ends it.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::session::{ScopedSession, SessionMaker};
    /// let scoped = ScopedSession::with_scope_function(SessionMaker::new(&engine), || std::thread::current().id());
    /// scoped.add(Customer::builder().name("Ann").email("ann@example.org"))?;
    /// scoped.commit().await?;
    /// assert_eq!(scoped.registry().len(), 1);
    /// scoped.remove().await?;
    /// assert!(scoped.registry().is_empty());
    /// # Ok(()) }
    /// ```
    pub fn with_scope_function(maker: SessionMaker, scope: impl Fn() -> K + Send + Sync + 'static) -> Self {
        Self::with(maker, 0, move || Some(scope()))
    }

    fn with(
        maker: SessionMaker,
        number: u64,
        current: impl Fn() -> Option<K> + Send + Sync + 'static,
    ) -> Self {
        let (current, sessions) = (Box::new(current), Mutex::default());
        Self { shared: Arc::new(Shared { number, maker, current, sessions }) }
    }

    /// The session of the scope, made when it is first asked for, and held until the guard is dropped.
    ///
    /// # Errors
    /// [`NoScope`](ErrorKind::NoScope) outside a scope, [`InUse`](ErrorKind::InUse) while another guard, query or savepoint of
    /// the scope lives.
    pub fn session(&self) -> Result<SessionGuard> {
        let key = self.key()?;
        let mut sessions = self.sessions();
        let session = sessions.entry(key).or_insert_with(|| Arc::new(self.shared.maker.session().into()));
        hold(session)
    }

    /// Ends the session of the scope: rolls back what is not committed and gives the connection back. The next use in the scope makes a
    /// new session.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub async fn remove(&self) -> Result<()> {
        let mut session = {
            let key = self.key()?;
            let mut sessions = self.sessions();
            let Some(session) = sessions.get(&key) else { return Ok(()) };
            let session = hold(session)?;
            sessions.remove(&key);
            session
        };
        session.reset().await
    }

    /// What made the sessions.
    pub fn session_factory(&self) -> &SessionMaker {
        &self.shared.maker
    }

    /// The scopes that have a session.
    pub fn registry(&self) -> ScopeRegistry<'_, K> {
        ScopeRegistry { scoped: self }
    }

    fn number(&self) -> u64 {
        self.shared.number
    }

    fn key(&self) -> Result<K> {
        (self.shared.current)().ok_or_else(|| {
            let why = "there is no scope here: run this inside `scoped.scope(…).await`, and spawn its tasks with `scoped.spawn(…)`";
            Error::new(ErrorKind::NoScope, why)
        })
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<K, Shareable>> {
        self.shared.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the session of a scope out; whoever holds it goes on with it alone.
    fn take(&self, key: &K) -> Option<Shareable> {
        self.sessions().remove(key)
    }

    /// Ends a scope whose work is done.
    async fn end(&self, key: K) {
        if let Some(mut session) = self.take(&key).and_then(|session| hold(&session).ok()) {
            // A connection that cannot be given back is given up, which rolls back as well.
            let _ = session.reset().await;
        }
    }
}

fn hold(session: &Shareable) -> Result<SessionGuard> {
    Arc::clone(session).try_lock_owned().map(SessionGuard).map_err(|_| {
        let why =
            "the session of this scope is in use: drop the guard, query or savepoint that holds it first";
        Error::new(ErrorKind::InUse, why)
    })
}

impl<K> Clone for ScopedSession<K> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<K> fmt::Debug for ScopedSession<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScopedSession({:?})", self.shared.maker)
    }
}

/// The scopes of a [`ScopedSession`] that have a session.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::session::{ScopedSession, SessionMaker};
/// let scoped = ScopedSession::new(SessionMaker::new(&engine));
/// assert!(scoped.session_factory().session().is_active()); // of no scope
/// scoped.scope(async {
///     assert!(!scoped.registry().has()); // the first use makes it
///     scoped.add(Customer::builder().name("Ann").email("ann@example.org")).unwrap();
///     assert!(scoped.registry().has() && scoped.registry().len() == 1);
///     scoped.registry().clear();
///     assert!(scoped.registry().is_empty());
/// }).await;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct ScopeRegistry<'s, K = TaskScope> {
    scoped: &'s ScopedSession<K>,
}

impl<K: Eq + Hash + Send + 'static> ScopeRegistry<'_, K> {
    /// How many scopes have a session.
    pub fn len(&self) -> usize {
        self.scoped.sessions().len()
    }

    /// Whether no scope has one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the scope of the caller has a session.
    pub fn has(&self) -> bool {
        self.scoped.key().is_ok_and(|key| self.scoped.sessions().contains_key(&key))
    }

    /// Drops the session of the caller's scope, where there is one; [`ScopedSession::remove`] also gives its connection
    /// back.
    pub fn clear(&self) {
        if let Ok(key) = self.scoped.key() {
            drop(self.scoped.take(&key));
        }
    }
}
