//! Numbers that mean something to the database: of objects, transactions, places in its log; and amounts of money.

use crate::types::moment::read;
use crate::types::{KeyScalar, ScalarType, SqlType, WireError};
use bytes::BytesMut;
use postgres_types::Type;
use std::fmt;
use std::str::FromStr;

/// An `oid`: the number of an object of the database, such as a table. What has a name there beside it, such as a `regclass`, is read
/// as its number.
///
/// ```
/// # use orm_core::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::TestDatabase::create().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::types::Oid;
/// let text = orm_core::sql::text("SELECT oid FROM pg_type WHERE typname = $1").bind("text");
/// assert_eq!(text.scalar::<Oid>(&engine).await?, Some(Oid(25)));
/// let text = orm_core::sql::text("SELECT 'pg_class'::regclass");
/// assert_eq!(text.scalar::<Oid>(&engine).await?, Some(Oid(1259)));
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid(pub u32);

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

/// An `xid8`: the number of a transaction that never comes again.
///
/// ```
/// # use orm_core::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::TestDatabase::create().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::types::Xid8;
/// let mine = orm_core::sql::text("SELECT pg_current_xact_id()");
/// let [first, second] = [mine.clone().scalar::<Xid8>(&engine).await?, mine.scalar(&engine).await?];
/// assert!(first < second);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Xid8(pub u64);

/// A `pg_lsn`: a place in the log of what was written.
///
/// ```
/// # use orm_core::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::TestDatabase::create().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::types::Lsn;
/// let place: Lsn = "16/B374D848".parse()?;
/// assert_eq!((place.0, place.to_string()), (0x16_B374_D848, "16/B374D848".to_owned()));
/// let now = orm_core::sql::text("SELECT pg_current_wal_lsn()").scalar::<Lsn>(&engine).await?;
/// assert!(now > Some(Lsn(0)) && "16".parse::<Lsn>().is_err());
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lsn(pub u64);

/// A `"char"`: one byte, as tables of the database itself have it.
///
/// ```
/// use orm_core::types::ByteChar;
/// assert_eq!(ByteChar(b'r').to_string(), "r");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ByteChar(pub u8);

/// A `money`: an amount in the smallest unit of the server's currency, for example cents.
///
/// How many of them are one whole is a setting of the server, `lc_monetary`; the number here has no such setting. Arrays of it cannot be
/// written in batches, where they would be texts that the server reads by that setting: they are an error there. So is any of it in a COPY
/// of rows that go as text.
/// For new tables a [`Numeric`](super::Numeric) or a number of cents is the better choice.
///
/// ```
/// use orm_core::types::{Money, ScalarType};
/// assert_eq!(Money(1_250).to_json(), 1_250);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Money(pub i64);

impl KeyScalar for Oid {}
impl KeyScalar for Xid8 {}
impl KeyScalar for Lsn {}
impl KeyScalar for ByteChar {}
impl KeyScalar for Money {}

impl fmt::Display for Xid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & u64::from(u32::MAX))
    }
}

impl FromStr for Lsn {
    type Err = WireError;

    fn from_str(text: &str) -> Result<Self, WireError> {
        let half = |digits| u32::from_str_radix(digits, 16).map(u64::from);
        let (high, low) = text.split_once('/').ok_or_else(|| format!("`{text}` is no place in a log"))?;
        Ok(Self(half(high)? << 32 | half(low)?))
    }
}

impl fmt::Display for ByteChar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        std::ascii::escape_default(self.0).fmt(f)
    }
}

/// Types with one number, which stands on the wire as it is; what follows is their JSON.
macro_rules! numbers {
    ($($ty:ident of $of:ty = $sql:ident, $v:ident => $json:expr;)*) => {$(
        impl ScalarType for $ty {
            const SQL: SqlType = SqlType::$sql;

            fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
                out.extend_from_slice(&self.0.to_be_bytes());
                Ok(())
            }

            fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
                read(raw).map(<$of>::from_be_bytes).map(Self)
            }

            fn same(&self, other: &Self) -> bool {
                self == other
            }

            fn to_json(&self) -> serde_json::Value {
                let $v = self;
                $json.into()
            }
        }
    )*};
}

numbers! {
    Oid of u32 = Oid, v => v.0;
    Xid of u32 = Xid, v => v.0;
    Xid8 of u64 = Xid8, v => v.0;
    Lsn of u64 = PgLsn, v => v.to_string();
    ByteChar of u8 = Char, v => v.to_string();
    Money of i64 = Money, v => v.0;
}
