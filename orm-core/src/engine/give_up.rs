//! Giving a connection up in the middle of a flight.

use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_postgres::{CancelToken, NoTls};

/// How long a BEGIN that was sent may take before the statements after it can be cancelled.
const BEGINNING: Duration = Duration::from_millis(100);

/// How long giving a connection up may take.
pub(super) const GIVE_UP: Duration = Duration::from_secs(5);

/// The order to cancel what runs on a connection; it is carried out also when it is dropped.
pub(super) struct GiveUp(Option<Order>);

struct Order {
    cancel: CancelToken,
    beginning: bool,
}

impl GiveUp {
    /// `beginning`: whether the flight has still to begin its transaction. A cancelled BEGIN would let what follows it
    /// commit statement by statement. It is the first to run, so a moment later it is over.
    pub(super) const fn new(cancel: CancelToken, beginning: bool) -> Self {
        Self(Some(Order { cancel, beginning }))
    }

    /// Cancels, then waits until the server has ended the connection.
    pub(super) fn start<T: Send + 'static>(self, driver: JoinHandle<T>) {
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            self.carry_out().await;
            let abort = driver.abort_handle();
            if timeout(GIVE_UP, driver).await.is_err() {
                abort.abort();
            }
        });
    }

    async fn carry_out(mut self) {
        if let Some(order) = &self.0 {
            order.carry_out().await;
        }
        self.0 = None;
    }
}

impl Order {
    async fn carry_out(&self) {
        if self.beginning {
            sleep(BEGINNING).await;
        }
        let _ = timeout(GIVE_UP, self.cancel.cancel_query(NoTls)).await;
    }
}

impl Drop for GiveUp {
    /// There is no runtime, or it ends: the server would go on with the statement and keep its locks, so a thread
    /// cancels it.
    fn drop(&mut self) {
        let Some(order) = self.0.take() else { return };
        let _ = thread::Builder::new().name("orm-cancel".into()).spawn(move || {
            if let Ok(runtime) = Builder::new_current_thread().enable_all().build() {
                runtime.block_on(order.carry_out());
            }
        });
    }
}
