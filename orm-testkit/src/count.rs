//! Counting what a piece of code sends, and telling which calls sent it.

use crate::call_site::call_site;
use orm_core::Engine;
use orm_core::engine::SendWatcher;
use std::backtrace::Backtrace;
use std::fmt::Write;
use std::ops::{RangeInclusive, RangeToInclusive};
use std::sync::{Arc, Mutex, PoisonError};

/// Asserts how many statements a block sends over an engine, BEGIN and COMMIT included: so many exactly, or `..=` so many at most.
///
/// The first argument is an engine, a session, or what stands for one, such as the guard of `begin_nested`; the value is that of the block.
///
/// ```test_harness
/// # orm_core::declarative_base!(pub Base);
/// # use orm_core::prelude::*;
/// #[orm_testkit::test(base = Base)]
/// async fn nothing_is_sent_for_nothing(engine: Engine) {
///     let mut session = engine.session();
///     orm_testkit::assert_queries!(session, 0, { session.commit().await.unwrap() });
///     orm_testkit::assert_queries!(session, ..=2, { session.begin().await.unwrap() });
/// }
/// ```
///
/// When the number is wrong, the message has a line for each call that sent something: its place, how often, and the
/// statement. A loop that asks once a round shows as one line:
///
/// ```text
/// 12 statements were sent by the block at tests/shop.rs:30; expected 2
///    1 × ./tests/shop.rs:31:48  SELECT "id", "name" FROM "customer"
///   11 × ./tests/shop.rs:33:59  SELECT "id", "customer_id" FROM "cart" WHERE "customer_id" = $1
/// ```
///
/// The place is that of the innermost `.await` outside of this library and the runtime, read from the stack.
#[macro_export]
macro_rules! assert_queries {
    ($on:expr, $expected:expr, $block:block) => {{
        let recorder = {
            use $crate::__private::Counted as _;
            // By the dots of a method call, so that guards count as their sessions.
            $crate::__private::Recorder::start($on.counted_engine())
        };
        let value = $block;
        recorder.check(&$expected, ::core::file!(), ::core::line!());
        value
    }};
}

/// What [`assert_queries!`](crate::assert_queries) can count on.
pub trait Counted {
    /// The engine whose statements are counted.
    fn counted_engine(&self) -> &Engine;
}

impl Counted for orm_core::Session {
    fn counted_engine(&self) -> &Engine {
        self.engine()
    }
}

impl Counted for Engine {
    fn counted_engine(&self) -> &Engine {
        self
    }
}

/// How many statements a block may send.
pub trait Budget {
    /// Whether so many are right.
    fn allows(&self, sent: u64) -> bool;
    /// In words.
    fn shown(&self) -> String;
}

impl Budget for u64 {
    fn allows(&self, sent: u64) -> bool {
        *self == sent
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Budget for RangeToInclusive<u64> {
    fn allows(&self, sent: u64) -> bool {
        self.contains(&sent)
    }

    fn shown(&self) -> String {
        format!("at most {}", self.end)
    }
}

impl Budget for RangeInclusive<u64> {
    fn allows(&self, sent: u64) -> bool {
        self.contains(&sent)
    }

    fn shown(&self) -> String {
        format!("{} to {}", self.start(), self.end())
    }
}

/// A statement, and the stack that sent it.
type Sent = (String, Backtrace);

/// Writes down what an engine sends.
#[derive(Debug)]
pub struct Recorder {
    sent: Arc<Mutex<Vec<Sent>>>,
    _watcher: SendWatcher,
}

impl Recorder {
    /// Begins.
    pub fn start(on: &Engine) -> Self {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&sent);
        let watcher = on.on_send(move |text| {
            let sent = (text.to_owned(), Backtrace::force_capture());
            list.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
        });
        Self { sent, _watcher: watcher }
    }

    /// Ends, and looks whether it was as many statements as expected.
    ///
    /// # Panics
    /// When it was not, with a line for each call that sent some.
    #[track_caller]
    pub fn check(self, expected: &impl Budget, file: &str, line: u32) {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let number = sent.len() as u64;
        if !expected.allows(number) {
            let (expected, calls) = (expected.shown(), calls(&sent));
            panic!("{number} statements were sent by the block at {file}:{line}; expected {expected}{calls}");
        }
    }
}

/// A line for each call and statement, in the order in which they came first.
fn calls(sent: &[Sent]) -> String {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for (text, backtrace) in sent {
        let place = call_site(&backtrace.to_string());
        let place = place.unwrap_or_else(|| "somewhere without debug information".to_owned());
        let line = format!("{place}  {text}");
        match lines.iter_mut().find(|(known, _)| *known == line) {
            Some((_, times)) => *times += 1,
            None => lines.push((line, 1)),
        }
    }
    lines.iter().fold(String::new(), |mut out, (line, times)| {
        let _ = write!(out, "\n{times:>4} × {line}");
        out
    })
}
