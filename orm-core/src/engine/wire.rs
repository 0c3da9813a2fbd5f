//! One connection, and how statements travel on it.
//!
//! Statements travel in *flights*: all of a flight are sent before the first answer is awaited, so a flight
//! is one round trip however many statements it has.
//!
//! The connection knows whether a flight is under way and whether a transaction is open. Dropping it in either
//! state gives it up: the running statement is cancelled, the server rolls back, the pool never sees it again.

use super::Isolation;
use super::cache::{Lookup, StatementCache};
use super::give_up::{GIVE_UP, GiveUp};
use super::known_types::KnownTypes;
use super::outcome::{Doubt, classify, doubt, ends_connection, is_lost_race, is_stale_plan, timed_out};
use super::sending::Watchers;
use super::settings::Settings;
use super::take_rows::TakeRows;
use crate::error::{Error, ErrorKind, Result};
use crate::events::{StatementEvent, StatementLog};
use crate::sql::{Param, Statement};
use futures_util::TryStreamExt;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_postgres::{CancelToken, Client, NoTls, Row};

/// One thing to send.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    /// Opens a transaction.
    Begin(Isolation),
    /// Ends it, keeping its work.
    Commit,
    /// Ends it, dropping its work.
    Rollback,
    /// Leaves it to the server under a name: PREPARE TRANSACTION.
    Prepare(String),
    /// A statement.
    Run(Statement),
    /// Text of any number of statements, without values and rows.
    Script(String),
    /// Settings that hold until the transaction ends.
    Local(Arc<Local>),
}

/// A statement that makes settings for the transaction.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) statement: Statement,
    /// Where tables are looked for from there on, when it says that.
    pub(crate) search_path: Option<Arc<str>>,
}

impl Request {
    fn text(&self) -> &str {
        match self {
            Self::Begin(isolation) => isolation.begin(),
            Self::Commit => "COMMIT",
            Self::Rollback => "ROLLBACK",
            Self::Run(statement) => &statement.text,
            Self::Local(local) => &local.statement.text,
            Self::Prepare(text) | Self::Script(text) => text,
        }
    }

    fn params(&self) -> &[Param] {
        match self {
            Self::Run(statement) => &statement.params,
            Self::Local(local) => &local.statement.params,
            _ => &[],
        }
    }
}

/// The answer to one statement.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::{Executor, sql::Statement};
/// let reply = (&engine).run(Statement::plain("SELECT n FROM generate_series(1, 3) AS n")).await?;
/// assert_eq!(reply.affected, 3);
/// assert_eq!(reply.rows.iter().map(|row| row.get::<_, i32>("n")).sum::<i32>(), 6);
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
pub struct Reply {
    /// The rows that came back.
    pub rows: Vec<Row>,
    /// How many rows were selected or changed.
    pub affected: u64,
}

/// Counts of what an engine sent.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) flights: AtomicU64,
    pub(crate) statements: AtomicU64,
    pub(super) watchers: Watchers,
    /// Scripts that were run: any may have made types.
    pub(super) scripts: AtomicU64,
}

/// A connection of the pool.
pub struct Wire {
    pub(super) client: Client,
    /// Ends with the connection, and tells why that ended.
    driver: Option<JoinHandle<Option<tokio_postgres::Error>>>,
    cancel: CancelToken,
    cache: StatementCache,
    pub(super) timeout: Duration,
    pub(super) log: StatementLog,
    pub(super) counters: Arc<Counters>,
    /// Types that it need not ask for.
    pub(super) known: KnownTypes,
    /// What the next flight begins with.
    queued: Vec<Request>,
    pub(super) in_flight: bool,
    /// Whether the flight under way has still to begin its transaction.
    beginning: AtomicBool,
    pub(super) in_transaction: bool,
    /// Where tables are looked for until the transaction ends, when that was said: what is prepared belongs to it.
    pub(super) search_path: Option<Arc<str>>,
    /// Whether a statement of the open transaction failed, so that COMMIT would be a silent ROLLBACK.
    pub(super) is_aborted: bool,
    /// Whether it failed in a race against another transaction.
    lost_race: bool,
    /// Whether the server ended the connection, though the socket may not tell yet.
    pub(super) is_lost: bool,
    pub(super) last_use: Instant,
}

