//! The settings of an engine.

use super::url::DatabaseUrl;
use crate::events::StatementLog;
use std::time::Duration;

/// Everything that an engine was built with.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) url: DatabaseUrl,
    pub(crate) pool_size: u32,
    pub(crate) connect_timeout: Duration,
    pub(crate) checkout_timeout: Duration,
    pub(crate) statement_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) statement_cache: usize,
    pub(crate) log: StatementLog,
}

impl Settings {
    pub(crate) fn new(url: DatabaseUrl) -> Self {
        Self {
            url,
            pool_size: 10,
            connect_timeout: Duration::from_secs(10),
            checkout_timeout: Duration::from_secs(30),
            statement_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(600),
            statement_cache: 256,
            log: StatementLog::default(),
        }
    }

    /// All waits, by the names of their settings.
    pub(crate) fn bounds(&self) -> [(&'static str, Duration); 4] {
        [
            ("connect_timeout", self.connect_timeout),
            ("checkout_timeout", self.checkout_timeout),
            ("statement_timeout", self.statement_timeout),
            ("idle_timeout", self.idle_timeout),
        ]
    }
}
