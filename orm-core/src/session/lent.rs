//! A session that somebody else has.

use super::Session;
use super::scoped::SessionGuard;
use std::ops::{Deref, DerefMut};

/// A session: borrowed from the program, held by the guard of a scope, or made for one use.
#[derive(Debug)]
pub(super) enum Lent<'s> {
    Borrowed(&'s mut Session),
    Held(SessionGuard),
    Owned(Box<Session>),
}

impl Deref for Lent<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        match self {
            Self::Borrowed(session) => session,
            Self::Held(guard) => guard,
            Self::Owned(session) => session,
        }
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        match self {
            Self::Borrowed(session) => session,
            Self::Held(guard) => guard,
            Self::Owned(session) => session,
        }
    }
}
