//! Counting what a piece of code sends.

/// Asserts how many statements a block sends over an engine, BEGIN and COMMIT included.
///
/// The first argument is a session or an engine; the value is that of the block.
///
/// ```test_harness
/// # orm_core::declarative_base!(pub Base);
/// # use orm_core::prelude::*;
/// #[orm_testkit::test(base = Base)]
/// async fn nothing_is_sent_for_nothing(engine: Engine) {
///     let mut session = engine.session();
///     orm_testkit::assert_queries!(session, 0, { session.commit().await.unwrap() });
/// }
/// ```
#[macro_export]
macro_rules! assert_queries {
    ($on:expr, $expected:expr, $block:block) => {{
        let engine = $crate::__private::Counted::counted_engine(&$on);
        let before = engine.statistics().statements;
        let value = $block;
        let sent = engine.statistics().statements - before;
        ::core::assert_eq!(
            sent,
            $expected,
            "statements sent by the block at {}:{}",
            ::core::file!(),
            ::core::line!()
        );
        value
    }};
}

/// What [`assert_queries!`](crate::assert_queries) can count on.
pub trait Counted {
    /// The engine whose statements are counted.
    fn counted_engine(&self) -> orm_core::Engine;
}

impl Counted for orm_core::Session {
    fn counted_engine(&self) -> orm_core::Engine {
        self.engine().clone()
    }
}

impl Counted for orm_core::Engine {
    fn counted_engine(&self) -> orm_core::Engine {
        self.clone()
    }
}
