//! What an answer means, or that there was none.

use super::wire::Request;
use crate::error::{Error, ErrorKind, SqlState};
use std::time::Duration;

/// Whether the connection is of no use after an error: the server says so, or it came from this side of the wire.
pub(super) fn ends_connection(error: &tokio_postgres::Error) -> bool {
    use tokio_postgres::error::Severity;
    let severity = error.as_db_error().map(tokio_postgres::error::DbError::parsed_severity);
    severity.is_none_or(|severity| matches!(severity, Some(Severity::Fatal | Severity::Panic)))
}

/// What stays unknown when the answer to a flight is lost.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Nothing: the transaction is not committed.
    No,
    /// Whether COMMIT was done.
    Commit,
    /// Whether PREPARE TRANSACTION was done.
    Prepare,
}

/// What losing the answer to a flight would leave unknown.
pub(super) fn doubt(requests: &[Request], in_transaction: bool) -> Doubt {
    if requests.iter().any(|request| matches!(request, Request::Prepare(_))) {
        return Doubt::Prepare;
    }
    // Outside a transaction every statement commits by itself.
    let commits = requests.iter().any(|r| matches!(r, Request::Commit)) || !in_transaction;
    if commits && writes(requests) { Doubt::Commit } else { Doubt::No }
}

/// Says which end of the transaction is unknown.
fn unknown(doubt: Doubt, commit: &str, prepare: &str) -> Option<Error> {
    match doubt {
        Doubt::No => None,
        Doubt::Commit => {
            let why = format!("{commit}: the transaction may have been committed or not");
            Some(Error::new(ErrorKind::CommitOutcomeUnknown, why))
        }
        Doubt::Prepare => {
            let why = format!(
                "{prepare}: the transaction may be prepared or not; `engine.prepared_transactions()` tells, and then it has \
                 to be committed or rolled back by its name"
            );
            Some(Error::new(ErrorKind::PrepareOutcomeUnknown, why))
        }
    }
}

/// The error of a flight.
///
/// Where the server itself said goodbye it did not commit after that; a server that crashed may have done so before.
pub(super) fn classify(error: tokio_postgres::Error, doubt: Doubt) -> Error {
    let error = Error::from_statement(error);
    let is_sure = error.code().is_some_and(|code| *code != SqlState::CRASH_SHUTDOWN);
    if error.kind() != ErrorKind::ConnectionLost || is_sure {
        return error;
    }
    let lost = |what: &str| format!("the connection was lost after {what} was sent");
    match unknown(doubt, &lost("COMMIT"), &lost("PREPARE TRANSACTION")) {
        Some(unknown) => unknown.with_source(error),
        None => error,
    }
}

/// Whether a flight changes what the database has.
fn writes(requests: &[Request]) -> bool {
    // What a flight begins and ends is what stands in between.
    let begins = requests.iter().any(|request| matches!(request, Request::Begin(_)));
    requests.iter().any(|request| match request {
        Request::Commit => !begins,
        Request::Begin(_) | Request::Rollback | Request::Local(_) => false,
        Request::Prepare(_) | Request::Script(_) => true,
        Request::Run(statement) => !statement.text.starts_with("SELECT"),
    })
}

/// The error of a flight without an answer.
pub(super) fn timed_out(after: Duration, doubt: Doubt) -> Error {
    let missing = |what: &str| format!("no answer to {what} within {after:?}");
    unknown(doubt, &missing("COMMIT"), &missing("PREPARE TRANSACTION")).unwrap_or_else(|| {
        Error::new(ErrorKind::Timeout, format!("no answer within {after:?}; the statement was cancelled"))
    })
}

/// "cached plan must not change result type", and a prepared statement that a pooler has lost.
pub(super) fn is_stale_plan(code: &SqlState) -> bool {
    matches!(*code, SqlState::FEATURE_NOT_SUPPORTED | SqlState::INVALID_SQL_STATEMENT_NAME)
}

/// Whether a statement failed because what was prepared for it is no use any more: sent again, it is prepared again.
pub(crate) fn is_stale(error: &Error) -> bool {
    error.code().is_some_and(is_stale_plan)
}

/// Whether the transaction lost a race against another one.
pub(super) fn is_lost_race(code: &SqlState) -> bool {
    matches!(*code, SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED)
}
