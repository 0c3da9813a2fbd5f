//! How the pool makes and judges connections.
//!
//! The manager of `bb8-postgres` does not notice an open transaction, so a dropped future hands it to the
//! next borrower, and its liveness check has no bound, so one connection into a black hole blocks the pool. Both
//! are why this project has its own.

use super::settings::Settings;
use super::wire::{Counters, Wire};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::Statement;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A connection that was used this recently is lent without a check.
const FRESH: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Manager {
    settings: Arc<Settings>,
    counters: Arc<Counters>,
    last_failure: Arc<Mutex<Option<String>>>,
}

impl Manager {
    pub(crate) fn new(
        settings: Arc<Settings>,
        counters: Arc<Counters>,
        last_failure: Arc<Mutex<Option<String>>>,
    ) -> Self {
        Self { settings, counters, last_failure }
    }

    fn remember(&self, failure: Option<String>) {
        if let Ok(mut last) = self.last_failure.lock() {
            *last = failure;
        }
    }
}

impl bb8::ManageConnection for Manager {
    type Connection = Wire;
    type Error = Error;

    async fn connect(&self) -> Result<Wire> {
        let result = Wire::connect(&self.settings, self.counters.clone()).await;
        self.remember(result.as_ref().err().map(|error| match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        }));
        result
    }

    async fn is_valid(&self, wire: &mut Wire) -> Result<()> {
        if wire.is_broken() {
            return Err(Error::new(ErrorKind::ConnectionLost, "the connection was lost while idle"));
        }
        if wire.idle_for() < FRESH {
            return Ok(());
        }
        // Bounded by the statement timeout; a check that is cut short leaves the connection broken.
        wire.run(Statement::plain("SELECT 1")).await.map(|_| ())
    }

    fn has_broken(&self, wire: &mut Wire) -> bool {
        wire.is_broken()
    }
}
