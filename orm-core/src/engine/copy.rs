//! COPY, and other rows that go over the wire as a stream.
//!
//! From the first byte until the answer the connection counts as in flight: dropped in between, it is given up like one that is dropped in
//! a flight, and the server takes back what came so far.

use super::executor::AsEngine;
use super::outcome::{Doubt, classify, ends_connection, timed_out};
use super::wire::{Request, Wire, check};
use super::{Connection, Engine};
use crate::error::{Error, ErrorKind, Result};
use crate::events::StatementEvent;
use crate::sql::Statement;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;
use tokio::time::timeout;
use tokio_postgres::{CopyInSink, CopyOutStream, Row, RowStream};

/// A connection that is lent for a COPY.
pub trait Lease: Send {
    /// The connection.
    #[doc(hidden)]
    fn wire(&mut self) -> &mut Wire;

    /// The COPY came to its end, with success.
    #[doc(hidden)]
    fn settle(&mut self) {}
}

impl Lease for Connection {
    fn wire(&mut self) -> &mut Wire {
        Self::wire(self)
    }
}

impl Lease for &mut Connection {
    fn wire(&mut self) -> &mut Wire {
        Connection::wire(self)
    }
}

/// A COPY under way to the server.
pub(crate) struct CopyIn<L: Lease> {
    lease: L,
    sink: Pin<Box<CopyInSink<Bytes>>>,
    text: String,
    start: Instant,
}

/// A COPY under way from the server.
pub(crate) struct CopyOut<L: Lease> {
    lease: L,
    stream: Pin<Box<CopyOutStream>>,
    text: String,
    start: Instant,
}

impl<L: Lease> CopyIn<L> {
    /// Begins it, with a text of ours.
    ///
    /// # Errors
    /// The server's.
    pub(crate) async fn begin(mut lease: L, text: String) -> Result<Self> {
        let start = Instant::now();
        let wire = lease.wire();
        wire.begin_copy(&text).await?;
        let begun = timeout(wire.timeout, wire.client.copy_in(text.as_str())).await;
        let sink = wire.step(begun, Doubt::No, &text, start).await?;
        Ok(Self { lease, sink: Box::pin(sink), text, start })
    }

    /// Sends some bytes; waits while the server has enough to do.
    ///
    /// # Errors
    /// When the connection ended.
    pub(crate) async fn send(&mut self, bytes: Bytes) -> Result<()> {
        let wire = self.lease.wire();
        let sent = timeout(wire.timeout, self.sink.send(bytes)).await;
        wire.step(sent, Doubt::No, &self.text, self.start).await
    }

    /// Says that this was all; gives the number of rows.
    ///
    /// # Errors
    /// What the server says of any of the rows; [`CommitOutcomeUnknown`](ErrorKind::CommitOutcomeUnknown) when its answer did not come.
    pub(crate) async fn finish(mut self) -> Result<u64> {
        let wire = self.lease.wire();
        let doubt = if wire.in_transaction { Doubt::No } else { Doubt::Commit };
        let done = timeout(wire.timeout, self.sink.as_mut().finish()).await;
        let rows = wire.step(done, doubt, &self.text, self.start).await?;
        wire.end_copy(&self.text, self.start, Ok(rows));
        self.lease.settle();
        Ok(rows)
    }

    /// Takes back what was sent; the connection can go on.
    pub(crate) fn abort(self, why: &str) {
        let Self { mut lease, sink, text, start } = self;
        drop(sink);
        let wire = lease.wire();
        wire.is_aborted = true;
        wire.end_copy(&text, start, Err(why.to_owned()));
    }
}

impl<L: Lease> CopyOut<L> {
    /// Begins it, with a text of ours.
    ///
    /// # Errors
    /// The server's.
    pub(crate) async fn begin(mut lease: L, text: String) -> Result<Self> {
        let start = Instant::now();
        let wire = lease.wire();
        wire.begin_copy(&text).await?;
        let begun = timeout(wire.timeout, wire.client.copy_out(text.as_str())).await;
        let stream = wire.step(begun, Doubt::No, &text, start).await?;
        Ok(Self { lease, stream: Box::pin(stream), text, start })
    }

    /// The next bytes, of whole rows; `None` after the last.
    ///
    /// # Errors
    /// The server's.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>> {
        let wire = self.lease.wire();
        let next = timeout(wire.timeout, self.stream.next()).await.map(Option::transpose);
        wire.step(next, Doubt::No, &self.text, self.start).await
    }

    /// All bytes came: the connection can go on.
    pub(crate) fn finish(mut self, rows: u64) -> L {
        self.lease.wire().end_copy(&self.text, self.start, Ok(rows));
        self.lease.settle();
        self.lease
    }
}

