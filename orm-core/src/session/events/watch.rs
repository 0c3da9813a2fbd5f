//! A session that is listened to.

use super::registered::{Gate, OfModel, Touch};
use super::{Listeners, Verdict};
use crate::error::{Error, ErrorKind, Result};
use crate::flush::by_dependency;
use crate::session::Session;
use crate::state::{Arena, Note, ObjectState, Slot, Store};
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// The listeners of a session, and what has still to be told.
#[derive(Default)]
pub(in crate::session) struct Watch {
    pub(super) listeners: Listeners,
    /// The listeners of the objects of each store of the arena, looked up once a store.
    of_store: Vec<Option<Arc<OfModel>>>,
    /// Whether a transaction was begun of which nobody heard yet.
    begun: bool,
    /// Savepoints that were rolled back and of which nobody heard yet.
    rolled_back: usize,
    /// The number of the session for which `of_store` holds: another one has other stores.
    session: u64,
}

impl Watch {
    /// Looks up who listens to the stores that are new.
    pub(super) fn know(&mut self, arena: &Arena) {
        if self.session != arena.session() {
            (self.session, self.of_store) = (arena.session(), Vec::new());
        }
        for store in &arena.stores[self.of_store.len()..] {
            let model = (store.mapper.def.type_id)();
            self.of_store.push(self.listeners.registered().models.get(&model).cloned());
        }
    }

    /// Who listens to the objects of a store, once it is [known](Self::know).
    pub(super) fn of(&self, store: usize) -> Option<&Arc<OfModel>> {
        self.of_store.get(store)?.as_ref()
    }
}

impl Session {
    /// Has listeners hear of this session, behind those that do already.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::Listeners;
    /// let fair = Listeners::new().before_delete(|customer: &Customer| {
    ///     if customer.age > Some(100) { Err("not those over a hundred")? }
    ///     Ok(())
    /// });
    /// let mut session = engine.session();
    /// session.listen(&fair);
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").age(101));
    /// session.commit().await?;
    /// session.delete(ann)?;
    /// let error = session.commit().await.unwrap_err();
    /// assert_eq!(error.to_string(), "a listener of `before_delete` vetoed a `Customer` with the key 1");
    /// # Ok(()) }
    /// ```
    pub fn listen(&mut self, listeners: &Listeners) {
        let watch = match &mut self.watch {
            Some(watch) => {
                watch.listeners.extend(listeners);
                watch.of_store.clear();
                watch
            }
            none => none.insert(Box::new(Watch { listeners: listeners.clone(), ..Watch::default() })),
        };
        let models = &watch.listeners.registered().models;
        for (model, _) in models.iter().filter(|(_, listeners)| listeners.hears_notes()) {
            self.arena.watch(*model);
        }
    }

