//! Dropping after every number of polls.

use crate::bench::{Bench, poll_times};
use crate::cases::{Case, Changes, Delete, Ended, FlushThenCommit, Graph, One, check_after};
use orm_core::prelude::*;
use std::collections::HashMap;

/// Drops `act` after 0, 1, 2, … polls until one is enough; how the drops ended.
async fn enumerate<C: Case>(case: C) -> HashMap<Ended, usize> {
    enumerate_on(Bench::start().await, case).await
}

pub(crate) async fn enumerate_on<C: Case>(bench: Bench, case: C) -> HashMap<Ended, usize> {
    let mut ends = HashMap::new();
    for polls in 0.. {
        let mut session: Session = bench.engine.session();
        let handles = case.prepare(&bench, &mut session, polls).await;
        bench.drip.begin();
        if let Some(done) = poll_times(case.act(&mut session), polls).await {
            bench.drip.end();
            done.unwrap();
            assert!(session.is_active() && !session.in_transaction());
            assert!(case.is_done(&bench, polls).await);
            bench.settled().await;
            return ends;
        }
        *ends.entry(check_after(&case, &bench, &mut session, &handles, polls).await).or_default() += 1;
    }
    ends
}

#[tokio::test]
async fn one_object() {
    let ends = enumerate(One).await;
    assert!(ends[&Ended::Untouched] >= 1, "{ends:?}");
    assert!(ends.contains_key(&Ended::Changed) || ends.contains_key(&Ended::Unchanged), "{ends:?}");
}

#[tokio::test]
async fn a_graph() {
    let ends = enumerate(Graph).await;
    assert!(ends[&Ended::Unchanged] >= 2, "{ends:?}");
    assert!(ends[&Ended::Changed] >= 2, "{ends:?}");
}

#[tokio::test]
async fn changes() {
    let ends = enumerate(Changes).await;
    assert!(ends.values().sum::<usize>() >= 4, "{ends:?}");
}

#[tokio::test]
async fn a_deletion() {
    let ends = enumerate(Delete).await;
    assert!(ends.values().sum::<usize>() >= 2, "{ends:?}");
}

#[tokio::test]
async fn flush_then_commit() {
    let ends = enumerate(FlushThenCommit).await;
    assert!(ends[&Ended::Unchanged] >= 4, "{ends:?}");
}
