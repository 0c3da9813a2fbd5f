//! Flush, commit and rollback.

use super::Session;
use crate::engine::{Connection, Isolation, Reply, Request, TakeRows};
use crate::error::{Error, ErrorKind, Result, SqlState};
use crate::flush::{
    FlushPlan, Missing, Plan, build, carry, check_read_only, fit, missing, refusal, reservations, resolve,
    return_keys, settle, show, spread, stale_rows, stamp, statements, take_answers, take_keys,
};
use crate::sql::{Statement, stale_keys};
use crate::state::Store;

/// Whether a flush ends its transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    Commit,
}

impl Session {
    /// Begins a transaction now, so that the reads which follow are part of it.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.begin().await?;
    /// assert!(session.in_transaction());
    /// let customers = session.query::<Customer>().count().await?; // part of the transaction
    /// session.commit().await?;
    /// # assert_eq!(customers, 0);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server's; [`NeedsRollback`](ErrorKind::NeedsRollback).
    pub async fn begin(&mut self) -> Result<()> {
        self.usable()?;
        if self.connection.is_some() {
            return Ok(());
        }
        self.fly(self.begins()).await?;
        self.tell_begin();
        Ok(())
    }

    /// Writes everything that changed, inside a transaction that stays open.
    ///
    /// # The order
    /// PostgreSQL checks unique values row by row, so a flush writes in an order in which each value is given up before it is taken:
    ///
    /// 1. optional columns that are cleared, and association rows that go;
    /// 2. updates that move rows away from rows which go; deletions;
    /// 3. updates of keys, and those that give up what a new row or another update takes;
    /// 4. insertions, the other updates, association rows that come;
    /// 5. deletions of rows from which others moved to new rows.
    ///
    /// So a new row may take the unique value of one that is deleted or changed, rows may move up one after the other, and
    /// optional values may go round in a circle (they are `NULL` for a moment). Required values that two rows exchange are refused
    /// by the server, unless their constraint is `DEFERRABLE`; that, and a value of a row that has to wait until step 5, is a
    /// [`ValueTaken`](ErrorKind::ValueTaken) error, and two flushes of one transaction do it.
    ///
    /// # The same key again
    /// Deleting an object and adding a new one with its complete primary key is one UPDATE of the columns that differ: the old
    /// object ends deleted, the new one has its identity. The deletion cascades as ever, loading the members that it
    /// needs; what has to go on referring to the row, refers to the new object. Columns that the new object leaves to the
    /// database keep their values. A version is compared as the old object has it, also where nothing else differs, and the new
    /// object gets the next one; generated columns and `onupdate` are made again.
    ///
    /// # Keys that change
    /// The row is found by its old key. Where foreign keys say `on_update = "cascade"` the database changes the rows that refer
    /// to it, and their objects get the new key with the flush; without it the server refuses, and the error says so. Plain
    /// columns with `references` follow in the database only: [`refresh`](Self::refresh) them.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// session.flush().await?;
    /// assert!(session[ann].id.is_set()); // known here, invisible to others
    /// assert_eq!(engine.count(select::<Customer>()).await?, 0);
    /// session.commit().await?;
    /// assert_eq!(engine.count(select::<Customer>()).await?, 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// What the server refuses, such as a unique violation, and what is refused before anything is sent: an
    /// [`Unset`](ErrorKind::Unset) foreign key, a reference to an object that is [`Gone`](ErrorKind::Gone), a new object that no
    /// relation adds ([`NotAdded`](ErrorKind::NotAdded)), a member that two owners take
    /// ([`Contradiction`](ErrorKind::Contradiction)), a key that another object has ([`ValueTaken`](ErrorKind::ValueTaken)).
    /// After an error of the server [`rollback`](Self::rollback) comes first.
    pub async fn flush(&mut self) -> Result<()> {
        self.write(End::Open).await
    }

