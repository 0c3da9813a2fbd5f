//! Which transactions a transaction sees.

use super::Xid8;
use crate::types::array::Reader;
use crate::types::{ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use serde_json::json;

/// A `pg_snapshot`: which transactions had ended at some moment, so that what they wrote is seen.
///
/// Its older name in the database, `txid_snapshot`, is read as well.
///
/// ```
/// # use orm_core::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::TestDatabase::create().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::types::{Snapshot, Xid8};
/// let seen = Snapshot { first_running: Xid8(10), next: Xid8(20), running: vec![Xid8(10), Xid8(14)] };
/// assert!(seen.has_ended(Xid8(9)) && seen.has_ended(Xid8(12)) && !seen.has_ended(Xid8(14)) && !seen.has_ended(Xid8(20)));
/// let now = orm_core::sql::text("SELECT pg_current_snapshot()").scalar::<Snapshot>(&engine).await?;
/// assert!(now.is_some_and(|now| now.has_ended(Xid8(3))));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Snapshot {
    /// All before it had ended.
    pub first_running: Xid8,
    /// It and all behind it had not begun.
    pub next: Xid8,
    /// Those in between that had not ended, in their order.
    pub running: Vec<Xid8>,
}

impl Snapshot {
    /// Whether a transaction had ended.
    pub fn has_ended(&self, transaction: Xid8) -> bool {
        transaction < self.next && !self.running.contains(&transaction)
    }
}

impl ScalarType for Snapshot {
    const SQL: SqlType = SqlType::PgSnapshot;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        // The database would leave out what is there twice, and take what its own text cannot say.
        let is_between = |running: &Xid8| (self.first_running..self.next).contains(running);
        if !self.running.is_sorted_by(|a, b| a < b) || !self.running.iter().all(is_between) {
            return Err("transactions of a snapshot that are not in their order, there twice, or not between its ends".into());
        }
        out.put_i32(i32::try_from(self.running.len())?);
        [self.first_running, self.next].iter().chain(&self.running).for_each(|number| out.put_u64(number.0));
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let mut raw = Reader(raw);
        let count = raw.int()?;
        let mut number = || Ok::<_, WireError>(Xid8(raw.long()?.cast_unsigned()));
        let (first_running, next) = (number()?, number()?);
        let running = (0..count).map(|_| number()).collect::<Result<_, _>>()?;
        Ok(Self { first_running, next, running })
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        let running: Vec<u64> = self.running.iter().map(|number| number.0).collect();
        json!({ "first_running": self.first_running.0, "next": self.next.0, "running": running })
    }
}
