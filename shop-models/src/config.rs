//! Where the database is: the one that the user names, or one that is just there.

use orm_core::{Engine, EngineBuilder};
use orm_testkit::{Server, Source, TestDatabase};
use std::fmt;

/// The database that a command works on.
///
/// A scratch database is dropped with this value, or by [`close`](Self::close), which tells if that fails.
#[derive(Debug)]
pub struct Database {
    url: String,
    origin: Origin,
    scratch: Option<TestDatabase>,
}

/// Where a [`Database`] comes from; shows itself in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The database that the user named.
    Named,
    /// A scratch database on the server that the user named.
    ScratchOnNamed,
    /// A scratch database on a server that was started for it.
    Scratch(Source),
}

/// No database could be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no server for a scratch database, or it refuses.
    #[error("no database of our own could be made")]
    Scratch(#[from] orm_testkit::Error),
    /// The database cannot be connected to.
    #[error("the database cannot be used")]
    Connect(#[from] orm_core::Error),
}

impl Database {
    /// The database that the URL names; without one, an empty scratch database.
    ///
    /// # Errors
    /// [`Error::Scratch`] when there is no URL and no PostgreSQL either.
    pub async fn open(url: Option<&str>) -> Result<Self, Error> {
        match named(url) {
            Some(url) => Ok(Self { url: url.to_owned(), origin: Origin::Named, scratch: None }),
            None => Self::scratch(None).await,
        }
    }

    /// An empty database of our own, so that nobody's data are touched: on the server that the URL names, or on one
    /// that is started for it.
    ///
    /// # Errors
    /// [`Error::Scratch`] when there is no PostgreSQL, or it refuses.
    pub async fn scratch(url: Option<&str>) -> Result<Self, Error> {
        let (database, origin) = match named(url) {
            Some(url) => (TestDatabase::create_at(url).await?, Origin::ScratchOnNamed),
            None => {
                let database = TestDatabase::create().await?;
                let server = Server::shared().map_err(orm_testkit::Error::from)?;
                (database, Origin::of(server.source()))
            }
        };
        Ok(Self { url: database.url().to_owned(), origin, scratch: Some(database) })
    }

    /// Settings for an engine on this database.
    pub fn engine(&self) -> EngineBuilder {
        Engine::builder(&self.url).application_name("shop")
    }

    /// Where it comes from.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether it was made for this run and vanishes with it.
    pub const fn is_scratch(&self) -> bool {
        self.scratch.is_some()
    }

    /// Drops a scratch database; leaves a named one as it is.
    ///
    /// # Errors
    /// [`Error::Scratch`] when the server cannot be reached.
    pub async fn close(self) -> Result<(), Error> {
        match self.scratch {
            Some(database) => Ok(database.close().await?),
            None => Ok(()),
        }
    }
}

/// A variable that is set to nothing names no database.
fn named(url: Option<&str>) -> Option<&str> {
    url.filter(|url| !url.is_empty())
}

impl Origin {
    fn of(source: &Source) -> Self {
        match source {
            Source::Url => Self::ScratchOnNamed,
            other => Self::Scratch(other.clone()),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named => f.write_str("the database that you named"),
            Self::ScratchOnNamed => f.write_str("a scratch database on the server that you named"),
            Self::Scratch(Source::Installed(folder)) => {
                write!(f, "a scratch database, PostgreSQL of {}", folder.display())
            }
            Self::Scratch(_) => f.write_str("a scratch database, PostgreSQL of orm-testkit"),
        }
    }
}