    /// Runs listeners. When one panics, the session needs a rollback.
    pub(super) fn guarded<R>(&mut self, tell: impl FnOnce(&mut Self) -> R) -> R {
        struct Guard<'s> {
            session: &'s mut Session,
            armed: bool,
        }
        impl Drop for Guard<'_> {
            fn drop(&mut self) {
                self.session.failed |= self.armed;
            }
        }
        let mut guard = Guard { session: self, armed: true };
        let result = tell(guard.session);
        guard.armed = false;
        result
    }

    /// Tells what happened to objects since the last call; `true` when a listener may have changed one that is new.
    pub(in crate::session) fn tell_notes(&mut self) -> bool {
        if self.watch.is_none() {
            return false;
        }
        let noted = |(store, of): (usize, &Store)| of.has_notes().then_some(store);
        let stores: Vec<usize> = self.arena.stores.iter().enumerate().filter_map(noted).collect();
        if stores.is_empty() {
            return false;
        }
        self.guarded(|session| {
            let Some(watch) = &mut session.watch else { return false };
            watch.know(&session.arena);
            let (id, mut changed) = (session.arena.session(), false);
            for store in by_dependency(&session.arena, stores) {
                let notes = session.arena.stores[store].take_notes();
                let Some(heard) = watch.of(store) else { continue };
                for note in notes {
                    changed |= tell(heard, id, &mut session.arena.stores[store], note);
                }
            }
            changed
        })
    }

    /// A transaction was begun.
    pub(in crate::session) fn note_begin(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.begun = true;
        }
    }

    /// The transaction that was begun is gone, and nobody has to hear of it.
    pub(in crate::session) fn forget_begin(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.begun = false;
        }
    }

    /// Tells that a transaction was begun, if one was.
    pub(in crate::session) fn tell_begin(&mut self) {
        let Some(watch) = &mut self.watch else { return };
        if std::mem::take(&mut watch.begun) {
            let heard = Arc::clone(watch.listeners.registered());
            self.guarded(|session| heard.after_begin.iter().for_each(|listener| listener(session)));
        }
    }

    /// Asks the listeners of `before_commit`.
    ///
    /// # Errors
    /// [`Vetoed`](ErrorKind::Vetoed)
    pub(in crate::session) fn ask_before_commit(&mut self) -> Result<()> {
        let Some(watch) = &self.watch else { return Ok(()) };
        let heard = Arc::clone(watch.listeners.registered());
        self.ask(&heard.before_commit, "before_commit", "commit")
    }

    /// Asks the listeners of `before_flush`, when there is something to flush.
    ///
    /// # Errors
    /// [`Vetoed`](ErrorKind::Vetoed)
    pub(in crate::session) fn ask_before_flush(&mut self) -> Result<()> {
        let Some(watch) = &self.watch else { return Ok(()) };
        if !self.arena.is_touched() {
            return Ok(());
        }
        let heard = Arc::clone(watch.listeners.registered());
        self.ask(&heard.before_flush, "before_flush", "flush")
    }

    fn ask(&mut self, listeners: &[Arc<Gate>], event: &str, what: &str) -> Result<()> {
        let asked: Verdict =
            self.guarded(|session| listeners.iter().try_for_each(|listener| listener(session)));
        asked.map_err(|why| vetoed(event, format_args!("the {what}"), why))
    }

    pub(in crate::session) fn tell_commit(&mut self) {
        let Some(watch) = &self.watch else { return };
        let heard = Arc::clone(watch.listeners.registered());
        self.guarded(|session| heard.after_commit.iter().for_each(|listener| listener(session)));
    }

    /// A savepoint was begun.
    pub(in crate::session) fn tell_begin_nested(&mut self) {
        let Some(watch) = &self.watch else { return };
        let heard = Arc::clone(watch.listeners.registered());
        self.guarded(|session| heard.after_begin_nested.iter().for_each(|listener| listener(session)));
    }

    /// A savepoint was rolled back, maybe by being dropped, where no listener can be called.
    pub(in crate::session) fn note_rollback_nested(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.rolled_back += 1;
        }
    }

    /// Tells of the savepoints that were rolled back.
    pub(in crate::session) fn tell_rollback_nested(&mut self) {
        let Some(watch) = &mut self.watch else { return };
        let count = std::mem::take(&mut watch.rolled_back);
        if count == 0 {
            return;
        }
        let heard = Arc::clone(watch.listeners.registered());
        self.tell_notes();
        self.guarded(|session| {
            for listener in std::iter::repeat_n(&heard.after_rollback_nested, count).flatten() {
                listener(session);
            }
        });
    }

    pub(in crate::session) fn tell_rollback(&mut self) {
        self.tell_rollback_nested();
        let Some(watch) = &mut self.watch else { return };
        watch.begun = false;
        let heard = Arc::clone(watch.listeners.registered());
        self.tell_notes();
        self.guarded(|session| heard.after_rollback.iter().for_each(|listener| listener(session)));
    }
}

/// Tells one thing that happened to an object; `true` when a listener may have changed one that is new.
fn tell(heard: &OfModel, session: u64, store: &mut Store, note: Note) -> bool {
    match note {
        Note::Loaded { slot } => {
            renewed(&heard.on_load, store.slot_mut(slot));
            false
        }
        Note::Refreshed { slot } => {
            renewed(&heard.on_refresh, store.slot_mut(slot));
            false
        }
        Note::Became { slot, from, to } => {
            let attached = to == ObjectState::Pending && store.slot(slot).state == to;
            if attached {
                let object = store.slot_mut(slot).get_mut();
                heard.before_attach.iter().for_each(|listener| listener(object.as_any_mut()));
            }
            heard.on_state.iter().for_each(|listener| listener(session, slot, from, to));
            if attached {
                let object = store.slot(slot).get().as_any();
                heard.after_attach.iter().for_each(|listener| listener(session, slot, object));
            }
            attached && !heard.before_attach.is_empty()
        }
    }
}

/// Lets listeners change what came from the database: the snapshot of an object with unsaved changes changes with it.
fn renewed(listeners: &[Arc<Touch>], slot: &mut Slot) {
    let Some(object) = slot.object.as_deref_mut().filter(|_| !listeners.is_empty()) else { return };
    let before = slot.original.is_some().then(|| object.snapshot());
    listeners.iter().for_each(|listener| listener(object.as_any_mut()));
    let (Some(before), Some(original)) = (before, slot.original.as_deref_mut()) else { return };
    for column in 0..object.def().columns.len() {
        if !before.column(column).same_as(&object.column(column)) {
            original.copy_column(column, object);
        }
    }
}

/// The error of a veto.
pub(super) fn vetoed(event: &str, what: impl fmt::Display, why: Box<dyn StdError + Send + Sync>) -> Error {
    Error::new(ErrorKind::Vetoed, format!("a listener of `{event}` vetoed {what}")).with_source(why)
}