/// The rows of a statement under way from the server.
pub(crate) struct RowsOut<L: Lease> {
    lease: L,
    stream: Option<Pin<Box<RowStream>>>,
    text: Arc<str>,
    start: Instant,
    rows: u64,
}

impl<L: Lease> RowsOut<L> {
    /// Sends a statement.
    ///
    /// # Errors
    /// The server's.
    pub(crate) async fn begin(mut lease: L, statement: Statement) -> Result<Self> {
        let (start, Statement { text, params }) = (Instant::now(), statement);
        let request = [Request::Run(Statement { text: text.clone(), params: params.clone() })];
        check(&request[0])?;
        let wire = lease.wire();
        wire.begin_copy(&text).await?;
        let bound = wire.timeout;
        let begun = timeout(bound, async {
            wire.learn_types(&request).await;
            let params = params.iter().map(|param| (param, param.ty()));
            wire.client.query_typed_raw(&text, params).await
        });
        let begun = begun.await;
        let stream = wire.step(begun, Doubt::No, &text, start).await?;
        Ok(Self { lease, stream: Some(Box::pin(stream)), text, start, rows: 0 })
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// The server's.
    pub(crate) async fn next(&mut self) -> Result<Option<Row>> {
        let Some(stream) = &mut self.stream else { return Ok(None) };
        let wire = self.lease.wire();
        let next = timeout(wire.timeout, stream.next()).await.map(Option::transpose);
        let row = wire.step(next, Doubt::No, &self.text, self.start).await?;
        self.rows += u64::from(row.is_some());
        if row.is_none() {
            wire.end_copy(&self.text, self.start, Ok(self.rows));
            self.lease.settle();
            self.stream = None;
        }
        Ok(row)
    }
}

impl Wire {
    /// Makes the connection ready for a COPY.
    async fn begin_copy(&mut self, text: &str) -> Result<()> {
        if text.contains('\0') {
            return Err(Error::new(ErrorKind::Encode, "a NUL character in the name of a table or column"));
        }
        // What is queued belongs before it.
        self.fly(Vec::new()).await?;
        if self.client.is_closed() {
            return Err(self.ended_before().await);
        }
        self.counters.statements.fetch_add(1, Ordering::Relaxed);
        self.counters.watchers.tell(text);
        self.in_flight = true;
        Ok(())
    }

    /// One answer that was waited for. Without one the connection stays in flight, so that nobody uses it again.
    async fn step<T>(
        &mut self,
        answer: Result<Result<T, tokio_postgres::Error>, tokio::time::error::Elapsed>,
        doubt: Doubt,
        text: &str,
        start: Instant,
    ) -> Result<T> {
        let error = match answer {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) => error,
            Err(_) => {
                self.give_up();
                return Err(timed_out(self.timeout, doubt));
            }
        };
        let told = error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned());
        self.is_aborted = true;
        self.is_lost |= ends_connection(&error);
        self.end_copy(text, start, Err(told));
        let farewell = if error.is_closed() { self.farewell().await } else { None };
        Err(classify(farewell.unwrap_or(error), doubt))
    }

    fn end_copy(&mut self, text: &str, start: Instant, outcome: Result<u64, String>) {
        self.in_flight = false;
        self.last_use = Instant::now();
        self.counters.flights.fetch_add(1, Ordering::Relaxed);
        self.log.tell(&StatementEvent { text, params: &[], elapsed: start.elapsed(), outcome });
    }
}

/// What can lend a connection for a COPY.
pub trait Lend {
    /// What it lends.
    #[doc(hidden)]
    type Lease: Lease;

    /// Lends it.
    #[doc(hidden)]
    fn lend(self) -> impl Future<Output = Result<Self::Lease>> + Send;
}

#[diagnostic::do_not_recommend]
impl<E: AsEngine> Lend for &E {
    type Lease = Connection;

    async fn lend(self) -> Result<Connection> {
        self.as_engine().connection().await
    }
}

impl Lend for Engine {
    type Lease = Connection;

    async fn lend(self) -> Result<Connection> {
        self.connection().await
    }
}

impl Lend for &mut Connection {
    type Lease = Self;

    async fn lend(self) -> Result<Self> {
        Ok(self)
    }
}
