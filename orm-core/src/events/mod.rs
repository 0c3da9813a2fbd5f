//! What the engine tells about the statements it sends: to `tracing`, to the echo, to listeners.

use crate::sql::Param;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// One statement that came back from the server.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use std::sync::{Arc, Mutex};
/// let slow = Arc::new(Mutex::new(Vec::new()));
/// let log = slow.clone();
/// let engine = Engine::builder(database.url())
///     .on_statement(move |event| {
///         if event.elapsed.as_millis() >= 20 || event.outcome.is_err() {
///             log.lock().unwrap().push((event.text.to_owned(), event.params.len(), event.to_string()));
///         }
///     })
///     .connect()
///     .await?;
/// engine.execute_script("SELECT pg_sleep(0.02)").await?;
/// let (text, params, shown) = slow.lock().unwrap().remove(0);
/// assert_eq!((&text[..], params), ("SELECT pg_sleep(0.02)", 0));
/// assert!(shown.starts_with("[orm] SELECT pg_sleep(0.02)"));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct StatementEvent<'a> {
    /// The SQL text.
    pub text: &'a str,
    /// The bound values; they show themselves with `Display`, long ones cut.
    pub params: &'a [Param],
    /// From sending to the last row. Statements that travel together overlap.
    pub elapsed: Duration,
    /// Rows that came back or were changed; `Err` with the server's words when it failed.
    pub outcome: Result<u64, String>,
}

/// Two lines: the statement, and values, time and rows.
impl fmt::Display for StatementEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[orm] {}", self.text)?;
        f.write_str(if self.params.is_empty() { "  " } else { "\n      " })?;
        for (i, param) in self.params.iter().enumerate() {
            write!(f, "{}${} = {param}", if i > 0 { ", " } else { "" }, i + 1)?;
        }
        if !self.params.is_empty() {
            f.write_str("  ")?;
        }
        let millis = self.elapsed.as_secs_f64() * 1e3;
        match &self.outcome {
            Ok(1) => write!(f, "({millis:.2} ms, 1 row)"),
            Ok(rows) => write!(f, "({millis:.2} ms, {rows} rows)"),
            Err(error) => write!(f, "({millis:.2} ms) failed: {error}"),
        }
    }
}

type Listener = Arc<dyn Fn(&StatementEvent<'_>) + Send + Sync>;

/// Who hears of statements.
#[derive(Clone, Default)]
pub(crate) struct StatementLog {
    echo: bool,
    listeners: Vec<Listener>,
}

impl StatementLog {
    pub(crate) fn set_echo(&mut self, echo: bool) {
        self.echo = echo;
    }

    pub(crate) fn listen(&mut self, listener: Listener) {
        self.listeners.push(listener);
    }

    pub(crate) fn tell(&self, event: &StatementEvent<'_>) {
        tracing::debug!(
            target: "orm_core::sql",
            sql = event.text,
            elapsed_us = u64::try_from(event.elapsed.as_micros()).unwrap_or(u64::MAX),
            rows = event.outcome.as_ref().ok(),
            error = event.outcome.as_ref().err(),
        );
        if self.echo {
            eprintln!("{event}");
        }
        for listener in &self.listeners {
            listener(event);
        }
    }
}

impl fmt::Debug for StatementLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatementLog(echo: {}, {} listeners)", self.echo, self.listeners.len())
    }
}
