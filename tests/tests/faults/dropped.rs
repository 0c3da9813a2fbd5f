//! Commits that are dropped after any number of polls.
//!
//! Every number of polls, of every kind of work, is enumerated by `tests/drops`. Here are many, one after the other on one
//! pool, at whatever point of the way the server is by then.

use crate::times;
use crate::world::{World, roll_back};
use orm_core::prelude::*;
use shop_models::models::{Cart, Customer};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Numbers that look random and are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound).unwrap()
    }
}

/// Polls a future so many times at most, then drops it.
async fn poll_times<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut done = 0;
    poll_fn(|cx| {
        if done == polls {
            return Poll::Ready(None);
        }
        done += 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if done == polls => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// What is known of one commit.
#[derive(Debug, PartialEq, Eq)]
enum Known {
    Acknowledged,
    Untouched,
    Nothing,
}

async fn drop_one(engine: &Engine, name: &str, polls: usize) -> Known {
    let mut session = engine.session();
    let carts = [Cart::builder(), Cart::builder()];
    let new = session.add(Customer::builder().name(name).email(format!("{name}@x")).carts(carts));
    match poll_times(session.commit(), polls).await {
        Some(done) => {
            done.unwrap();
            Known::Acknowledged
        }
        None if session.is_active() => Known::Untouched,
        None => {
            roll_back(&mut session).await;
            assert!(!session[new].id.is_set());
            Known::Nothing
        }
    }
}

#[tokio::test]
async fn many_commits() {
    let world = World::start().await;
    let mut numbers = Numbers(0x5eed);
    let (mut acknowledged, mut untouched, mut unknown) = (Vec::new(), Vec::new(), 0);
    for n in 0..times(600, 10_000) {
        let name = format!("n{n}");
        match drop_one(&world.engine, &name, numbers.below(12)).await {
            Known::Acknowledged => acknowledged.push(name),
            Known::Untouched => untouched.push(name),
            Known::Nothing => unknown += 1,
        }
    }
    world.settled().await;
    let whole =
        "SELECT c.name, count(k.id) FROM customer c LEFT JOIN cart k ON k.customer_id = c.id GROUP BY c.id";
    let rows = world.observer.query(whole, &[]).await.unwrap();
    let mut there = std::collections::HashSet::new();
    for row in rows {
        assert_eq!(row.get::<_, i64>(1), 2, "{}", row.get::<_, String>(0));
        there.insert(row.get::<_, String>(0));
    }
    assert!(acknowledged.iter().all(|name| there.contains(name)), "acknowledged");
    assert!(!untouched.iter().any(|name| there.contains(name)), "nothing was sent");
    assert!(!acknowledged.is_empty() && !untouched.is_empty() && unknown > 0, "{unknown} unknown");
}
