//! Telling what a flush is about to write, and what it has written.

use super::registered::OfModel;
use super::watch::vetoed;
use super::{Verdict, Watch};
use crate::error::{Error, ErrorKind, Result};
use crate::flush::{Plan, changed_columns, is_updated, resolve, show, sorted};
use crate::mapper::Object;
use crate::session::Session;
use crate::state::{Arena, At, ObjectState};
use crate::types::ColumnValue;
use std::collections::HashSet;
use std::sync::Arc;

/// How often listeners may bring new objects into a flush before that counts as a circle.
const ROUNDS: usize = 20;

/// What becomes of the row of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Write {
    Insert,
    Update,
    Delete,
}

impl Write {
    const fn event(self) -> &'static str {
        match self {
            Self::Insert => "before_insert",
            Self::Update => "before_update",
            Self::Delete => "before_delete",
        }
    }
}

/// What a flush writes of the objects that somebody listens to.
pub(in crate::session) struct Written {
    /// Whether there was anything to flush.
    flushes: bool,
    objects: Vec<(Write, At)>,
    /// Copies of the deleted objects, in the order of `objects`: a commit drops the objects themselves.
    deleted: Vec<Box<dyn Object>>,
}

impl Written {
    pub(in crate::session) fn keep_deleted(mut self, arena: &Arena) -> Self {
        let deleted = self.objects.iter().filter(|(write, _)| *write == Write::Delete);
        self.deleted = deleted.map(|(_, at)| arena.object(*at).snapshot()).collect();
        self
    }
}

impl Session {
    /// Spreads the changes, and asks the listeners of the objects that are going to be written, until nothing new comes in
    /// by what they change. `None` when nobody listens.
    ///
    /// # Errors
    /// [`Vetoed`](ErrorKind::Vetoed), or what spreading refuses.
    pub(in crate::session) async fn spread_and_ask(&mut self) -> Result<Option<Written>> {
        if self.watch.is_none() {
            return self.spread_and_load().await.map(|()| None);
        }
        let mut asked = HashSet::new();
        for _ in 0..ROUNDS {
            let spread = self.spread_and_load().await;
            let attached = self.tell_notes();
            spread?;
            let written = self.written();
            let new: Vec<(Write, At)> =
                written.iter().copied().filter(|write| asked.insert(*write)).collect();
            let heard = self.guarded(|session| session.ask_before_writes(&new))?;
            if !heard && !attached {
                self.guarded(|session| session.ask_on_set(&written))?;
                let flushes = self.arena.is_touched();
                return Ok(Some(Written { flushes, objects: written, deleted: Vec::new() }));
            }
        }
        let why = format!("after {ROUNDS} rounds the listeners still bring new objects into the flush");
        Err(Error::new(ErrorKind::Vetoed, why))
    }

    /// The objects that are going to be written, of models whose writes somebody listens to: insertions, then updates, in the
    /// order of their tables, then deletions the other way round.
    fn written(&mut self) -> Vec<(Write, At)> {
        let Some(watch) = &mut self.watch else { return Vec::new() };
        watch.know(&self.arena);
        let hears = |store: usize| watch.of(store).is_some_and(|of| of.hears_writes());
        if !(0..self.arena.stores.len()).any(hears) {
            return Vec::new();
        }
        // A reference to an object that has a key is that key.
        resolve(&mut self.arena);
        let touched = sorted(&self.arena).into_iter().filter(|at| hears(at.store));
        let write = |at: At| match self.arena.slot(at).state {
            ObjectState::Pending => Some((Write::Insert, at)),
            ObjectState::Persistent if is_updated(&self.arena, at) => Some((Write::Update, at)),
            ObjectState::Deleting => Some((Write::Delete, at)),
            _ => None,
        };
        let mut found: Vec<(Write, At)> = touched.filter_map(write).collect();
        let deletes = found.extract_if(.., |(write, _)| *write == Write::Delete).collect::<Vec<_>>();
        found.sort_by_key(|(write, _)| *write == Write::Update);
        found.extend(deletes.into_iter().rev());
        found
    }

