//! Why a value cannot be sent.

use std::fmt;
use std::sync::Arc;

/// What is wrong with a value, and the column beside which it stands where that is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refusal {
    why: Arc<str>,
    column: Option<Arc<str>>,
}

impl Refusal {
    pub(super) fn new(why: impl fmt::Display) -> Box<Self> {
        Box::new(Self { why: why.to_string().into(), column: None })
    }

    /// The same of a value that is compared with a column.
    pub(super) fn beside(mut self: Box<Self>, column: &str) -> Box<Self> {
        self.column.get_or_insert_with(|| column.into());
        self
    }

    pub(super) fn why(&self) -> &str {
        &self.why
    }

    pub(super) fn column(&self) -> Option<&str> {
        self.column.as_deref()
    }
}