/// The most bytes of values in one statement: PostgreSQL takes messages of up to 1 GiB.
const MAX_MESSAGE: usize = (1 << 30) - (1 << 20);

impl Wire {
    pub(crate) async fn connect(settings: &Settings, counters: Arc<Counters>) -> Result<Self> {
        let url = &settings.url;
        let failed = |what: &str| Error::new(ErrorKind::Connect, format!("{what} {url}"));
        let connecting = tokio::time::timeout(settings.connect_timeout, url.config.connect(NoTls));
        let (client, connection) = match connecting.await {
            Ok(Ok(both)) => both,
            Ok(Err(error)) => return Err(failed("cannot connect to").with_source(error)),
            Err(_) => {
                let bound = settings.connect_timeout;
                return Err(failed(&format!("no connection within {bound:?} to")));
            }
        };
        let driver = tokio::spawn(async move {
            let end = connection.await.err();
            if let Some(error) = &end {
                tracing::debug!(target: "orm_core::engine", %error, "connection ended");
            }
            end
        });
        Ok(Self {
            cancel: client.cancel_token(),
            client,
            driver: Some(driver),
            cache: StatementCache::new(settings.statement_cache),
            timeout: settings.statement_timeout,
            log: settings.log.clone(),
            counters,
            known: KnownTypes::default(),
            queued: Vec::new(),
            in_flight: false,
            beginning: AtomicBool::new(false),
            in_transaction: false,
            search_path: None,
            is_aborted: false,
            lost_race: false,
            is_lost: false,
            last_use: Instant::now(),
        })
    }

    /// Whether the pool must not lend it again.
    pub(crate) fn is_broken(&self) -> bool {
        self.in_flight || self.in_transaction || self.is_lost || self.client.is_closed()
    }

    pub(crate) fn in_transaction(&self) -> bool {
        self.in_transaction
    }

    /// Whether the open transaction lost a race against another one.
    pub(crate) fn has_lost_a_race(&self) -> bool {
        self.in_transaction && self.lost_race
    }

    /// Whether it can be asked for more: nothing is under way on it, and it is not closed.
    pub(crate) fn can_fly(&self) -> bool {
        !self.in_flight && !self.is_lost && !self.client.is_closed()
    }

    pub(crate) fn idle_for(&self) -> Duration {
        self.last_use.elapsed()
    }

    /// Has the next flight begin with a request whose answer nobody needs.
    pub(crate) fn queue(&mut self, request: Request) {
        self.queued.push(request);
    }

    /// Sends all requests, then awaits all answers: one round trip. Those that were queued go first; a rollback needs
    /// none of them.
    ///
    /// # Errors
    /// The *first* error of the flight, whatever COMMIT answered: the server answers COMMIT of a failed
    /// transaction with a silent ROLLBACK.
    pub(crate) async fn fly(&mut self, requests: Vec<Request>) -> Result<Vec<Reply>> {
        self.fly_into(requests, &mut []).await
    }

