//! `assert_queries!`: how many statements a block may send, and who sent them when it was not so many.

use futures_util::FutureExt;
use orm_core::prelude::*;
use orm_testkit::assert_queries;
use shop_models::models::{Base, Cart, Customer};
use std::panic::AssertUnwindSafe;

/// A place in this file, as a message has it.
fn at(line: u32) -> String {
    format!("budgets.rs:{line}:")
}

/// The message of the panic that a future ends with.
async fn panic_of(work: impl Future<Output = ()>) -> String {
    let panic = AssertUnwindSafe(work).catch_unwind().await.expect_err("it was to panic");
    *panic.downcast::<String>().expect("a message")
}

async fn fill(engine: &Engine) {
    let mut session = engine.session();
    let customer = |name: &str| Customer::builder().name(name).email(name).carts([Cart::builder()]);
    session.add_all(["Ann", "Bea", "Cem"].map(customer));
    session.commit().await.unwrap();
}

/// The line in which [`count_carts`] asks.
const IN_COUNT_CARTS: u32 = line!() + 3;

async fn count_carts(session: &mut Session) -> i64 {
    session.query::<Cart>().count().await.unwrap()
}

#[orm_testkit::test(base = Base)]
async fn a_budget_that_is_kept_is_silent(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let found = assert_queries!(session, 1, { session.query::<Customer>().all().await.unwrap() });
    assert_eq!(found.len(), 3);
    assert_queries!(session, ..=2, { count_carts(&mut session).await });
    assert_queries!(engine, 1..=2, { count_carts(&mut session).await });
}

#[orm_testkit::test(base = Base)]
async fn a_guard_counts_as_its_session(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let mut quiet = session.no_autoflush();
    assert_queries!(quiet, 1, { count_carts(&mut quiet).await });
    drop(quiet);
    let borrowed = &mut session;
    assert_queries!(borrowed, 1, { count_carts(borrowed).await });
    let mut nested = session.begin_nested().await.unwrap();
    assert_queries!(nested, 1, { count_carts(&mut nested).await });
    nested.commit().await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn a_loop_that_asks_each_time_shows_as_one_line(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let begin = line!();
    let message = panic_of(async {
        assert_queries!(session, 2, {
            let customers = session.query::<Customer>().order_by(Customer::ID).all().await.unwrap();
            for customer in customers {
                let name = session[customer].name.clone();
                session.query::<Customer>().filter(Customer::NAME.eq(name)).count().await.unwrap();
            }
        });
    })
    .await;
    let lines: Vec<&str> = message.lines().collect();
    assert!(lines[0].starts_with("4 statements were sent by the block at "), "{message}");
    assert!(lines[0].ends_with("; expected 2"), "{message}");
    let [all, each] = &lines[1..] else { panic!("two calls: {message}") };
    assert!(all.starts_with("   1 × ") && all.contains(&at(begin + 3)), "{message}");
    assert!(each.starts_with("   3 × ") && each.contains(&at(begin + 6)), "{message}");
    assert!(each.contains("  SELECT count(*) FROM "), "{message}");
}

#[orm_testkit::test(base = Base)]
async fn a_call_is_named_where_it_stands_not_where_it_was_asked_for(engine: Engine) {
    fill(&engine).await;
    let mut session = engine.session();
    let message = panic_of(async {
        assert_queries!(session, ..=0, { count_carts(&mut session).await });
    })
    .await;
    assert!(message.contains("; expected at most 0\n"), "{message}");
    assert!(message.contains(&at(IN_COUNT_CARTS)), "{message}");
}

#[orm_testkit::test(base = Base)]
async fn calls_without_a_session_and_of_a_flush_are_named_too(engine: Engine) {
    fill(&engine).await;
    let begin = line!();
    let message = panic_of(async {
        assert_queries!(engine, 0, {
            Customer::find(&engine, 1).await.unwrap();
            let mut session = engine.session();
            let ann = session.get_one::<Customer>(1).await.unwrap();
            session[ann].age = Some(41);
            session.begin().await.unwrap();
            session.commit().await.unwrap();
        });
    })
    .await;
    let calls: Vec<&str> = message.lines().skip(1).collect();
    let lines = [3, 5, 7, 8, 8].map(|after| at(begin + after));
    assert_eq!(calls.len(), lines.len(), "{message}");
    assert!(calls.iter().zip(&lines).all(|(call, place)| call.contains(place)), "{message}");
}
