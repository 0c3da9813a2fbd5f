//! Errors of the wire, classified by SQLSTATE and not by the state of the connection.

use super::{Error, ErrorKind};
use tokio_postgres::error::{Severity, SqlState};

impl Error {
    /// Classifies an error of a statement.
    pub(crate) fn from_statement(error: tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            return if error.is_closed() || is_io(&error) {
                Self::new(ErrorKind::ConnectionLost, "the connection to the server was lost")
                    .with_source(error)
            } else {
                Self::new(ErrorKind::Database, "the statement could not be sent").with_source(error)
            };
        };
        let kind = match *db.code() {
            SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN => ErrorKind::ConnectionLost,
            SqlState::QUERY_CANCELED | SqlState::LOCK_NOT_AVAILABLE => ErrorKind::Timeout,
            // Such as `idle_in_transaction_session_timeout` (25P03).
            _ if matches!(db.parsed_severity(), Some(Severity::Fatal | Severity::Panic)) => {
                ErrorKind::ConnectionLost
            }
            _ => ErrorKind::Database,
        };
        Self::new(kind, describe(db)).with_source(error)
    }

    /// A row that does not fit.
    pub(crate) fn decode(
        place: impl std::fmt::Display,
        source: Box<dyn std::error::Error + Send + Sync>,
    ) -> Self {
        let why = innermost(&*source);
        Self::new(ErrorKind::Decode, format!("cannot read {place} from the row: {why}")).with_source(source)
    }

    /// A value of a column that does not fit; `place` ends with the name of the column.
    pub(crate) fn decode_column(place: &str, source: Box<dyn std::error::Error + Send + Sync>) -> Self {
        let column = place.rsplit_once('.').map_or(place, |(_, column)| column);
        Self::decode(format_args!("`{place}`"), source).with_columns(vec![column.to_owned()])
    }

    /// A value that cannot be sent.
    pub(crate) fn encode(
        place: impl std::fmt::Display,
        source: Box<dyn std::error::Error + Send + Sync>,
    ) -> Self {
        let why = innermost(&*source);
        Self::new(ErrorKind::Encode, format!("cannot write {place}: {why}")).with_source(source)
    }
}

/// What is at the bottom of an error: the reason, without the layers that it came through.
fn innermost<'e>(mut error: &'e (dyn std::error::Error + 'static)) -> &'e (dyn std::error::Error + 'static) {
    while let Some(source) = error.source() {
        error = source;
    }
    error
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if error.is::<std::io::Error>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// One line that names constraint, table and column where the server named them.
fn describe(db: &tokio_postgres::error::DbError) -> String {
    let table = db.table().unwrap_or("?");
    match *db.code() {
        SqlState::UNIQUE_VIOLATION => format!(
            "a row of `{table}` with this {} is there already (constraint `{}`)",
            key_of(db.detail()).unwrap_or("key"),
            db.constraint().unwrap_or("?"),
        ),
        SqlState::FOREIGN_KEY_VIOLATION => format!(
            "the foreign key `{}` of `{table}` is violated: {}",
            db.constraint().unwrap_or("?"),
            db.detail().unwrap_or_else(|| db.message()),
        ),
        SqlState::NOT_NULL_VIOLATION => {
            format!("`{table}.{}` cannot be NULL", db.column().unwrap_or("?"))
        }
        SqlState::CHECK_VIOLATION => {
            let check = db.constraint().unwrap_or("?");
            match (db.table(), db.datatype()) {
                (None, Some(domain)) => {
                    format!("a value of the domain `{domain}` breaks its check `{check}`")
                }
                _ => format!("a row of `{table}` breaks the check `{check}`"),
            }
        }
        SqlState::EXCLUSION_VIOLATION => format!(
            "a row of `{table}` is excluded by another one (constraint `{}`): {}",
            db.constraint().unwrap_or("?"),
            db.detail().unwrap_or_else(|| db.message()),
        ),
        _ => format!("{} ({})", db.message(), db.code().code()),
    }
}

/// `Key (email)=(ann@example.org) already exists.` → `(email)=(ann@example.org)`
fn key_of(detail: Option<&str>) -> Option<&str> {
    detail?.strip_prefix("Key ")?.split_once(" already").map(|(key, _)| key)
}