    /// [`fly`](Self::fly), where the rows of the last statements go to somebody who takes them as they come. Only the whole flight
    /// tells whether what they took counts.
    ///
    /// # Errors
    /// As [`fly`](Self::fly).
    pub(crate) async fn fly_into(
        &mut self,
        mut requests: Vec<Request>,
        takers: &mut [&mut dyn TakeRows],
    ) -> Result<Vec<Reply>> {
        requests.iter().try_for_each(check)?;
        self.can_commit(&requests)?;
        if self.client.is_closed() {
            return Err(self.ended_before().await);
        }
        let mut queued = std::mem::take(&mut self.queued);
        if matches!(requests.first(), Some(Request::Rollback)) {
            queued.clear();
        }
        let unasked = queued.len();
        requests.splice(0..0, queued);
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        if requests.iter().any(|r| matches!(r, Request::Begin(_))) {
            (self.in_transaction, self.lost_race) = (true, false);
        }
        let begins = requests.iter().any(|r| matches!(r, Request::Begin(_)));
        self.beginning.store(begins, Ordering::Relaxed);
        self.note_search_path(&requests);
        let doubt = doubt(&requests, self.in_transaction);
        self.in_flight = true;
        let flown = self.send_and_collect(&requests, takers).await;
        let Ok(answers) = flown else {
            // Still in flight, so that nobody uses it again; who has it may keep it for long.
            self.give_up();
            return Err(timed_out(self.timeout, doubt));
        };
        self.in_flight = false;
        self.last_use = Instant::now();
        let mut replies = Vec::with_capacity(requests.len());
        let mut first_error = None;
        let path = self.search_path.clone();
        for (request, answer) in requests.iter().zip(answers) {
            self.is_aborted = answer.is_err();
            match answer {
                Ok(reply) => {
                    if matches!(request, Request::Commit | Request::Rollback | Request::Prepare(_)) {
                        self.in_transaction = false;
                    }
                    replies.push(reply);
                }
                Err(error) => {
                    self.forget_stale_plan(request, path.as_ref(), &error);
                    self.is_lost |= ends_connection(&error);
                    self.lost_race |= error.code().is_some_and(is_lost_race);
                    // A failed COMMIT or PREPARE has ended its transaction too, if the server says so.
                    if matches!(request, Request::Commit | Request::Prepare(_))
                        && error.as_db_error().is_some()
                    {
                        self.in_transaction = false;
                    }
                    first_error.get_or_insert(error);
                }
            }
        }
        if !self.in_transaction {
            self.search_path = None;
        }
        match first_error {
            None => Ok(replies.split_off(unasked)),
            Some(error) => {
                let farewell = if error.is_closed() { self.farewell().await } else { None };
                Err(classify(farewell.unwrap_or(error), doubt))
            }
        }
    }

    /// Why the connection ended: the goodbye of the server, or what the socket said. Known once.
    pub(super) async fn farewell(&mut self) -> Option<tokio_postgres::Error> {
        let driver = self.driver.take()?;
        tokio::time::timeout(GIVE_UP, driver).await.ok()?.ok()?
    }

    /// The error of a flight that finds the connection ended, so that nothing was sent.
    pub(super) async fn ended_before(&mut self) -> Error {
        self.is_lost = true;
        match self.farewell().await {
            Some(error) => classify(error, Doubt::No),
            None => Error::new(ErrorKind::ConnectionLost, "the connection to the server was lost"),
        }
    }

    /// Refuses to end a transaction in which an earlier flight failed, or was dropped before its answer came: the server
    /// would answer COMMIT and PREPARE TRANSACTION with a silent ROLLBACK.
    pub(crate) fn can_commit(&self, requests: &[Request]) -> Result<()> {
        let commits = requests.iter().any(|request| matches!(request, Request::Commit | Request::Prepare(_)));
        // What is queued may take the failed part back, and fails itself where it does not.
        let is_lost = self.in_flight || self.is_aborted && self.queued.is_empty();
        if commits && self.in_transaction && is_lost {
            let why =
                "an earlier statement of this transaction failed or was dropped: call `rollback()` first";
            return Err(Error::new(ErrorKind::NeedsRollback, why));
        }
        Ok(())
    }

    /// [`fly`](Self::fly) for one statement outside a transaction, which is sent again when a plan from
    /// before a change of the schema made it fail.
    pub(crate) async fn run(&mut self, statement: Statement) -> Result<Reply> {
        self.run_into(statement, &mut []).await
    }

    /// [`run`](Self::run), where somebody may take the rows as they come.
    pub(crate) async fn run_into(
        &mut self,
        statement: Statement,
        takers: &mut [&mut dyn TakeRows],
    ) -> Result<Reply> {
        let again = (!self.in_transaction).then(|| statement.clone());
        let mut result = self.fly_into(vec![Request::Run(statement)], takers).await;
        if let (Err(error), Some(again)) = (&result, again)
            && error.code().is_some_and(is_stale_plan)
        {
            result = self.fly_into(vec![Request::Run(again)], takers).await;
        }
        Ok(result?.pop().unwrap_or_default())
    }

    /// Runs SQL text of one or more statements.
    pub(crate) async fn script(&mut self, sql: &str) -> Result<()> {
        self.fly(vec![Request::Script(sql.to_owned())]).await.map(|_| ())
    }

