//! Adding, deleting, reading and writing objects.

use super::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::flush::{adopt, mark_deleted};
use crate::mapper::{Handle, IntoModel, Model};
use crate::state::{At, ObjectState};
use std::ops::{Index, IndexMut};

impl Session {
    /// Adds a new object, with everything new that it holds: a model, or a complete builder of one.
    ///
    /// The next flush inserts it.
    ///
    /// # Panics
    /// When the models of the base contradict each other; `Base::metadata()` gives that as an error.
    pub fn add<N: IntoModel>(&mut self, object: N) -> Handle<N::Model> {
        let store = self.arena.store_for::<N::Model>();
        let store = store.unwrap_or_else(|error| panic!("{error}"));
        let slot = self.arena.stores[store].add(Box::new(object.into_model()));
        if let Err(error) = adopt(&mut self.arena, At { store, slot }) {
            panic!("{error}");
        }
        Handle::new(self.id(), slot)
    }

    /// Adds new objects.
    ///
    /// # Panics
    /// As [`add`](Self::add).
    pub fn add_all<N: IntoModel>(&mut self, objects: impl IntoIterator<Item = N>) -> Vec<Handle<N::Model>> {
        objects.into_iter().map(|object| self.add(object)).collect()
    }

    /// Has the next flush insert an object again that a rollback took back.
    ///
    /// # Errors
    /// [`Gone`](ErrorKind::Gone), [`ForeignHandle`](ErrorKind::ForeignHandle).
    pub fn add_again<T: Model>(&mut self, handle: Handle<T>) -> Result<()> {
        let at = self.arena.locate(handle)?;
        self.arena.stores[at.store].write(at.slot);
        Ok(())
    }

    /// Has the next flush delete the object, and what its relations say is deleted with it.
    ///
    /// # Errors
    /// [`Gone`](ErrorKind::Gone), [`ForeignHandle`](ErrorKind::ForeignHandle).
    pub fn delete<T: Model>(&mut self, handle: Handle<T>) -> Result<()> {
        let at = self.arena.locate(handle)?;
        mark_deleted(&mut self.arena, at);
        Ok(())
    }

    /// The object; the form of `session[handle]` that does not panic.
    ///
    /// # Errors
    /// [`Gone`](ErrorKind::Gone), [`ForeignHandle`](ErrorKind::ForeignHandle).
    pub fn try_get<T: Model>(&self, handle: Handle<T>) -> Result<&T> {
        let at = self.arena.locate(handle)?;
        Ok(self.arena.object(at).as_any().downcast_ref().expect("the store holds objects of one model"))
    }

    /// The object for writing; the form of `&mut session[handle]` that does not panic.
    ///
    /// # Errors
    /// [`Gone`](ErrorKind::Gone), [`ForeignHandle`](ErrorKind::ForeignHandle).
    pub fn try_get_mut<T: Model>(&mut self, handle: Handle<T>) -> Result<&mut T> {
        let at = self.arena.locate(handle)?;
        let object = self.arena.stores[at.store].write(at.slot).as_any_mut();
        Ok(object.downcast_mut().expect("the store holds objects of one model"))
    }

    /// Where the object stands between the program and the database.
    ///
    /// # Errors
    /// [`ForeignHandle`](ErrorKind::ForeignHandle).
    pub fn state<T: Model>(&self, handle: Handle<T>) -> Result<ObjectState> {
        match self.arena.locate(handle) {
            Ok(at) => Ok(self.arena.slot(at).state),
            Err(error) if error.kind() == ErrorKind::Gone => Ok(ObjectState::Deleted),
            Err(error) => Err(error),
        }
    }
}

/// # Panics
/// When the handle belongs to another session, or its object was deleted; [`Session::try_get`] does not.
impl<T: Model> Index<Handle<T>> for Session {
    type Output = T;

    #[track_caller]
    fn index(&self, handle: Handle<T>) -> &T {
        self.try_get(handle).unwrap_or_else(|error: Error| panic!("{error}"))
    }
}

/// # Panics
/// When the handle belongs to another session, or its object was deleted; [`Session::try_get_mut`] does
/// not.
impl<T: Model> IndexMut<Handle<T>> for Session {
    #[track_caller]
    fn index_mut(&mut self, handle: Handle<T>) -> &mut T {
        self.try_get_mut(handle).unwrap_or_else(|error: Error| panic!("{error}"))
    }
}
