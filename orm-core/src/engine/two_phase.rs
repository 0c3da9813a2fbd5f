//! Transactions that are prepared in one place and committed from another.

use super::{Engine, Executor, Request};
use crate::error::{Error, ErrorKind, Result, SqlState};
use crate::sql::Statement;
use std::time::SystemTime;

/// A transaction that was prepared and neither committed nor rolled back since; it outlives its connection and the server.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let cluster = orm_testkit::Cluster::builder().setting("max_prepared_transactions", "4").start()?;
/// # let database = orm_testkit::TestDatabase::create_at(&cluster.admin_url()).await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # Base::create_all(&engine).await?;
/// # for (sku, gid) in [("T-1", "tea-1"), ("T-2", "tea-2")] {
/// #     let mut session = engine.session();
/// #     session.add(Product::builder().sku(sku).title("Tea").price_cents(390));
/// #     session.prepare(gid).await?;
/// # }
/// use orm_core::engine::PreparedTransaction;
/// // After a crash: what was left behind, the oldest first.
/// let left: Vec<PreparedTransaction> = engine.prepared_transactions().await?;
/// assert_eq!((&left[0].gid[..], left.len()), ("tea-1", 2));
/// engine.commit_prepared("tea-1").await?;
/// engine.rollback_prepared("tea-2").await?;
/// assert_eq!(engine.fetch_all(columns(Product::SKU)).await?, ["T-1"]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedTransaction {
    /// The name under which it was prepared.
    pub gid: String,
    /// When it was prepared.
    pub prepared_at: SystemTime,
    /// The role that prepared it; only that one and superusers can end it.
    pub owner: String,
    /// The database it is of; only there it can be ended.
    pub database: String,
}

/// The most bytes of a name.
const MAX_GID: usize = 199;

/// The name of a prepared transaction, checked and quoted: the statements that take one take no parameters.
#[derive(Clone, Debug)]
pub(crate) struct Gid {
    name: String,
    literal: String,
}

impl Gid {
    /// # Errors
    /// [`Encode`](ErrorKind::Encode) for a name that PostgreSQL cannot keep.
    pub(crate) fn new(name: &str) -> Result<Self> {
        let wrong = match name.len() {
            0 => "it is empty".to_owned(),
            _ if name.contains('\0') => "it contains a NUL character".to_owned(),
            len if len > MAX_GID => format!("it has {len} bytes, and PostgreSQL keeps {MAX_GID}"),
            _ => return Ok(Self { name: name.to_owned(), literal: literal(name) }),
        };
        let why = format!("no transaction can be prepared under this name: {wrong}");
        Err(Error::new(ErrorKind::Encode, why))
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn prepare(&self) -> String {
        format!("PREPARE TRANSACTION {}", self.literal)
    }

    /// What the server's refusal to prepare means.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let name = &self.name;
        let (kind, why) = match error.code() {
            Some(&SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE | &SqlState::OUT_OF_MEMORY) => (
                ErrorKind::Config,
                format!(
                    "the server prepares no more transactions: set its `max_prepared_transactions` higher, and restart it \
                     ({error})"
                ),
            ),
            Some(&SqlState::DUPLICATE_OBJECT) => (
                error.kind(),
                format!("a transaction is prepared as {name:?} already: end that one, or take another name"),
            ),
            _ => return error,
        };
        error.retold(kind, why)
    }

    /// What the server's refusal to end a prepared transaction means.
    fn explain_end(&self, error: Error) -> Error {
        match error.code() {
            Some(&SqlState::UNDEFINED_OBJECT) => {
                let why = format!(
                    "no transaction is prepared as {:?}: somebody ended it, or nobody prepared it",
                    self.name
                );
                error.retold(ErrorKind::NotFound, why)
            }
            _ => error,
        }
    }
}

/// A text as SQL, whatever the server's `standard_conforming_strings`.
fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    match quoted.contains('\\') {
        true => format!("E'{}'", quoted.replace('\\', "\\\\")),
        false => format!("'{quoted}'"),
    }
}

impl Engine {
    /// The transactions that are prepared in this database, the oldest first: those to look after when a program or a
    /// connection was lost between [`prepare`](crate::Session::prepare) and `commit`.
    ///
    /// They keep their locks until somebody ends them.
    ///
    /// # Errors
    /// The server's.
    pub async fn prepared_transactions(&self) -> Result<Vec<PreparedTransaction>> {
        let sql = "SELECT gid, prepared, owner::text, database::text FROM pg_prepared_xacts \
                   WHERE database = current_database() ORDER BY prepared, gid";
        let reply = self.run(Statement::plain(sql)).await?;
        let wrong = |source: tokio_postgres::Error| Error::decode("a prepared transaction", source.into());
        let read = |row: tokio_postgres::Row| {
            Ok(PreparedTransaction {
                gid: row.try_get(0).map_err(wrong)?,
                prepared_at: row.try_get(1).map_err(wrong)?,
                owner: row.try_get(2).map_err(wrong)?,
                database: row.try_get(3).map_err(wrong)?,
            })
        };
        reply.rows.into_iter().map(read).collect()
    }

    /// Commits a transaction that was prepared, in whatever session.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is none of this name, [`Encode`](ErrorKind::Encode) for a name that no
    /// transaction can have, [`CommitOutcomeUnknown`](ErrorKind::CommitOutcomeUnknown) when the answer did not come: it
    /// can be asked again.
    pub async fn commit_prepared(&self, gid: &str) -> Result<()> {
        self.end_prepared("COMMIT PREPARED", &Gid::new(gid)?).await
    }

    /// Rolls a transaction back that was prepared, in whatever session.
    ///
    /// # Errors
    /// As [`commit_prepared`](Self::commit_prepared).
    pub async fn rollback_prepared(&self, gid: &str) -> Result<()> {
        self.end_prepared("ROLLBACK PREPARED", &Gid::new(gid)?).await
    }

    pub(crate) async fn end_prepared(&self, how: &str, gid: &Gid) -> Result<()> {
        let request = Request::Script(format!("{how} {}", gid.literal));
        let result = self.connection().await?.wire().fly(vec![request]).await;
        result.map(|_| ()).map_err(|error| gid.explain_end(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted() {
        let quoted = |name: &str| Gid::new(name).map(|gid| gid.prepare()).unwrap();
        assert_eq!(quoted("a"), "PREPARE TRANSACTION 'a'");
        assert_eq!(quoted("it's; DROP TABLE x"), "PREPARE TRANSACTION 'it''s; DROP TABLE x'");
        assert_eq!(quoted(r"a\'b"), r"PREPARE TRANSACTION E'a\\''b'");
    }

    #[test]
    fn names_have_bounds() {
        assert!(Gid::new(&"é".repeat(99)).is_ok());
        for name in ["", "a\0b", &"é".repeat(100)] {
            assert_eq!(Gid::new(name).unwrap_err().kind(), ErrorKind::Encode);
        }
    }
}