    async fn send_and_collect(
        &mut self,
        requests: &[Request],
        takers: &mut [&mut dyn TakeRows],
    ) -> Result<Vec<Result<Reply, tokio_postgres::Error>>, tokio::time::error::Elapsed> {
        self.counters.flights.fetch_add(1, Ordering::Relaxed);
        tokio::time::timeout(self.timeout, self.learn_types(requests)).await?;
        let lookups: Vec<Lookup> = requests
            .iter()
            .map(|request| match request {
                Request::Run(statement) => {
                    self.cache.look_up(&prepared_as(&self.search_path, &statement.text), &statement.params)
                }
                Request::Local(local) => self.cache.look_up(&local.statement.text, &local.statement.params),
                _ => Lookup::Unprepared,
            })
            .collect();
        let (client, log, counters) = (&self.client, &self.log, &self.counters);
        let beginning = &self.beginning;
        let preparing =
            requests.iter().zip(&lookups).filter_map(|(request, lookup)| match (request, lookup) {
                (Request::Run(statement), Lookup::Prepare) => {
                    Some(prepare(client, statement, prepared_as(&self.search_path, &statement.text)))
                }
                (Request::Local(local), Lookup::Prepare) => {
                    Some(prepare(client, &local.statement, local.statement.text.clone()))
                }
                _ => None,
            });
        let preparing: Vec<_> = preparing.collect();
        let is_run = |request: &&Request| matches!(request, Request::Run(_));
        let mut untaken = requests.iter().filter(is_run).count().saturating_sub(takers.len());
        let mut takers = takers.iter_mut().map(|taker| &mut **taker as &mut dyn TakeRows);
        let takers = requests.iter().map(|request| match request {
            Request::Run(_) if untaken > 0 => {
                untaken -= 1;
                None
            }
            Request::Run(_) => takers.next(),
            _ => None,
        });
        let running: Vec<_> = requests
            .iter()
            .zip(&lookups)
            .zip(takers)
            .map(async |((request, lookup), taker)| {
                let answer = send(client, request, (lookup, taker), log, counters).await;
                if matches!(request, Request::Begin(_)) {
                    beginning.store(false, Ordering::Relaxed);
                }
                answer
            })
            .collect();
        // The first poll sends: first the statements, whose answers count, then the texts to prepare.
        let all = futures_util::future::join(in_order(running), in_order(preparing));
        let (answers, prepared) = tokio::time::timeout(self.timeout, all).await?;
        for (text, statement) in prepared.into_iter().flatten() {
            self.cache.store(&text, statement);
        }
        Ok(answers)
    }

    pub(super) fn give_up(&mut self) {
        if let Some(driver) = self.driver.take() {
            GiveUp::new(self.cancel.clone(), self.beginning.load(Ordering::Relaxed)).start(driver);
        }
    }

    /// A path that a flight sets holds for all of its statements: it stands in front of them.
    fn note_search_path(&mut self, requests: &[Request]) {
        for request in requests {
            if let Request::Local(local) = request {
                self.search_path.clone_from(&local.search_path);
            }
        }
    }

