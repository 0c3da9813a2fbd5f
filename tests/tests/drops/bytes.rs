//! Dropping, or breaking the connection, after every so many bytes.

use crate::bench::Bench;
use crate::cases::{Case, Changes, Ended, FlushThenCommit, Graph, One, check_after};
use crate::drip::Way;
use orm_core::ErrorKind;
use orm_core::prelude::*;
use std::collections::{HashMap, HashSet};

/// Into how many parts the bytes of a piece of work are cut.
const CUTS: u64 = 10;

/// Number `n` of the work undisturbed: how many bytes it takes each way.
async fn measure<C: Case>(case: &C, bench: &Bench, n: usize) -> (u64, u64) {
    let mut session = bench.engine.session();
    case.prepare(bench, &mut session, n).await;
    bench.drip.begin();
    case.act(&mut session).await.unwrap();
    bench.drip.end();
    (bench.drip.passed(Way::Requests), bench.drip.passed(Way::Answers))
}

/// Evenly, and around the last message, which is the answer to COMMIT.
fn cuts(bytes: u64) -> impl Iterator<Item = u64> {
    (0..CUTS).map(move |cut| bytes * cut / CUTS).chain([bytes - 10, bytes - 1])
}

/// Drops `act` when the server has so many bytes of it, and when the client has so many of the answers.
async fn drop_at_bytes<C: Case>(case: C) -> HashMap<Ended, usize> {
    let bench = Bench::unprepared().await;
    let (requests, answers) = measure(&case, &bench, 0).await;
    let both = cuts(requests).map(|k| (Way::Requests, k)).chain(cuts(answers).map(|k| (Way::Answers, k)));
    let mut ends = HashMap::new();
    for (n, (way, bytes)) in both.enumerate() {
        let n = n + 1;
        let mut session: Session = bench.engine.session();
        let handles = case.prepare(&bench, &mut session, n).await;
        bench.drip.begin();
        let done = tokio::select! {
            biased;
            done = case.act(&mut session) => Some(done),
            () = bench.drip.until(way, bytes) => None,
        };
        match done {
            Some(done) => done.unwrap(),
            None => {
                *ends.entry(check_after(&case, &bench, &mut session, &handles, n).await).or_default() += 1;
            }
        }
    }
    bench.settled().await;
    ends
}

/// Breaks the connection when so many bytes have passed; what the errors were.
///
/// What is acknowledged is there. What fails is not there, unless the error says that nobody knows.
async fn break_at_bytes<C: Case>(case: C) -> HashSet<(ErrorKind, bool)> {
    let bench = Bench::unprepared().await;
    let (requests, answers) = measure(&case, &bench, 0).await;
    let both = cuts(requests).map(|k| (Way::Requests, k)).chain(cuts(answers).map(|k| (Way::Answers, k)));
    let mut seen = HashSet::new();
    for (n, (way, bytes)) in both.enumerate() {
        let n = n + 1;
        let mut session: Session = bench.engine.session();
        let handles = case.prepare(&bench, &mut session, n).await;
        bench.drip.begin();
        bench.drip.break_after(way, bytes);
        let done = case.act(&mut session).await;
        bench.drip.end();
        let Err(error) = done else {
            assert!(case.is_done(&bench, n).await, "{way:?} {bytes}: acknowledged");
            continue;
        };
        let ended = check_after(&case, &bench, &mut session, &handles, n).await;
        let kind = error.kind();
        assert!(
            matches!(kind, ErrorKind::ConnectionLost | ErrorKind::CommitOutcomeUnknown),
            "{way:?} {bytes}: {error:?}"
        );
        assert!(
            kind == ErrorKind::CommitOutcomeUnknown || ended == Ended::Unchanged,
            "{way:?} {bytes} of {requests} and {answers}: {ended:?}, but the error says that nothing was done: {error:?}"
        );
        seen.insert((kind, ended == Ended::Changed));
    }
    seen
}

#[tokio::test]
async fn dropping_one_object() {
    let ends = drop_at_bytes(One).await;
    assert!(ends.values().sum::<usize>() >= 15, "{ends:?}");
}

#[tokio::test]
async fn dropping_a_graph() {
    let ends = drop_at_bytes(Graph).await;
    assert!(ends[&Ended::Unchanged] >= 3 && ends[&Ended::Changed] >= 3, "{ends:?}");
}

#[tokio::test]
async fn dropping_changes() {
    let ends = drop_at_bytes(Changes).await;
    assert!(ends.values().sum::<usize>() >= 15, "{ends:?}");
}

#[tokio::test]
async fn dropping_flush_then_commit() {
    let ends = drop_at_bytes(FlushThenCommit).await;
    assert!(ends[&Ended::Unchanged] >= 6, "{ends:?}");
}

#[tokio::test]
async fn breaking_one_object() {
    let seen = break_at_bytes(One).await;
    assert!(seen.contains(&(ErrorKind::CommitOutcomeUnknown, true)), "{seen:?}");
    assert!(seen.contains(&(ErrorKind::CommitOutcomeUnknown, false)), "{seen:?}");
}

#[tokio::test]
async fn breaking_a_graph() {
    let seen = break_at_bytes(Graph).await;
    assert!(seen.contains(&(ErrorKind::ConnectionLost, false)), "the keys never came: {seen:?}");
    assert!(seen.contains(&(ErrorKind::CommitOutcomeUnknown, true)), "{seen:?}");
    assert!(seen.contains(&(ErrorKind::CommitOutcomeUnknown, false)), "{seen:?}");
}

#[tokio::test]
async fn breaking_changes() {
    let seen = break_at_bytes(Changes).await;
    assert!(seen.contains(&(ErrorKind::CommitOutcomeUnknown, true)), "{seen:?}");
    assert!(seen.contains(&(ErrorKind::CommitOutcomeUnknown, false)), "{seen:?}");
}

#[tokio::test]
async fn breaking_flush_then_commit() {
    let seen = break_at_bytes(FlushThenCommit).await;
    assert!(seen.contains(&(ErrorKind::ConnectionLost, false)), "{seen:?}");
    assert!(seen.iter().any(|(kind, _)| *kind == ErrorKind::CommitOutcomeUnknown), "{seen:?}");
}
