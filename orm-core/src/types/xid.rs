//! Transaction ids, as PostgreSQL keeps them beside every row.

use super::moment::read;
use super::scalar::WireError;
use super::{ScalarType, SqlType};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use std::fmt;

/// The number of a transaction, as the system column `xmin` tells who wrote a row.
///
/// A model reads it with `#[model(version = "xmin")]`, and the flush then notices that another transaction wrote the row
/// in the meantime; the table needs no column for it.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::types::Xid;
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Page {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub text: String,
///     #[model(version = "xmin")]
///     pub row_version: Auto<Xid>,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let page = session.add(Page::builder().text("Tea"));
/// session.commit().await?;
/// let before: Xid = session[page].row_version.unwrap();
/// session[page].text.push('!');
/// session.commit().await?;
/// assert_ne!(session[page].row_version, before);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Xid(pub u32);

impl fmt::Display for Xid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ScalarType for Xid {
    const SQL: SqlType = SqlType::Xid;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_u32(self.0);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        read(raw).map(u32::from_be_bytes).map(Self)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        self.0.into()
    }
}
