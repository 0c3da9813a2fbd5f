//! `FOR UPDATE` and its kin.

use super::{Expr, JoinSide, Renderer, Select};

/// The lock that a SELECT takes on the rows of its first source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lock {
    /// What others may still do with the rows.
    pub strength: LockStrength,
    /// What to do with rows that others have locked.
    pub wait: LockWait,
}

/// How strong a lock is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LockStrength {
    /// `FOR UPDATE`
    Update,
    /// `FOR NO KEY UPDATE`
    NoKeyUpdate,
    /// `FOR SHARE`
    Share,
    /// `FOR KEY SHARE`
    KeyShare,
}

/// What a lock does about rows that others have locked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LockWait {
    /// It waits for them.
    Wait,
    /// It leaves them out.
    SkipLocked,
    /// It fails.
    NoWait,
}

impl Lock {
    const fn sql(self) -> &'static str {
        match self.strength {
            LockStrength::Update => " FOR UPDATE",
            LockStrength::NoKeyUpdate => " FOR NO KEY UPDATE",
            LockStrength::Share => " FOR SHARE",
            LockStrength::KeyShare => " FOR KEY SHARE",
        }
    }
}

impl Select {
    /// Why its rows cannot be locked, when they are to be: there is no row of the first source behind each row that it gives.
    pub(crate) fn refuses_lock(&self) -> Option<&'static str> {
        self.lock?;
        let selected = self.values.iter().chain(self.order.iter().map(|order| &order.key));
        if self.derived.is_some() {
            Some("it reads rows of a query, not of a table: lock in there")
        } else if self.group.is_some() {
            Some("it gives groups of rows")
        } else if self.distinct || !self.distinct_on.is_empty() {
            Some("it gives equal rows once")
        } else if self.joins.iter().any(|join| matches!(join.kind, JoinSide::Right | JoinSide::Full)) {
            Some("its right or full join gives rows without the first source")
        } else if selected.into_iter().any(Expr::is_windowed) {
            Some("it computes over windows of rows")
        } else {
            None
        }
    }

    /// Writes the lock; of several sources only the first one is locked.
    pub(super) fn render_lock(&self, out: &mut Renderer) {
        let Some(lock) = self.lock else { return };
        out.push(lock.sql());
        if !self.joins.is_empty() {
            let first = out.sources()[0].clone();
            out.push(" OF ").push(&first);
        }
        out.push(match lock.wait {
            LockWait::Wait => "",
            LockWait::SkipLocked => " SKIP LOCKED",
            LockWait::NoWait => " NOWAIT",
        });
    }
}

impl Expr {
    /// Whether a part of it is computed over other rows of the result.
    fn is_windowed(&self) -> bool {
        matches!(self, Self::Over(_)) || self.parts().into_iter().any(Self::is_windowed)
    }
}

impl Renderer {
    /// The rows of a query inside a condition. One that locks is asked once: nothing says how often the server runs a subquery, and each
    /// time it would lock other rows.
    pub(super) fn chosen(&mut self, select: &Select) -> &mut Self {
        match select.lock {
            None => self.select(select),
            Some(_) => {
                self.push("WITH locked AS MATERIALIZED (").select(select).push(") SELECT * FROM locked")
            }
        }
    }
}
