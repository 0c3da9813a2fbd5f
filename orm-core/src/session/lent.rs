//! A session that somebody else has.

use super::Session;
use super::scoped::SessionGuard;
use std::ops::{Deref, DerefMut};

/// A session, borrowed from the program or held by the guard of a scope.
#[derive(Debug)]
pub(super) enum Lent<'s> {
    Borrowed(&'s mut Session),
    Held(SessionGuard),
}

impl Deref for Lent<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        match self {
            Self::Borrowed(session) => session,
            Self::Held(guard) => guard,
        }
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        match self {
            Self::Borrowed(session) => session,
            Self::Held(guard) => guard,
        }
    }
}
