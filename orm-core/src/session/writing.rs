//! Statements that write rows, run in the session: its objects then have what the database has.

use super::Session;
use crate::bulk::{Change, Insert, Matching, Run, Update, Written};
use crate::engine::{Lease, Lend, Reply, Request, Wire};
use crate::error::Result;
use crate::load::{Happened, Known, ObjectRows, forget_outdated, raw_key, take_values};
use crate::mapper::{Criteria, Handle, Layout, LinkKind, Model, ReferentialAction};
use crate::query::{Explain, Scope};
use crate::state::Store;
use std::borrow::Cow;
use tokio_postgres::Row;

/// The connection of the session's transaction. Until the copy has come to its end the session counts as failed.
#[derive(Debug)]
pub struct Transaction<'s>(&'s mut Session);

impl Lease for Transaction<'_> {
    fn wire(&mut self) -> &mut Wire {
        self.0.connection.as_mut().expect("it was lent inside of a transaction").wire()
    }

    fn settle(&mut self) {
        self.0.failed = false;
    }
}

impl<'s> Lend for &'s mut Session {
    type Lease = Transaction<'s>;

    async fn lend(self) -> Result<Transaction<'s>> {
        self.flush_before_query().await?;
        self.begin().await?;
        self.arena.note_write();
        self.failed = true;
        Ok(Transaction(self))
    }
}

impl Run for &mut Session {
    fn criteria(&self) -> Criteria {
        self.arena.criteria().clone()
    }

    async fn change<M: Model>(self, change: Change) -> Result<Reply> {
        self.write_rows::<M>(change).await
    }
}

/// A statement that writes rows which are there afterwards: an [`Insert`] or an [`Update`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::{bulk::insert, session::WritesRows};
/// /// Writes, and counts what is an object now.
/// async fn count(session: &mut Session, statement: impl WritesRows<Model = Product>) -> orm_core::Result<usize> {
///     Ok(session.all_written(statement).await?.len())
/// }
/// let tea = Product::builder().sku("T-1").title("Tea").price_cents(390);
/// assert_eq!(count(&mut engine.session(), insert([tea])).await?, 1);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` leaves no rows behind that could be objects",
    label = "expected an `Insert` or an `Update`"
)]
pub trait WritesRows: Send {
    /// The model of the rows.
    type Model: Model;

    /// The statement.
    #[doc(hidden)]
    fn into_rows(self) -> Result<Change>;
}

impl<M: Model> WritesRows for Insert<M> {
    type Model = M;

    fn into_rows(self) -> Result<Change> {
        self.into_change()
    }
}

impl<S: Matching> WritesRows for Update<S> {
    type Model = <S as Scope>::Root;

    fn into_rows(self) -> Result<Change> {
        self.into_change()
    }
}

impl Session {
    /// Runs a statement that writes rows, and gives their objects, in any order: those that the session has, with what the database has
    /// now, and new ones.
    ///
    /// As with every such statement in a session, collections in which rows may have come or gone by it count as not loaded:
    /// after an INSERT those of the model's rows, after an UPDATE those whose foreign key it set, and all views of them.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::bulk::{insert, update};
    /// let mut session = engine.session();
    /// let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// let new = Product::builder().sku("T-1").title("Green tea").price_cents(420);
    /// let upsert = insert([new]).on_conflict(Product::SKU).do_update_given();
    /// assert_eq!(session.all_written(upsert).await?, [tea]);
    /// assert_eq!(session[tea].title, "Green tea");
    /// let dearer = update(select::<Product>()).set(Product::PRICE_CENTS.set_to(Product::PRICE_CENTS + 1));
    /// assert_eq!(session.all_written(dearer).await?, [tea]);
    /// session.commit().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Insert::execute`] and [`Update::execute`].
    pub async fn all_written<W: WritesRows>(&mut self, statement: W) -> Result<Vec<Handle<W::Model>>> {
        let store = self.arena.store_for::<W::Model>()?;
        let change = statement.into_rows()?;
        let layout = change.mapper.layout.with(&change.set(), true);
        let (reply, first) = self.send_change(store, change, Some(&layout)).await?;
        let rows = ObjectRows::of(self.arena.stores[store].mapper, Cow::Owned(layout), first, &reply.rows);
        let slots = rows.load(&mut self.arena, store, Known::Keep);
        self.tell_notes();
        let id = self.id();
        Ok(slots?.into_iter().map(|slot| Handle::new(id, slot)).collect())
    }

    /// Runs a statement; objects of rows that were written become as their rows are now, those of deleted ones are known to be.
    async fn write_rows<M: Model>(&mut self, change: Change) -> Result<Reply> {
        let store = self.arena.store_for::<M>()?;
        if let Some(how) = change.explained {
            return self.explain_change(store, change, how).await;
        }
        if let Written::Delete(_) = &change.written {
            return self.delete_rows(store, change).await;
        }
        // What is set comes back, deferred or not; nobody has an object of a row that is new.
        let set = change.set();
        let layout = (!set.is_empty()).then(|| change.mapper.layout.with(&set, true));
        let (reply, _) = self.send_change(store, change, layout.as_ref()).await?;
        self.tell_notes();
        Ok(reply)
    }

