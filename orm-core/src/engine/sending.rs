//! Hearing of statements when they are sent, on the stack of whoever sends them.

use super::Engine;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Hear = Arc<dyn Fn(&str) + Send + Sync>;

/// Who hears of it.
#[derive(Default)]
pub(super) struct Watchers {
    /// The last number that was given; nobody looks into the list before there was one.
    last: AtomicU64,
    list: Mutex<Vec<(u64, Hear)>>,
}

impl Watchers {
    fn list(&self) -> MutexGuard<'_, Vec<(u64, Hear)>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells that a statement is being sent.
    pub(super) fn tell(&self, text: &str) {
        if self.last.load(Ordering::Relaxed) == 0 {
            return;
        }
        let all: Vec<Hear> = self.list().iter().map(|(_, hear)| Arc::clone(hear)).collect();
        all.iter().for_each(|hear| hear(text));
    }
}

impl fmt::Debug for Watchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watchers({})", self.list().len())
    }
}

/// Hears of statements for as long as it lives; made by [`Engine::on_send`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Customer};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use std::sync::{Arc, Mutex};
/// let sent = Arc::new(Mutex::new(Vec::new()));
/// let log = Arc::clone(&sent);
/// let watcher: orm_core::engine::SendWatcher = engine.on_send(move |text| log.lock().unwrap().push(text.to_owned()));
/// engine.count(select::<Customer>()).await?;
/// drop(watcher);
/// engine.count(select::<Customer>()).await?;
/// assert_eq!(sent.lock().unwrap().len(), 1);
/// # Ok(()) }
/// ```
#[must_use = "it hears of statements for as long as it lives"]
pub struct SendWatcher {
    engine: Engine,
    number: u64,
}

impl Engine {
    /// Calls a function with the text of each statement when it is sent, until the value that comes back is dropped.
    ///
    /// It is called inside of the future that sends the statement: a backtrace that it takes shows who asked for it. That is
    /// what `orm_testkit::assert_queries!` does. For what came of a statement there is
    /// [`EngineBuilder::on_statement`](crate::EngineBuilder::on_statement).
    pub fn on_send(&self, hear: impl Fn(&str) + Send + Sync + 'static) -> SendWatcher {
        let watchers = &self.shared.counters.watchers;
        let number = watchers.last.fetch_add(1, Ordering::Relaxed) + 1;
        watchers.list().push((number, Arc::new(hear)));
        SendWatcher { engine: self.clone(), number }
    }
}

impl Drop for SendWatcher {
    fn drop(&mut self) {
        self.engine.shared.counters.watchers.list().retain(|(number, _)| *number != self.number);
    }
}

impl fmt::Debug for SendWatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendWatcher").field("engine", &self.engine).finish_non_exhaustive()
    }
}
