//! Why an import ends early.

use super::HEADER;
use crate::count;
use std::io;
use std::path::PathBuf;

/// An import that could not be begun, or not be finished. Batches that were written before stay: importing the file
/// again does no harm.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be opened.
    #[error("cannot open {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file cannot be read to its end.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// There is nothing in the file.
    #[error("{} is empty: expected the header `{HEADER}`, and lines", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file begins with something else than the header.
    #[error("{} begins with `{found}`: expected the header `{HEADER}`", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// Its first line, shortened.
        found: String,
    },
    /// The reject file cannot be written.
    #[error("cannot write the rejected lines to {}", path.display())]
    RejectFile {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The reject file is the imported file.
    #[error("{} is the file that is imported: expected another one for its rejected lines", path.display())]
    RejectIsInput {
        /// The file.
        path: PathBuf,
    },
    /// Too much of a large file was there before.
    #[error(
        "more than {} positions of this file are on invoices that were in the shop before: import it in parts that \
         keep the lines of an invoice together",
        count(*limit as i64)
    )]
    TooManyKnown {
        /// How many can be remembered.
        limit: usize,
    },
    /// The database refused, or was lost.
    #[error("the database refused")]
    Database(#[from] orm_core::Error),
}