    /// Asks before each write; `true` when a listener may have changed something.
    fn ask_before_writes(&mut self, writes: &[(Write, At)]) -> Result<bool> {
        let Some(watch) = &self.watch else { return Ok(false) };
        let mut heard = false;
        for (write, at) in writes {
            let Some(of) = watch.of(at.store) else { continue };
            let object = self.arena.slot_mut(*at).get_mut();
            heard |= *write != Write::Delete && has_before(of, *write);
            let asked = ask(of, *write, object);
            asked.map_err(|why| refused(&self.arena, *at, write.event(), "", why))?;
        }
        Ok(heard)
    }

    /// Asks for each changed column.
    fn ask_on_set(&mut self, writes: &[(Write, At)]) -> Result<()> {
        let Some(watch) = &self.watch else { return Ok(()) };
        for (_, at) in writes.iter().filter(|(write, _)| *write == Write::Update) {
            let Some(of) = watch.of(at.store).filter(|of| !of.on_set.is_empty()) else { continue };
            let slot = self.arena.slot(*at);
            let Some(original) = slot.original.as_deref() else { continue };
            for column in changed_columns(&self.arena, *at) {
                for (_, listener) in of.on_set.iter().filter(|(of, _)| *of == column) {
                    let asked = listener(slot.get().as_any(), original.as_any());
                    asked.map_err(|why| {
                        let name = self.arena.stores[at.store].mapper.def.columns[column].name;
                        let what = format!("the new `{name}` of ");
                        refused(&self.arena, *at, "on_set", &what, why).with_columns(vec![name.to_owned()])
                    })?;
                }
            }
        }
        Ok(())
    }

    /// Tells what a flush has written, when everything is in order again.
    pub(in crate::session) fn tell_written(&mut self, written: &Written, plan: &Plan, committed: bool) {
        self.tell_begin();
        self.tell_notes();
        self.guarded(|session| {
            let Some(watch) = &session.watch else { return };
            tell_writes(watch, &session.arena, written);
            let heard = Arc::clone(watch.listeners.registered());
            if written.flushes && !heard.after_flush.is_empty() {
                let plan = show(&session.arena, plan);
                heard.after_flush.iter().for_each(|listener| listener(session, &plan));
            }
        });
        if committed {
            self.tell_commit();
        }
    }
}

fn has_before(of: &OfModel, write: Write) -> bool {
    match write {
        Write::Insert => !of.before_insert.is_empty(),
        Write::Update => !of.before_update.is_empty(),
        Write::Delete => !of.before_delete.is_empty(),
    }
}

fn ask(of: &OfModel, write: Write, object: &mut dyn Object) -> Verdict {
    match write {
        Write::Insert => of.before_insert.iter().try_for_each(|listener| listener(object.as_any_mut())),
        Write::Update => of.before_update.iter().try_for_each(|listener| listener(object.as_any_mut())),
        Write::Delete => of.before_delete.iter().try_for_each(|listener| listener(object.as_any())),
    }
}

fn tell_writes(watch: &Watch, arena: &Arena, written: &Written) {
    let mut deleted = written.deleted.iter();
    for (write, at) in &written.objects {
        let Some(of) = watch.of(at.store) else { continue };
        let (listeners, object) = match write {
            Write::Insert => (&of.after_insert, arena.object(*at)),
            Write::Update => (&of.after_update, arena.object(*at)),
            Write::Delete => match deleted.next() {
                Some(object) => (&of.after_delete, object.as_ref()),
                None => continue,
            },
        };
        listeners.iter().for_each(|listener| listener(object.as_any()));
    }
}

/// The error of a veto about one object.
fn refused(
    arena: &Arena,
    at: At,
    event: &str,
    what: &str,
    why: Box<dyn std::error::Error + Send + Sync>,
) -> Error {
    let mapper = arena.stores[at.store].mapper;
    let object = arena.object(at);
    let part = |column: &usize| match object.column(*column) {
        ColumnValue::Value(value) => Some(value.json().to_string()),
        _ => None,
    };
    let key: Option<Vec<String>> = mapper.primary_key.iter().map(part).collect();
    let key = key.map(|parts| format!(" with the key {}", parts.join(", "))).unwrap_or_default();
    vetoed(event, format_args!("{what}a `{}`{key}", mapper.def.name), why).with_model(mapper.def.name)
}
