//! A TCP proxy in front of PostgreSQL that counts round trips, whatever the client pipelines.
//!
//! Counting messages or packets says little: a client may send ten statements before it reads the first answer,
//! and pays for one trip only. So the proxy measures what costs time, the *flight*: it passes the client's bytes on
//! at once and holds the server's bytes back until the client has fallen silent, that is, until it has sent all that
//! it can send without an answer. Then it lets the answer go and counts one round trip. What the client sends after
//! that belongs to the next flight.
//!
//! - The rest of an answer that arrives in pieces passes uncounted until the client speaks again.
//! - What gets no answer (`Terminate`) and what answers nothing (a notification) does not count.
//! - Connecting and signing in counts as well: call [`reset`](RoundTripProxy::reset) after the warm-up.
//! - Several connections add up.
//!
//! Silence is a matter of time: the client counts as silent when it has said nothing for the *settle time* since its
//! last byte and since the server's answer came. A client that computes for longer than that between two pipelined
//! statements is counted twice; on a very busy machine set more than the 15 ms that are the default. Every round
//! trip takes at least that long, so a proxied test is no benchmark.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

/// How long the client must be silent until its flight is complete.
const SETTLE_TIME: Duration = Duration::from_millis(15);

const BUFFER: usize = 16 * 1024;

/// The proxy; connections go through [`url`](Self::url). Dropping it closes them all.
///
/// ```
/// # use orm_tests::proxy::RoundTripProxy;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let database = orm_testkit::TestDatabase::create().await?;
/// let proxy = RoundTripProxy::start(database.url()).await;
/// let (client, connection) = tokio_postgres::connect(&proxy.url(), tokio_postgres::NoTls).await?;
/// tokio::spawn(connection);
///
/// proxy.reset(); // connecting took some
/// client.batch_execute("SELECT 1; SELECT 2").await?;
/// client.batch_execute("SELECT 3").await?;
/// assert_eq!(proxy.take(), 2);
///
/// tokio::try_join!(client.batch_execute("SELECT 1"), client.batch_execute("SELECT 2"))?;
/// assert_eq!(proxy.take(), 1); // pipelined
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct RoundTripProxy {
    url: String,
    shared: Arc<Shared>,
    listener: JoinHandle<()>,
}

/// What the proxy and its connections have in common.
#[derive(Debug)]
struct Shared {
    round_trips: AtomicU64,
    connections: AtomicU64,
    times: Mutex<Times>,
    drops_next_answer: AtomicBool,
    /// A new value closes the connections of that moment.
    cut: watch::Sender<()>,
}

#[derive(Debug, Clone, Copy)]
struct Times {
    settle: Duration,
    delay: Duration,
}

impl RoundTripProxy {
    /// Starts a proxy on a free port of 127.0.0.1 in front of the server of this URL.
    ///
    /// # Panics
    ///
    /// The URL has no host to connect to over TCP, or no port can be bound.
    pub async fn start(upstream_url: &str) -> Self {
        let upstream = Authority::of(upstream_url);
        let address = upstream.host_and_port();
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let url = upstream.replaced_by(socket.local_addr().expect("a bound socket"));
        let shared = Arc::new(Shared {
            round_trips: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            times: Mutex::new(Times { settle: SETTLE_TIME, delay: Duration::ZERO }),
            drops_next_answer: AtomicBool::new(false),
            cut: watch::Sender::new(()),
        });
        let listener = tokio::spawn(listen(socket, address, Arc::clone(&shared)));
        Self { url, shared, listener }
    }

    /// The upstream URL with the proxy's host and port.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Round trips since the start or the last [`reset`](Self::reset) or [`take`](Self::take).
    pub fn round_trips(&self) -> u64 {
        self.shared.round_trips.load(Ordering::SeqCst)
    }

    /// Starts counting at zero again.
    pub fn reset(&self) {
        self.take();
    }

    /// Reads the count and starts at zero again.
    pub fn take(&self) -> u64 {
        self.shared.round_trips.swap(0, Ordering::SeqCst)
    }

    /// How many connections have been accepted since the start.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How long the client must be silent until its flight is complete; from the next answer on.
    pub fn set_settle_time(&self, settle: Duration) {
        self.shared.set_times(|times| times.settle = settle);
    }

    /// Lets every round trip take that much longer, as over a slow network; from the next answer on.
    pub fn set_delay(&self, delay: Duration) {
        self.shared.set_times(|times| times.delay = delay);
    }

    /// Closes all connections now, on both sides; new ones are accepted.
    pub fn cut(&self) {
        self.shared.cut.send_replace(());
    }

    /// Throws the next answer away and closes the connection that it was for: the server has done the work, and the
    /// client will never know. It is not counted.
    pub fn drop_next_answer(&self) {
        self.shared.drops_next_answer.store(true, Ordering::SeqCst);
    }
}

