//! Scopes that are a part of a task.

use super::ScopedSession;
use crate::session::SessionMaker;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::JoinHandle;

/// A scope made by [`ScopedSession::scope`].
///
/// ```
/// use orm_core::session::{ScopedSession, TaskScope};
/// /// Without another key a scoped session has scopes of tasks.
/// fn same(scoped: ScopedSession) -> ScopedSession<TaskScope> {
///     scoped
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TaskScope(u64);

/// The scopes around a piece of a task, innermost first.
#[derive(Debug)]
struct Frame {
    /// The number of the scoped session that the scope is of.
    of: u64,
    scope: TaskScope,
    outer: Option<Arc<Self>>,
}

tokio::task_local! {
    static FRAME: Arc<Frame>;
}

fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The innermost scope of a scoped session.
fn innermost(of: u64) -> Option<TaskScope> {
    let around = |frame: &Arc<Frame>| {
        let mut frames = std::iter::successors(Some(frame), |frame| frame.outer.as_ref());
        frames.find(|frame| frame.of == of).map(|frame| frame.scope)
    };
    FRAME.try_with(around).ok().flatten()
}

impl ScopedSession {
    /// Sessions of this maker, one a task: [`scope`](Self::scope) and [`spawn`](Self::spawn) make the scopes.
    pub fn new(maker: SessionMaker) -> Self {
        let number = next_number();
        Self::with(maker, number, move || innermost(number))
    }

    /// Runs a future in a scope of its own: inside it there is one session, which is made when it is first asked for.
    ///
    /// The scope ends with the future, also when that panics or is dropped. What is not committed then is rolled back.
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
    /// let outer = scoped.scope(async {
    ///     let outer = scoped.session()?.id();
    ///     assert_eq!(scoped.session()?.id(), outer); // the same one everywhere in the scope
    ///     let inner = scoped.scope(async { Ok::<_, orm_core::Error>(scoped.session()?.id()) }).await?;
    ///     assert_ne!(inner, outer);
    ///     Ok::<_, orm_core::Error>(outer)
    /// }).await?;
    /// assert!(scoped.registry().is_empty());
    /// # assert_ne!(outer, 0);
    /// # Ok(()) }
    /// ```
    pub async fn scope<F: Future>(&self, work: F) -> F::Output {
        let scope = TaskScope(next_number());
        let outer = FRAME.try_with(Arc::clone).ok();
        let frame = Arc::new(Frame { of: self.number(), scope, outer });
        // Dropped after the future, whose last acts may ask for the session again.
        let end = End { scoped: self, scope };
        let output = FRAME.scope(frame, work).await;
        end.scoped.end(scope).await;
        output
    }

    /// Spawns a task with a scope of its own.
    ///
    /// A task that is spawned in another way has none: it would share the session of the one that spawned it.
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
    /// async fn register(scoped: ScopedSession, name: &'static str) -> orm_core::Result<()> {
    ///     scoped.add(Customer::builder().name(name).email(name))?;
    ///     scoped.commit().await
    /// }
    /// let tasks = ["Ann", "Bea"].map(|name| scoped.spawn(register(scoped.clone(), name)));
    /// for task in tasks {
    ///     task.await??;
    /// }
    /// assert_eq!(engine.count(select::<Customer>()).await?, 2);
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn spawn<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let scoped = self.clone();
        tokio::spawn(async move { scoped.scope(work).await })
    }
}

/// Ends a scope when its future is dropped or panics.
struct End<'s> {
    scoped: &'s ScopedSession,
    scope: TaskScope,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        drop(self.scoped.take(&self.scope));
    }
}