    /// Asks how the server runs a statement. Where that writes, nobody knows which rows.
    async fn explain_change(&mut self, store: usize, change: Change, how: Explain) -> Result<Reply> {
        let (reply, _) = self.send_writing(change, None).await?;
        if how == Explain::Analyze {
            self.arena.stores[store].expire_all();
            self.doubt_referrers(store);
            forget_outdated(&mut self.arena, store, Happened::Inserted);
        }
        Ok(reply)
    }

    async fn delete_rows(&mut self, store: usize, change: Change) -> Result<Reply> {
        let mapper = change.mapper;
        let key = Layout::new(mapper.def.columns.len(), |column| mapper.primary_key.contains(&column));
        let (reply, first) = self.send_writing(change, Some(&key)).await?;
        for row in &reply.rows {
            let columns = key.positions(&mapper.primary_key).into_iter().map(|column| first + column);
            let key = raw_key(row, columns)?;
            if let Some(slot) = key.and_then(|key| self.arena.stores[store].find(&key)) {
                self.arena.stores[store].lose(slot, true)?;
            }
        }
        self.doubt_referrers(store);
        forget_outdated(&mut self.arena, store, Happened::Deleted);
        self.tell_notes();
        Ok(reply)
    }

    /// Sends a statement and takes over what comes back, behind what the program asked for; gives where that begins.
    async fn send_change(
        &mut self,
        store: usize,
        change: Change,
        back: Option<&Layout>,
    ) -> Result<(Reply, usize)> {
        let set = change.set();
        let sets_reference = change.sets_reference(&set);
        let is_insert = matches!(change.written, Written::Insert(_));
        let (reply, first) = self.send_writing(change, back).await?;
        let happened = if is_insert { Happened::Inserted } else { Happened::Set(&set) };
        forget_outdated(&mut self.arena, store, happened);
        if let Some(layout) = back {
            take_values(&mut self.arena, store, &reply.rows, (layout, first))?;
            if sets_reference {
                doubt(&mut self.arena.stores[store], &reply.rows, (layout, first))?;
            }
        }
        Ok((reply, first))
    }

    /// Sends a statement that writes, after everything that changed before.
    async fn send_writing(&mut self, mut change: Change, back: Option<&Layout>) -> Result<(Reply, usize)> {
        self.usable()?;
        if change.is_empty {
            return Ok((Reply::default(), 0));
        }
        change.restrict(self.arena.criteria());
        self.join_paths(&mut change)?;
        let first = back.map_or(0, |layout| change.bring_back(layout));
        let statement = change.render()?;
        self.flush_before_query().await?;
        self.arena.note_write();
        let replies = self.fly_inside([Request::Run(statement)], &mut []).await;
        let replies = replies.map_err(|error| change.explain(self.retell(error)));
        Ok((replies?.pop().unwrap_or_default(), first))
    }

    /// Has rows meet what the members have to meet that the paths of their query join in.
    fn join_paths(&mut self, change: &mut Change) -> Result<()> {
        if change.paths.is_empty() {
            return Ok(());
        }
        let store = self.arena.store_of(change.registry, change.mapper.def)?;
        let conditions = self.conditions_of_paths(store, &change.paths)?;
        match &mut change.written {
            Written::Update(update) => update.rows.filter.extend(conditions),
            Written::Delete(delete) => delete.rows.filter.extend(conditions),
            Written::Insert(_) => {}
        }
        Ok(())
    }

    /// The database may have changed rows that referred to deleted ones.
    fn doubt_referrers(&mut self, store: usize) {
        let (registry, target) = (self.arena.stores[store].registry, self.arena.stores[store].mapper.index);
        for other in registry.mappers() {
            let acts = |kind: &LinkKind| {
                let LinkKind::ToOne { on_delete, .. } = kind else { return false };
                !matches!(on_delete, ReferentialAction::NoAction | ReferentialAction::Restrict)
            };
            if other.relations.iter().any(|link| link.target == target && acts(&link.kind))
                && let Some(known) = self.arena.known_neighbour(store, other.index)
            {
                self.arena.stores[known].expire_all();
            }
        }
    }
}

/// Makes the objects of some rows stale: where their references lead now is not taken over.
fn doubt(store: &mut Store, rows: &[Row], (layout, first): (&Layout, usize)) -> Result<()> {
    let key = layout.positions(&store.mapper.primary_key);
    for row in rows {
        let key = raw_key(row, key.iter().map(|column| first + column))?;
        if let Some(slot) = key.and_then(|key| store.find(&key)) {
            store.doubt(slot);
        }
    }
    Ok(())
}
