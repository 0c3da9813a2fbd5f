//! Listeners as the session finds them: those of the session in lists, those of objects by their model.

use super::Verdict;
use crate::flush::FlushPlan;
use crate::session::Session;
use crate::state::ObjectState;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

type Shared<F> = Vec<Arc<F>>;

/// May change the session, and veto.
pub(super) type Gate = dyn Fn(&mut Session) -> Verdict + Send + Sync;
/// Looks at the session.
pub(super) type Look = dyn Fn(&Session) + Send + Sync;
/// May change the session, after the fact.
pub(super) type Follow = dyn Fn(&mut Session) + Send + Sync;
/// Looks at what was flushed.
pub(super) type LookAtFlush = dyn Fn(&Session, &FlushPlan) + Send + Sync;

/// May change an object, and veto.
pub(super) type Prepare = dyn Fn(&mut dyn Any) -> Verdict + Send + Sync;
/// May veto.
pub(super) type Check = dyn Fn(&dyn Any) -> Verdict + Send + Sync;
/// May change an object.
pub(super) type Touch = dyn Fn(&mut dyn Any) + Send + Sync;
/// Looks at an object.
pub(super) type See = dyn Fn(&dyn Any) + Send + Sync;
/// Looks at an object that has just got its slot in a session.
pub(super) type SeeAttached = dyn Fn(u64, u32, &dyn Any) + Send + Sync;
/// Hears of another state of the object in a slot of a session.
pub(super) type HearState = dyn Fn(u64, u32, ObjectState, ObjectState) + Send + Sync;
/// Looks at an object and what it was, of which one column changed; may veto.
pub(super) type CheckChange = dyn Fn(&dyn Any, &dyn Any) -> Verdict + Send + Sync;

/// All listeners of one value [`Listeners`](super::Listeners).
#[derive(Clone, Default)]
pub(super) struct Registered {
    pub(super) before_flush: Shared<Gate>,
    pub(super) after_flush: Shared<LookAtFlush>,
    pub(super) before_commit: Shared<Gate>,
    pub(super) after_commit: Shared<Follow>,
    pub(super) after_rollback: Shared<Follow>,
    pub(super) after_begin: Shared<Look>,
    pub(super) after_begin_nested: Shared<Look>,
    pub(super) after_rollback_nested: Shared<Follow>,
    pub(super) models: HashMap<TypeId, Arc<OfModel>>,
}

/// The listeners of the objects of one model.
#[derive(Clone, Default)]
pub(super) struct OfModel {
    pub(super) before_attach: Shared<Touch>,
    pub(super) after_attach: Shared<SeeAttached>,
    pub(super) before_insert: Shared<Prepare>,
    pub(super) after_insert: Shared<See>,
    pub(super) before_update: Shared<Prepare>,
    pub(super) after_update: Shared<See>,
    pub(super) before_delete: Shared<Check>,
    pub(super) after_delete: Shared<See>,
    pub(super) on_load: Shared<Touch>,
    pub(super) on_refresh: Shared<Touch>,
    pub(super) on_state: Shared<HearState>,
    /// By the position of the column.
    pub(super) on_set: Vec<(usize, Arc<CheckChange>)>,
}

impl OfModel {
    /// Whether the flush has to look for objects of the model.
    pub(super) fn hears_writes(&self) -> bool {
        let lists = [self.before_insert.len(), self.before_update.len(), self.before_delete.len()];
        let after = [self.after_insert.len(), self.after_update.len(), self.after_delete.len()];
        lists.iter().chain(&after).any(|len| *len > 0) || !self.on_set.is_empty()
    }

    /// Whether what happens to objects of the model has to be written down.
    pub(super) fn hears_notes(&self) -> bool {
        let touches = [&self.before_attach, &self.on_load, &self.on_refresh];
        touches.iter().any(|list| !list.is_empty())
            || !self.after_attach.is_empty()
            || !self.on_state.is_empty()
    }

    fn extend(&mut self, other: &Self) {
        self.before_attach.extend_from_slice(&other.before_attach);
        self.after_attach.extend_from_slice(&other.after_attach);
        self.before_insert.extend_from_slice(&other.before_insert);
        self.after_insert.extend_from_slice(&other.after_insert);
        self.before_update.extend_from_slice(&other.before_update);
        self.after_update.extend_from_slice(&other.after_update);
        self.before_delete.extend_from_slice(&other.before_delete);
        self.after_delete.extend_from_slice(&other.after_delete);
        self.on_load.extend_from_slice(&other.on_load);
        self.on_refresh.extend_from_slice(&other.on_refresh);
        self.on_state.extend_from_slice(&other.on_state);
        self.on_set.extend_from_slice(&other.on_set);
    }
}

impl Registered {
    /// Takes the listeners of another value over, behind its own.
    pub(super) fn extend(&mut self, other: &Self) {
        self.before_flush.extend_from_slice(&other.before_flush);
        self.after_flush.extend_from_slice(&other.after_flush);
        self.before_commit.extend_from_slice(&other.before_commit);
        self.after_commit.extend_from_slice(&other.after_commit);
        self.after_rollback.extend_from_slice(&other.after_rollback);
        self.after_begin.extend_from_slice(&other.after_begin);
        self.after_begin_nested.extend_from_slice(&other.after_begin_nested);
        self.after_rollback_nested.extend_from_slice(&other.after_rollback_nested);
        for (model, listeners) in &other.models {
            match self.models.get_mut(model) {
                Some(own) => Arc::make_mut(own).extend(listeners),
                None => drop(self.models.insert(*model, Arc::clone(listeners))),
            }
        }
    }
}
