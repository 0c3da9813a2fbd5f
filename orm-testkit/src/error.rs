//! Errors: [`ServerError`] when there is no server to work with, [`Error`] for work with databases.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// No PostgreSQL could be found or started. Cheap to clone: every test of a process gets the same one.
///
/// ```
/// # use orm_testkit::Server;
/// match Server::shared() {
///     Ok(server) => assert!(server.admin_url().starts_with("postgres")),
///     Err(error) => panic!("{error}"), // says what to install, or shows the last lines of the server's log
/// }
/// ```
#[derive(Debug, Clone)]
pub struct ServerError {
    kind: Arc<Kind>,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error(
        "there is no PostgreSQL to run tests with: {}\n{INSTALL}",
        looked.join("; ")
    )]
    NotFound { looked: Vec<String> },
    #[error("ORM_TESTKIT_POSTGRES is `{0}`, expected one of `url`, `installed`, `bundled`")]
    UnknownChoice(String),
    #[error("DATABASE_URL is no URL of the form postgresql://user:password@host:port/database")]
    MalformedUrl,
    #[error("{program} cannot be run")]
    Run { program: PathBuf, source: io::Error },
    #[error("PostgreSQL refuses to run as root, and there is neither a user `postgres` nor a user `nobody`")]
    #[cfg_attr(not(unix), expect(dead_code, reason = "there is no root"))]
    NoAccount,
    #[error("no folder for {purpose}: tried {}", tried.join(", "))]
    NoFolder { purpose: &'static str, tried: Vec<String> },
    #[error("{doing} {path} failed")]
    File { doing: &'static str, path: PathBuf, source: io::Error },
    #[error("initdb failed:\n{output}")]
    Initdb { output: String },
    #[error("PostgreSQL did not start ({reason}); the end of its log:\n{log}")]
    Start { reason: String, log: String },
    #[error("PostgreSQL did not stop within {seconds} seconds")]
    Stop { seconds: u64 },
}

const INSTALL: &str = "Install one (Debian and Ubuntu: `apt install postgresql`; Fedora: `dnf install \
    postgresql-server`; Alpine: `apk add postgresql`; macOS: `brew install postgresql@17`; Windows: \
    `winget install PostgreSQL.PostgreSQL.17`), or name a running server in DATABASE_URL.";

impl ServerError {
    pub(crate) fn file(doing: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Kind::File { doing, path, source }.into()
    }

    /// Whether the reason is that the machine has no PostgreSQL and none comes with this crate for it.
    ///
    /// ```
    /// # let outcome = orm_testkit::Server::shared();
    /// assert!(!outcome.is_err_and(|error| error.is_not_found()));
    /// ```
    pub fn is_not_found(&self) -> bool {
        matches!(*self.kind, Kind::NotFound { .. })
    }

    /// The last lines that the server wrote before it gave up, if it came that far.
    ///
    /// ```
    /// let error = orm_testkit::Cluster::builder().setting("no_such_setting", "1").start().unwrap_err();
    /// assert!(error.log().unwrap().contains("no_such_setting"));
    /// ```
    pub fn log(&self) -> Option<&str> {
        match &*self.kind {
            Kind::Start { log, .. } => Some(log),
            _ => None,
        }
    }
}

impl From<Kind> for ServerError {
    fn from(kind: Kind) -> Self {
        Self { kind: Arc::new(kind) }
    }
}

impl std::fmt::Display for ServerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for ServerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.kind.source()
    }
}

/// A test database could not be made or dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let nowhere = "postgresql://postgres@127.0.0.1:1/postgres";
/// let error = orm_testkit::TestDatabase::create_at(nowhere).await.unwrap_err();
/// assert!(matches!(error, orm_testkit::Error::Database { .. }));
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no server to make it on.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The given URL is not of the form `postgresql://user:password@host:port/database`.
    #[error("no URL of the form postgresql://user:password@host:port/database")]
    MalformedUrl,
    /// The server refused.
    #[error("{doing} failed")]
    Database {
        /// What was being done, such as `connecting`.
        doing: String,
        /// The server's or the network's answer.
        source: tokio_postgres::Error,
    },
    /// The function that fills a template gave an error.
    #[error("filling the template `{template}` failed")]
    Template {
        /// The key of the template.
        template: String,
        /// What the function returned.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// For `map_err`: wraps an error of the driver with what was being done.
    pub(crate) fn doing(doing: impl Into<String>) -> impl FnOnce(tokio_postgres::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Database { doing, source }
    }
}