impl Drop for RoundTripProxy {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Shared {
    fn times(&self) -> Times {
        *self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_times(&self, set: impl FnOnce(&mut Times)) {
        set(&mut self.times.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The part of a URL that names the server, and what is before and after it.
#[derive(Debug)]
struct Authority<'a> {
    before: &'a str,
    server: &'a str,
    after: &'a str,
}

impl<'a> Authority<'a> {
    fn of(url: &'a str) -> Self {
        let start =
            url.find("://").map(|at| at + 3).expect("a URL such as postgresql://user@host:port/database");
        let end = url[start..].find(['/', '?']).map_or(url.len(), |at| start + at);
        let start = url[start..end].rfind('@').map_or(start, |at| start + at + 1);
        Self { before: &url[..start], server: &url[start..end], after: &url[end..] }
    }

    fn host_and_port(&self) -> String {
        assert!(!self.server.is_empty(), "the URL names no host");
        let has_port = self.server.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        if has_port { self.server.to_owned() } else { format!("{}:5432", self.server) }
    }

    fn replaced_by(&self, address: SocketAddr) -> String {
        format!("{}{address}{}", self.before, self.after)
    }
}

/// Ends, with all connections, when it is aborted: the set aborts its tasks when it is dropped.
async fn listen(socket: TcpListener, upstream: String, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = socket.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let cut = shared.cut.subscribe();
        connections.spawn(connect(client, upstream.clone(), Arc::clone(&shared), cut));
        while connections.try_join_next().is_some() {}
    }
}

async fn connect(client: TcpStream, upstream: String, shared: Arc<Shared>, mut cut: watch::Receiver<()>) {
    // A server that cannot be reached shows as a closed connection.
    let Ok(server) = TcpStream::connect(upstream).await else {
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let flight = SharedFlight::default();
    let requests = pass_requests(from_client, to_server, Arc::clone(&flight));
    let answers = pass_answers(from_server, to_client, flight, shared);
    tokio::select! {
        // The server has the last word: a client that has said all it has to say may still be answered.
        _ = answers => {}
        Err(_) = requests => {}
        _ = cut.changed() => {}
    }
}

type SharedFlight = Arc<Mutex<Flight>>;

/// What the client has sent since the last answer.
#[derive(Debug)]
struct Flight {
    last_byte: Instant,
    is_unanswered: bool,
}

impl Default for Flight {
    fn default() -> Self {
        Self { last_byte: Instant::now(), is_unanswered: false }
    }
}

fn lock(flight: &SharedFlight) -> MutexGuard<'_, Flight> {
    flight.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes that the client speaks before the server can hear it, so that no answer comes unexpected.
async fn pass_requests(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    flight: SharedFlight,
) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(BUFFER);
    while client.read_buf(&mut bytes).await? > 0 {
        *lock(&flight) = Flight { last_byte: Instant::now(), is_unanswered: true };
        server.write_all(&bytes).await?;
        bytes.clear();
    }
    server.shutdown().await
}

async fn pass_answers(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    flight: SharedFlight,
    shared: Arc<Shared>,
) -> io::Result<()> {
    let mut answer = Vec::with_capacity(BUFFER);
    while server.read_buf(&mut answer).await? > 0 {
        if lock(&flight).is_unanswered {
            wait_for_silence(&mut server, &mut answer, &flight, &shared).await?;
            if shared.drops_next_answer.swap(false, Ordering::SeqCst) {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            // Before the client can see the answer: what it says from now on is the next flight, and who has its
            // answer finds it counted.
            lock(&flight).is_unanswered = false;
            shared.round_trips.fetch_add(1, Ordering::SeqCst);
        }
        client.write_all(&answer).await?;
        answer.clear();
    }
    client.shutdown().await
}

/// Waits until the client's flight is complete. Goes on reading, so that the server is never kept from working.
async fn wait_for_silence(
    server: &mut OwnedReadHalf,
    answer: &mut Vec<u8>,
    flight: &SharedFlight,
    shared: &Shared,
) -> io::Result<()> {
    let answered = Instant::now();
    let mut is_open = true;
    loop {
        let times = shared.times();
        let due = lock(flight).last_byte.max(answered) + times.settle + times.delay;
        if Instant::now() >= due {
            return Ok(());
        }
        tokio::select! {
            count = server.read_buf(answer), if is_open => is_open = count? > 0,
            () = sleep_until(due) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use orm_testkit::TestDatabase;
    use tokio_postgres::{Client, NoTls};

    use super::{Authority, RoundTripProxy};

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    async fn connect(proxy: &RoundTripProxy) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(&proxy.url(), NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    async fn set_up() -> Result<(TestDatabase, RoundTripProxy, Client), Box<dyn std::error::Error>> {
        let database = TestDatabase::create().await?;
        let proxy = RoundTripProxy::start(database.url()).await;
        let client = connect(&proxy).await?;
        proxy.reset();
        Ok((database, proxy, client))
    }

    #[track_caller]
    fn check_url(url: &str, host_and_port: &str, replaced: &str) {
        let authority = Authority::of(url);
        assert_eq!(authority.host_and_port(), host_and_port);
        assert_eq!(authority.replaced_by(([127, 0, 0, 1], 9).into()), replaced);
    }

    #[test]
    fn host_and_port_are_replaced() {
        check_url("postgresql://u:p@h:1/d?x=y@z", "h:1", "postgresql://u:p@127.0.0.1:9/d?x=y@z");
        check_url("postgresql://h/d", "h:5432", "postgresql://127.0.0.1:9/d");
        check_url("postgresql://u@[::1]:7", "[::1]:7", "postgresql://u@127.0.0.1:9");
        check_url("postgresql://u@[::1]?a=b", "[::1]:5432", "postgresql://u@127.0.0.1:9?a=b");
    }

    #[tokio::test]
    async fn one_after_the_other_counts_each() -> Outcome {
        let (_database, proxy, client) = set_up().await?;
        for expected in 1..=5 {
            client.batch_execute("SELECT 1").await?;
            assert_eq!(proxy.round_trips(), expected);
        }
        // Parse and describe, then bind and execute.
        client.query_one("SELECT $1::int", &[&1]).await?;
        assert_eq!(proxy.take(), 7);
        assert_eq!(proxy.round_trips(), 0);
        Ok(())
    }

    #[tokio::test]
    async fn pipelined_counts_once() -> Outcome {
        let (_database, proxy, client) = set_up().await?;
        let statement = client.prepare("SELECT $1::int").await?;
        proxy.reset();
        let queries = (0..50).map(|_| client.query_one(&statement, &[&1]));
        futures_util::future::try_join_all(queries).await?;
        assert_eq!(proxy.take(), 1);
        Ok(())
    }

    /// The server answers the first statement long before the client sends the second one.
    #[tokio::test]
    async fn slow_pipelining_within_the_settle_time_counts_once() -> Outcome {
        let (_database, proxy, client) = set_up().await?;
        proxy.set_settle_time(Duration::from_millis(200));
        let second = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            client.batch_execute("SELECT 2").await
        };
        tokio::try_join!(client.batch_execute("SELECT 1"), second)?;
        assert_eq!(proxy.take(), 1);
        Ok(())
    }

    #[tokio::test]
    async fn answer_in_many_pieces_counts_once() -> Outcome {
        let (_database, proxy, client) = set_up().await?;
        let slow = "SELECT pg_sleep(0.1); SELECT repeat('x', 5000000); SELECT pg_sleep(0.1)";
        client.simple_query(slow).await?;
        assert_eq!(proxy.take(), 1);
        Ok(())
    }

    #[tokio::test]
    async fn what_gets_no_answer_does_not_count() -> Outcome {
        let (_database, proxy, client) = set_up().await?;
        drop(client);
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(proxy.take(), 0);
        Ok(())
    }

    #[tokio::test]
    async fn connections_add_up() -> Outcome {
        let (_database, proxy, one) = set_up().await?;
        let other = connect(&proxy).await?;
        assert_eq!(proxy.connections(), 2);
        proxy.reset();
        tokio::try_join!(one.batch_execute("SELECT 1"), other.batch_execute("SELECT 1"))?;
        assert_eq!(proxy.take(), 2);
        Ok(())
    }

    #[tokio::test]
    async fn delay_is_paid_per_round_trip() -> Outcome {
        let (_database, proxy, client) = set_up().await?;
        proxy.set_delay(Duration::from_millis(100));
        let start = Instant::now();
        client.batch_execute("SELECT 1").await?;
        client.batch_execute("SELECT 1").await?;
        assert!(start.elapsed() >= Duration::from_millis(200));
        Ok(())
    }

    #[tokio::test]
    async fn cut_closes_what_is_open_only() -> Outcome {
        let (_database, proxy, client) = set_up().await?;
        proxy.cut();
        assert!(client.batch_execute("SELECT 1").await.unwrap_err().is_closed());
        connect(&proxy).await?.batch_execute("SELECT 1").await?;
        Ok(())
    }

    #[tokio::test]
    async fn dropped_answer_leaves_the_work_done() -> Outcome {
        let (database, proxy, client) = set_up().await?;
        proxy.drop_next_answer();
        client.batch_execute("CREATE TABLE done (id int)").await.unwrap_err();
        assert_eq!(proxy.take(), 0);
        let (direct, connection) = tokio_postgres::connect(database.url(), NoTls).await?;
        tokio::spawn(connection);
        direct.batch_execute("SELECT FROM done").await?;
        connect(&proxy).await?.batch_execute("SELECT FROM done").await?;
        Ok(())
    }

    #[tokio::test]
    async fn unreachable_server_closes_the_connection() {
        let proxy = RoundTripProxy::start("postgresql://u@127.0.0.1:1/d").await;
        assert!(connect(&proxy).await.is_err());
    }

    #[tokio::test]
    async fn dropped_proxy_is_gone() -> Outcome {
        let (_database, proxy, client) = set_up().await?;
        let url = proxy.url();
        drop(proxy);
        assert!(client.batch_execute("SELECT 1").await.is_err());
        assert!(tokio_postgres::connect(&url, NoTls).await.is_err());
        Ok(())
    }
}