    /// Writes everything that changed and commits: one round trip for one level of objects, two for any
    /// graph.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// session.commit().await?;
    /// session[ann].age = Some(41);
    /// orm_testkit::assert_queries!(session, 1, { session.commit().await? }); // one UPDATE, of one column
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`flush`](Self::flush); [`CommitOutcomeUnknown`](ErrorKind::CommitOutcomeUnknown) when the
    /// answer to COMMIT did not come.
    pub async fn commit(&mut self) -> Result<()> {
        self.write(End::Commit).await
    }

    /// Drops what was written since the last commit, and what was not written yet.
    ///
    /// Objects that were in the database return to the values they had at the last commit. New objects keep the
    /// program's values, lose those that the database gave them, and wait: writing one through its handle, or
    /// [`add_again`](Self::add_again), has the next flush insert it. What was read in the middle of the transaction, after it
    /// wrote something, is stale ([`is_expired`](Self::is_expired)); after a commit whose outcome is unknown everything is.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// session.commit().await?;
    /// session[ann].name = "Anna".into();
    /// session.flush().await?;
    /// session[ann].age = Some(41);
    /// session.rollback().await?;
    /// assert_eq!((&session[ann].name[..], session[ann].age), ("Ann", None));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Encode`](ErrorKind::Encode) for an object whose key has no binary form. A connection that is lost
    /// is no error: the server rolls back by itself. A transaction that was [prepared](Self::prepare) stays until the server
    /// says that it is rolled back, so that whatever keeps it from saying so is an error, and can be tried again.
    pub async fn rollback(&mut self) -> Result<()> {
        self.end_prepared("ROLLBACK PREPARED").await?;
        let open = !self.failed;
        self.failed = true;
        if let Some(mut connection) = self.connection.take()
            && (open || connection.wire().can_fly())
        {
            // Dropped here or failing, the connection is given up, which rolls back as well.
            let _ = connection.rollback().await;
        }
        self.arena.rollback(None)?;
        if std::mem::take(&mut self.commit_in_doubt) {
            self.arena.stores.iter_mut().for_each(Store::expire_all);
        }
        (self.failed, self.lost_race) = (false, false);
        self.tell_rollback();
        Ok(())
    }

    /// What the next flush would send, in order, without sending it.
    ///
    /// Collections that a deletion has to load first count as empty.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// session.commit().await?;
    /// session[ann].age = Some(41);
    /// assert_eq!(session.flush_plan()?.to_string(), "update 1 row of customer (age)");
    /// session[ann].age = None;
    /// assert!(session.flush_plan()?.is_empty()); // as the database has it
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// What [`flush`](Self::flush) refuses before anything is sent.
    pub fn flush_plan(&mut self) -> Result<FlushPlan> {
        let before = self.arena.checkpoint();
        let plan = self.look_ahead();
        self.arena.return_to(before);
        plan
    }

    fn look_ahead(&mut self) -> Result<FlushPlan> {
        spread(&mut self.arena)?;
        check_read_only(&self.arena)?;
        let plan = build(&mut self.arena, &self.engine.closed_sequences())?;
        Ok(show(&self.arena, &plan))
    }

    async fn write(&mut self, end: End) -> Result<()> {
        if end == End::Commit && self.end_prepared("COMMIT PREPARED").await? {
            self.committed();
            self.tell_commit();
            return Ok(());
        }
        self.usable()?;
        self.tell_rollback_nested();
        if end == End::Commit {
            self.ask_before_commit()?;
        }
        self.ask_before_flush()?;
        let heard = self.spread_and_ask().await?;
        check_read_only(&self.arena)?;
        fit(&mut self.arena)?;
        let plan = loop {
            let was_open = self.connection.is_some();
            let mut plan = build(&mut self.arena, &self.engine.closed_sequences())?;
            stamp(&self.arena, &mut plan)?;
            match self.send(&plan, end).await {
                Ok(()) => break plan,
                Err(error) if self.learns(&plan, &error) && !was_open => self.abandon(&plan).await,
                Err(error) => return Err(refusal(&self.arena, self.retell(error), &plan)),
            }
        };
        settle(&mut self.arena, &plan.stamps)?;
        let heard = heard.map(|heard| heard.keep_deleted(&self.arena));
        if end == End::Commit {
            self.committed();
        }
        self.failed = false;
        if let Some(heard) = heard {
            self.tell_written(&heard, &plan, end == End::Commit);
        }
        Ok(())
    }

    fn committed(&mut self) {
        self.arena.commit();
        if self.options.expire_on_commit {
            // What changed while it was prepared is not written yet, and stays.
            self.arena.stores.iter_mut().for_each(Store::expire_all);
        }
    }

    /// Whether the error says that sequences may not be used and that is news: the plan can be made without
    /// them.
    fn learns(&self, plan: &Plan, error: &Error) -> bool {
        let refused =
            matches!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE | &SqlState::GENERATED_ALWAYS));
        // The code of a missing right is also that of a row that a policy refuses.
        let by_policy = error.database().is_some_and(|told| told.routine() == Some("ExecWithCheckOptions"));
        refused
            && !by_policy
            && self.engine.close_sequences(plan.drawing().map(|s| self.arena.stores[s].mapper.def.table))
    }

    /// Ends the transaction of a flush that is going to be done again.
    async fn abandon(&mut self, plan: &Plan) {
        if let Some(mut connection) = self.connection.take()
            && connection.in_transaction()
            && connection.wire().can_fly()
        {
            let _ = connection.rollback().await;
        }
        return_keys(&mut self.arena, plan);
        self.forget_begin();
        self.failed = false;
    }

    /// Spreads the changes; loads the collections that deletions need to know.
    pub(super) async fn spread_and_load(&mut self) -> Result<()> {
        let mut asked: Vec<Missing> = Vec::new();
        loop {
            spread(&mut self.arena)?;
            let mut missing: Vec<Missing> = missing(&mut self.arena);
            // What is not found does not become known by asking again.
            missing.retain(|missing| !asked.contains(missing));
            if missing.is_empty() {
                return Ok(());
            }
            for Missing { store, relation, owners } in &missing {
                self.load_relation(*store, *relation, owners).await?;
            }
            asked.extend(missing);
        }
    }

    /// Sends the plan and takes the answers over; what is left is to settle the objects.
    async fn send(&mut self, plan: &Plan, end: End) -> Result<()> {
        let reservations = reservations(&self.arena, plan);
        if !reservations.is_empty() {
            let replies = self.fly_reservations(reservations).await?;
            self.failed = true;
            take_keys(&mut self.arena, plan, &replies)?;
        }
        let flights = plan.flights();
        let (mut left, single) = (flights.len(), plan.single_row());
        if left == 0 && end == End::Commit && self.in_transaction() {
            self.fly(vec![Request::Commit]).await?;
        }
        for flight in flights {
            left -= 1;
            let last = left == 0;
            let ends = last && end == End::Commit;
            let open = self.connection.as_ref().is_some_and(Connection::in_transaction);
            // One row alone commits by itself: when it is missed, nothing was written.
            carry(&mut self.arena, flight)?;
            let outgoing = statements(&self.arena, plan, flight, ends && (open || !single))?;
            let begins = !open
                && (!ends
                    || outgoing.len() > 1
                    || self.options.isolation != Isolation::default()
                    || !self.context.is_empty());
            let mut requests = Vec::with_capacity(outgoing.len() + 2);
            requests.extend(begins.then(|| self.opening()).into_iter().flatten());
            let begun = requests.len();
            requests.extend(outgoing.iter().map(|sent| Request::Run(sent.statement.clone())));
            requests.extend((ends && (open || begins)).then_some(Request::Commit));
            let replies =
                if last { self.fly(requests).await? } else { self.fly_and_keep(requests, &mut []).await? };
            let replies: &[Reply] = &replies[begun..];
            self.failed = true;
            take_answers(&mut self.arena, &outgoing, replies)?;
            if !last {
                resolve(&mut self.arena);
            }
        }
        Ok(())
    }

    /// Sends requests in one flight: on the connection of the transaction, or on one that is kept while a
    /// transaction is open on it.
    ///
    pub(super) async fn fly(&mut self, requests: Vec<Request>) -> Result<Vec<Reply>> {
        self.fly_into(requests, &mut []).await
    }

    /// [`fly`](Self::fly), where somebody may take the rows of the last statements as they come.
    async fn fly_into(
        &mut self,
        requests: Vec<Request>,
        takers: &mut [&mut dyn TakeRows],
    ) -> Result<Vec<Reply>> {
        let result = self.fly_and_keep(requests, takers).await;
        if self.connection.as_ref().is_some_and(|connection| !connection.in_transaction()) {
            self.connection = None;
        }
        result
    }

    /// Draws keys from sequences, outside of the transaction. What the session is set to says where they are, too; the transaction that it
    /// takes for that is rolled back, which no sequence is.
    async fn fly_reservations(&mut self, reservations: Vec<Statement>) -> Result<Vec<Reply>> {
        let drawing = reservations.into_iter().map(Request::Run);
        if self.context.is_empty() || self.in_transaction() {
            return self.fly_and_keep(drawing.collect(), &mut []).await;
        }
        let before: Vec<Request> = self.opening().collect();
        let begun = before.len();
        let requests = before.into_iter().chain(drawing).chain([Request::Rollback]).collect();
        let replies = self.fly_and_keep(requests, &mut []).await;
        self.forget_begin();
        let mut replies = replies?.split_off(begun);
        replies.pop();
        Ok(replies)
    }

    /// Sends requests in one flight inside the transaction, which is begun with them when none is open.
    pub(super) async fn fly_inside(
        &mut self,
        requests: impl IntoIterator<Item = Request>,
        takers: &mut [&mut dyn TakeRows],
    ) -> Result<Vec<Reply>> {
        let begins = self.begins();
        let begun = begins.len();
        let mut replies = self.fly_into(begins.into_iter().chain(requests).collect(), takers).await?;
        self.tell_begin();
        Ok(replies.split_off(begun))
    }

    /// The connection, when its transaction can go on.
    pub(super) fn open_connection(&mut self) -> Option<&mut Connection> {
        self.connection.as_mut().filter(|connection| connection.in_transaction() && connection.can_fly())
    }

    /// [`fly`](Self::fly), with another flight to follow on the same connection.
    ///
    /// From the first byte until the answer the session counts as failed, so that a future which is dropped in
    /// between leaves a session that says so.
    async fn fly_and_keep(
        &mut self,
        requests: Vec<Request>,
        takers: &mut [&mut dyn TakeRows],
    ) -> Result<Vec<Reply>> {
        if self.connection.is_none() {
            self.connection = Some(self.engine.connection().await?);
        }
        let Some(connection) = &mut self.connection else { return Ok(Vec::new()) };
        self.failed = true;
        let begins = matches!(requests.first(), Some(Request::Begin(_)));
        // Outside a transaction a statement commits by itself.
        let is_open = connection.in_transaction() || requests.iter().any(|r| matches!(r, Request::Begin(_)));
        self.commit_in_doubt =
            !is_open || requests.iter().any(|r| matches!(r, Request::Commit | Request::Prepare(_)));
        let result = connection.wire().fly_into(requests, takers).await;
        let is_told = |error: &Error| {
            !matches!(error.kind(), ErrorKind::CommitOutcomeUnknown | ErrorKind::PrepareOutcomeUnknown)
        };
        self.commit_in_doubt &= !result.as_ref().map_or_else(is_told, |_| true);
        self.lost_race = result.as_ref().is_err_and(Error::is_serialization_failure);
        let replies = result?;
        self.failed = false;
        if begins {
            self.note_begin();
        }
        Ok(replies)
    }

    /// Whether the transaction lost a race against another one, through whatever it was sent.
    pub(super) fn has_lost_a_race(&mut self) -> bool {
        self.lost_race
            || self.connection.as_mut().is_some_and(|connection| connection.wire().has_lost_a_race())
    }

    /// Adds what the models know to an error of the server.
    pub(super) fn retell(&self, error: Error) -> Error {
        let Some(database) = error.database() else { return error };
        for store in &self.arena.stores {
            if let Some(keys) = stale_keys(database.message(), store.mapper.def.table) {
                return stale_rows(store.mapper, keys).with_source(error);
            }
        }
        let mut stores = self.arena.stores.iter();
        match stores.find(|store| store.registry.told(database).is_some()) {
            Some(store) => store.registry.explain(error),
            None => error,
        }
    }
}
