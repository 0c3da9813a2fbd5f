//! The server that test databases are made on.

pub(crate) mod account;
mod bundled;
pub(crate) mod find;
mod folders;
pub(crate) mod keeper;
pub(crate) mod process;
pub(crate) mod seed;
pub(crate) mod settings;
pub(crate) mod shared;

pub use find::Source;

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::OnceLock;

use crate::ServerError;
use crate::error::Kind;
use crate::url::with_database;
use account::Account;
use find::Found;
use keeper::Gate;

/// The server that the tests of this process share, among themselves and with those of other processes.
///
/// ```
/// # fn main() -> Result<(), orm_testkit::ServerError> {
/// let server = orm_testkit::Server::shared()?;
/// assert!(server.url("shop").ends_with("/shop"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Server {
    admin_url: String,
    source: Source,
    /// Held until this process ends: it keeps the server running.
    _gate: Option<Gate>,
}

impl Server {
    /// The shared server. The first call of a process finds or starts it (up to about a second, blocking); later
    /// calls return at once, with the same error if the first one failed.
    ///
    /// # Errors
    ///
    /// There is no PostgreSQL, or it does not start.
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// let server = orm_testkit::Server::shared()?;
    /// assert!(std::ptr::eq(server, orm_testkit::Server::shared()?));
    /// # Ok(())
    /// # }
    /// ```
    pub fn shared() -> Result<&'static Self, ServerError> {
        SHARED.get_or_init(Self::find_or_start).as_ref().map_err(Clone::clone)
    }

    /// [`Server::shared`] without blocking the runtime.
    pub(crate) async fn shared_async() -> Result<&'static Self, ServerError> {
        if SHARED.get().is_none() {
            let _ = tokio::task::spawn_blocking(Self::shared).await;
        }
        Self::shared()
    }

    fn find_or_start() -> Result<Self, ServerError> {
        let account = Account::find()?;
        match find::find(&account)? {
            Found::Url(url) => {
                with_database(&url, "postgres").ok_or(Kind::MalformedUrl)?;
                Ok(Self { admin_url: url, source: Source::Url, _gate: None })
            }
            Found::Programs(programs) => {
                let shared = shared::join_or_start(&programs, &account)?;
                let source = programs.source().clone();
                Ok(Self { admin_url: shared.admin_url, source, _gate: Some(shared.gate) })
            }
        }
    }

    /// The URL of a database of this server, for its superuser (or for the user of `DATABASE_URL`). The database
    /// need not exist.
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// let url = orm_testkit::Server::shared()?.url("shop");
    /// assert!(url.starts_with("postgres") && url.contains("/shop"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn url(&self, database: &str) -> String {
        with_database(&self.admin_url, database).unwrap_or_default()
    }

    /// The URL of the database that databases are made from: `DATABASE_URL` itself, or the database `postgres`.
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// assert!(orm_testkit::Server::shared()?.admin_url().starts_with("postgres"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn admin_url(&self) -> &str {
        &self.admin_url
    }

    /// Where the server comes from.
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// let ours = *orm_testkit::Server::shared()?.source() != orm_testkit::Source::Url;
    /// assert_eq!(ours, std::env::var_os("DATABASE_URL").is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn source(&self) -> &Source {
        &self.source
    }
}

static SHARED: OnceLock<Result<Server, ServerError>> = OnceLock::new();

/// The URL of a database of a server that we started.
pub(crate) fn local_url(port: u16, password: &str, database: &str) -> String {
    let url = format!("postgresql://postgres:{password}@127.0.0.1:{port}/");
    with_database(&url, database).unwrap_or_default()
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// That many random hexadecimal digits, at most 32.
pub(crate) fn random(digits: usize) -> String {
    let mut text = uuid::Uuid::new_v4().simple().to_string();
    text.truncate(digits);
    text
}

/// A short name for some bytes, the same in every process (FNV-1a).
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}
