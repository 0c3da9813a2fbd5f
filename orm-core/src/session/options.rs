//! How a session behaves.

use crate::engine::Isolation;

/// The settings of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Options {
    /// Whether queries write what changed before they read.
    pub(super) autoflush: bool,
    /// Whether a commit makes everything stale that the session has.
    pub(super) expire_on_commit: bool,
    /// How transactions begin.
    pub(super) isolation: Isolation,
    /// Whether reads belong to the transaction too, so that it begins with the first of them.
    pub(super) transactional: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            autoflush: true,
            expire_on_commit: false,
            isolation: Isolation::default(),
            transactional: false,
        }
    }
}
