//! The backend is terminated before and after every message of a flush.

use crate::gate::{Fault, Then};
use crate::work::Work;
use crate::world::World;
use orm_core::ErrorKind;
use orm_core::error::SqlState;
use orm_core::prelude::*;

/// The only connection of the pool waits for what the gate holds, and ends.
async fn terminate(world: &World) {
    let pool = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let waits = format!("SELECT count(*) {pool} AND wait_event = 'ClientRead'");
    world.until("the backend waits", &waits, |n| n == 1).await;
    assert_eq!(world.number(&format!("SELECT count(pg_terminate_backend(pid)) {pool}")).await, 1);
    world.until("the backend ends", &format!("SELECT count(*) {pool}"), |n| n == 0).await;
}

/// Commits, terminated when the server has 0, 1, 2, … messages of it; the number of messages.
async fn enumerate(statement_cache: usize, act: impl AsyncFn(&mut Session) -> orm_core::Result<()>) -> usize {
    let world = World::with(1, |engine| engine.statement_cache(statement_cache)).await;
    for n in 0.. {
        let mut session = world.engine.session();
        let work = Work::prepare(&world, &mut session, n).await;
        world.gate.set(Fault::At(n, Then::Hold));
        let fault = async {
            world.gate.struck().await;
            terminate(&world).await;
            world.gate.set(Fault::None);
            std::future::pending::<()>().await;
        };
        let outcome = tokio::select! {
            outcome = act(&mut session) => outcome,
            () = fault => unreachable!(),
        };
        let is_whole = !world.gate.has_struck();
        if let Err(error) = &outcome {
            if statement_cache == 0 {
                // The server said goodbye, so that nothing is unknown.
                assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{n}: {error:?}");
                assert_eq!(error.code(), Some(&SqlState::ADMIN_SHUTDOWN), "{n}: {error:?}");
            } else {
                // It may say it while a text is prepared for the next time, which nobody hears.
                let kinds = [ErrorKind::ConnectionLost, ErrorKind::CommitOutcomeUnknown];
                assert!(kinds.contains(&error.kind()), "{n}: {error:?}");
            }
        }
        world.gate.set(Fault::None);
        world.check_after(&mut session, &work, &outcome, n).await;
        if is_whole {
            outcome.unwrap();
            return n;
        }
    }
    unreachable!()
}

#[tokio::test]
async fn a_commit() {
    let messages = enumerate(0, async |session| session.commit().await).await;
    assert!(messages > 20, "{messages}");
}

#[tokio::test]
async fn a_flush_and_a_commit() {
    let messages = enumerate(0, async |session| {
        session.flush().await?;
        session.commit().await
    });
    assert!(messages.await > 20);
}

/// With statements that are being prepared, or are prepared already.
#[tokio::test]
async fn a_commit_in_a_transaction_that_reads() {
    let messages = enumerate(256, async |session| {
        session.begin().await?;
        session.query::<shop_models::models::Product>().count().await?;
        session.commit().await
    });
    assert!(messages.await > 10);
}
