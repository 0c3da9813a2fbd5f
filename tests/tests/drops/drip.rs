//! A TCP proxy that passes bytes on one by one, counts them, and can break a connection at any of them.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// The proxy; it drips only where it is told to, so that signing in is quick.
#[derive(Debug)]
pub(crate) struct Drip {
    url: String,
    shared: Arc<Shared>,
    listener: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    drips: AtomicBool,
    is_off: AtomicBool,
    requests: Flow,
    answers: Flow,
}

/// One direction.
#[derive(Debug)]
struct Flow {
    /// Bytes that went this way while dripping.
    passed: AtomicU64,
    /// The connection breaks before the byte of this number.
    limit: AtomicU64,
}

impl Default for Flow {
    fn default() -> Self {
        Self { passed: AtomicU64::new(0), limit: AtomicU64::new(u64::MAX) }
    }
}

/// A direction, seen from the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Requests,
    Answers,
}

impl Drip {
    pub(crate) async fn start(upstream_url: &str) -> Self {
        let (before, rest) = upstream_url.rsplit_once('@').unwrap();
        let (server, path) = rest.split_once('/').unwrap();
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("{before}@{}/{path}", socket.local_addr().unwrap());
        let shared = Arc::<Shared>::default();
        let listener = tokio::spawn(listen(socket, server.to_owned(), Arc::clone(&shared)));
        Self { url, shared, listener }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Never drips: the polls are those of whole answers, and few.
    pub(crate) fn turn_off(&self) {
        self.shared.is_off.store(true, Ordering::SeqCst);
    }

    /// Begins to drip, counting from 0.
    pub(crate) fn begin(&self) {
        if self.shared.is_off.load(Ordering::SeqCst) {
            return;
        }
        for flow in [&self.shared.requests, &self.shared.answers] {
            flow.passed.store(0, Ordering::SeqCst);
            flow.limit.store(u64::MAX, Ordering::SeqCst);
        }
        self.shared.drips.store(true, Ordering::SeqCst);
    }

    /// Passes everything on at once again.
    pub(crate) fn end(&self) {
        self.shared.drips.store(false, Ordering::SeqCst);
    }

    /// Breaks the next connection that wants to pass more bytes than that.
    pub(crate) fn break_after(&self, way: Way, bytes: u64) {
        self.flow(way).limit.store(bytes, Ordering::SeqCst);
    }

    /// Bytes that passed since the dripping began.
    pub(crate) fn passed(&self, way: Way) -> u64 {
        self.flow(way).passed.load(Ordering::SeqCst)
    }

    /// Waits until so many bytes have passed.
    pub(crate) async fn until(&self, way: Way, bytes: u64) {
        while self.passed(way) < bytes {
            tokio::task::yield_now().await;
        }
    }

    fn flow(&self, way: Way) -> &Flow {
        match way {
            Way::Requests => &self.shared.requests,
            Way::Answers => &self.shared.answers,
        }
    }
}

impl Drop for Drip {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn listen(socket: TcpListener, upstream: String, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = socket.accept().await {
        connections.spawn(connect(client, upstream.clone(), Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn connect(client: TcpStream, upstream: String, shared: Arc<Shared>) {
    let Ok(server) = TcpStream::connect(upstream).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let there = shared.clone();
    let requests = pass(from_client, to_server, &there, Way::Requests);
    let answers = pass(from_server, to_client, &shared, Way::Answers);
    tokio::select! {
        // A client that hung up may still have bytes on their way to the server.
        _ = answers => {}
        None = requests => {}
    }
}

/// `None` when the connection breaks.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, way: Way) -> Option<()> {
    let flow = match way {
        Way::Requests => &shared.requests,
        Way::Answers => &shared.answers,
    };
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut buffer).await.ok()?;
        if count == 0 {
            to.shutdown().await.ok()?;
            return Some(());
        }
        let mut rest = &buffer[..count];
        while shared.drips.load(Ordering::SeqCst) && !rest.is_empty() {
            if flow.passed.load(Ordering::SeqCst) >= flow.limit.load(Ordering::SeqCst) {
                // One connection, once.
                flow.limit.store(u64::MAX, Ordering::SeqCst);
                shared.drips.store(false, Ordering::SeqCst);
                return None;
            }
            to.write_all(&rest[..1]).await.ok()?;
            rest = &rest[1..];
            flow.passed.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
        }
        to.write_all(rest).await.ok()?;
    }
}