    fn forget_stale_plan(
        &mut self,
        request: &Request,
        path: Option<&Arc<str>>,
        error: &tokio_postgres::Error,
    ) {
        if let (Request::Run(statement), true) = (request, error.code().is_some_and(is_stale_plan)) {
            self.cache.forget(&prepared_as(&path.cloned(), &statement.text));
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.in_flight {
            self.give_up();
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire")
            .field("in_flight", &self.in_flight)
            .field("in_transaction", &self.in_transaction)
            .finish_non_exhaustive()
    }
}

/// What would fail on this side only, after other statements of the flight were sent.
pub(super) fn check(request: &Request) -> Result<()> {
    let refuse = |why: String| Err(Error::new(ErrorKind::Encode, why));
    if request.text().contains('\0') {
        return refuse("a NUL character in the SQL text: is it in the name of a table or column?".into());
    }
    let params = request.params();
    if let Some((i, param)) = params.iter().enumerate().find(|(_, param)| param.error().is_some()) {
        return Err(unsendable(i + 1, param, request.text()));
    }
    if params.len() > usize::from(u16::MAX) {
        return refuse(format!("{} values in one statement; 65535 are possible", params.len()));
    }
    let size: usize = params.iter().map(Param::size).sum();
    if size > MAX_MESSAGE {
        return refuse(format!("{size} bytes of values in one statement; {MAX_MESSAGE} are possible"));
    }
    Ok(())
}

/// What is said of a value that cannot be sent: the column beside which it stands, where that is known.
fn unsendable(number: usize, param: &Param, text: &str) -> Error {
    let why = param.error().unwrap_or_default();
    let told = |place: &str| {
        Error::new(ErrorKind::Encode, format!("value ${number}{place} of `{text}` cannot be sent: {why}"))
    };
    match param.refused_beside() {
        Some(column) => told(&format!(", for `{column}`,")).with_columns(vec![column.to_owned()]),
        None => told(""),
    }
}

/// The name under which a text is prepared: the types of what it reads may differ from schema to schema.
pub(super) fn prepared_as(search_path: &Option<Arc<str>>, text: &Arc<str>) -> Arc<str> {
    match search_path {
        None => text.clone(),
        Some(path) => format!("{path}\0{text}").into(),
    }
}

async fn prepare(
    client: &Client,
    statement: &Statement,
    name: Arc<str>,
) -> Option<(Arc<str>, tokio_postgres::Statement)> {
    let types: Vec<_> = statement.params.iter().map(Param::ty).collect();
    // A statement that cannot be prepared fails when it runs; that error is the one to report.
    let prepared = client.prepare_typed(&statement.text, &types).await.ok()?;
    Some((name, prepared))
}

async fn send(
    client: &Client,
    request: &Request,
    (lookup, taker): (&Lookup, Option<&mut dyn TakeRows>),
    log: &StatementLog,
    counters: &Counters,
) -> Result<Reply, tokio_postgres::Error> {
    counters.statements.fetch_add(1, Ordering::Relaxed);
    counters.watchers.tell(request.text());
    let start = Instant::now();
    let answer = match request {
        Request::Local(local) => run(client, &local.statement, lookup, &mut Vec::new()).await,
        Request::Run(statement) => match taker {
            Some(taker) => run(client, statement, lookup, taker).await,
            None => {
                let mut rows = Vec::new();
                let reply = run(client, statement, lookup, &mut rows).await;
                reply.map(|reply| Reply { rows, ..reply })
            }
        },
        other => client.batch_execute(other.text()).await.map(|()| Reply::default()),
    };
    if matches!(request, Request::Script(text) if makes_anything(text)) {
        counters.scripts.fetch_add(1, Ordering::Relaxed);
    }
    let outcome = match &answer {
        Ok(reply) => Ok(reply.affected),
        Err(error) => {
            Err(error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned()))
        }
    };
    let (text, params) = (request.text(), request.params());
    log.tell(&StatementEvent { text, params, elapsed: start.elapsed(), outcome });
    answer
}

async fn run(
    client: &Client,
    statement: &Statement,
    lookup: &Lookup,
    taker: &mut dyn TakeRows,
) -> Result<Reply, tokio_postgres::Error> {
    taker.begin();
    let rows = match lookup {
        Lookup::Prepared(prepared) => client.query_raw(prepared, &statement.params).await?,
        Lookup::Unprepared | Lookup::Prepare => {
            let params = statement.params.iter().map(|p| (p, p.ty()));
            client.query_typed_raw(&statement.text, params).await?
        }
    };
    let mut rows = pin!(rows);
    while let Some(row) = rows.try_next().await? {
        taker.take(row);
    }
    Ok(Reply { rows: Vec::new(), affected: rows.rows_affected().unwrap_or(0) })
}

/// Whether a script may make or drop types.
fn makes_anything(script: &str) -> bool {
    let script = script.to_ascii_uppercase();
    ["CREATE", "ALTER", "DROP"].iter().any(|verb| script.contains(verb))
}

/// Polls all futures in their order each time, so that the first poll sends them all in their order.
async fn in_order<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    poll_fn(|cx| {
        let mut done = true;
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none() {
                match future.as_mut().poll(cx) {
                    Poll::Ready(value) => *output = Some(value),
                    Poll::Pending => done = false,
                }
            }
        }
        if done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    outputs.into_iter().flatten().collect()
}
