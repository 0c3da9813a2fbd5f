//! Loading relations of objects that the session has.

use super::Session;
use crate::error::Result;
use crate::load::{attach, fetch};
use crate::mapper::{Handle, Model};
use crate::query::{IntoPath, Steps};
use crate::state::At;

/// One handle or many: what [`Session::load`] accepts.
pub trait Handles<T> {
    /// The handles.
    fn handles(&self) -> &[Handle<T>];
}

impl<T> Handles<T> for Handle<T> {
    fn handles(&self) -> &[Handle<T>] {
        std::slice::from_ref(self)
    }
}

impl<T> Handles<T> for &[Handle<T>] {
    fn handles(&self) -> &[Handle<T>] {
        self
    }
}

impl<T> Handles<T> for &Vec<Handle<T>> {
    fn handles(&self) -> &[Handle<T>] {
        self
    }
}

impl Session {
    /// Loads a relation, or a path of them, of one object or many; gives the objects at its end, each once.
    ///
    /// One round trip a relation, however many objects. Unsaved changes of a collection stay.
    ///
    /// # Errors
    /// The server's; [`Gone`](crate::ErrorKind::Gone), [`ForeignHandle`](crate::ErrorKind::ForeignHandle);
    /// [`NeedsRollback`](crate::ErrorKind::NeedsRollback).
    pub async fn load<T: Model, P: IntoPath<T>>(
        &mut self,
        of: impl Handles<T>,
        path: P,
    ) -> Result<Vec<Handle<P::Target>>> {
        self.usable()?;
        let store = self.arena.store_for::<T>()?;
        let located = of.handles().iter().map(|handle| Ok(self.arena.locate(*handle)?.slot));
        let slots: Vec<u32> = located.collect::<Result<_>>()?;
        let found = self.load_steps(store, &slots, &path.into_steps()).await?;
        let id = self.id();
        Ok(found.into_iter().map(|at| Handle::new(id, at.slot)).collect())
    }

    /// Loads the relations of a path one after the other; gives the objects at its end.
    pub(super) async fn load_steps(&mut self, store: usize, slots: &[u32], path: &Steps) -> Result<Vec<At>> {
        let (mut store, mut slots) = (store, slots.to_vec());
        let mut found = Vec::new();
        for relation in &path.0 {
            found = self.load_relation(store, *relation, &slots).await?;
            match found.first() {
                Some(first) => store = first.store,
                None => break,
            }
            slots = found.iter().map(|at| at.slot).collect();
        }
        Ok(found)
    }

    pub(super) async fn load_relation(&mut self, store: usize, relation: usize, owners: &[u32]) -> Result<Vec<At>> {
        let mut fetch = fetch(&mut self.arena, store, relation, owners)?;
        let statements = std::mem::take(&mut fetch.statements);
        let replies = self.read(statements).await?;
        let mut found = attach(&mut self.arena, &fetch, &replies)?;
        // Objects that are not in the database yet know their members without it.
        for owner in owners {
            let at = At { store, slot: *owner };
            if !self.arena.slot(at).in_database() {
                found.extend(super::entity::related_slots(self, at, relation).unwrap_or_default());
            }
        }
        Ok(found)
    }
}
