//! One object of a session.

use super::siblings::ALONE;
use crate::mapper::Object;
use crate::types::ColumnValue;

/// Where an object stands between the program and the database.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::state::ObjectState;
/// let mut session = engine.session();
/// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
/// assert_eq!(session.state(ann)?, ObjectState::Pending);
/// session.rollback().await?;
/// assert_eq!(session.state(ann)?, ObjectState::Transient);
/// session.add_again(ann)?;
/// session.commit().await?;
/// assert_eq!(session.state(ann)?, ObjectState::Persistent);
/// session.delete(ann)?;
/// assert_eq!(session.state(ann)?, ObjectState::Deleting);
/// session.commit().await?;
/// assert_eq!(session.state(ann)?, ObjectState::Deleted);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ObjectState {
    /// In the session, but not to be written: a rollback took it back. Writing it through its handle, or
    /// adding its handle again, makes it pending.
    Transient,
    /// The next flush inserts it.
    Pending,
    /// A row of the database.
    Persistent,
    /// The next flush deletes it.
    Deleting,
    /// Deleted by a flush.
    Deleted,
    /// Out of the session: given back to the program, or deleted before it was ever written.
    Detached,
}

impl ObjectState {
    /// Whether the session has the object: it is in the database, or gets there.
    pub(crate) fn is_there(self) -> bool {
        matches!(self, Self::Pending | Self::Persistent | Self::Deleting)
    }
}

/// An object with its state.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) object: Option<Box<dyn Object>>,
    pub(crate) state: ObjectState,
    /// The object as the database has it, kept from the first write until the flush.
    pub(crate) original: Option<Box<dyn Object>>,
    /// The last entry of the undo log that is about it.
    pub(super) undo: Option<u32>,
    /// The epoch of the store in which it was read or written last; before the present one it is stale.
    pub(super) fresh: u64,
    /// The result that it came with.
    pub(super) result: u32,
    /// Whether the slot is in the list of those that the next flush looks at.
    pub(crate) touched: bool,
}

impl Slot {
    pub(crate) fn new(object: Box<dyn Object>, state: ObjectState, fresh: u64) -> Self {
        Self { object: Some(object), state, original: None, undo: None, fresh, result: ALONE, touched: false }
    }

    /// The object.
    ///
    /// # Panics
    /// When it is gone; callers look at the state first.
    pub(crate) fn get(&self) -> &dyn Object {
        self.object.as_deref().expect("the state says that the object is there")
    }

    /// The object, to be changed without counting as a change.
    ///
    /// # Panics
    /// As [`get`](Self::get).
    pub(crate) fn get_mut(&mut self) -> &mut dyn Object {
        self.object.as_deref_mut().expect("the state says that the object is there")
    }

    /// The object as the database has it.
    ///
    /// # Panics
    /// As [`get`](Self::get).
    pub(crate) fn stored(&self) -> &dyn Object {
        self.original.as_deref().unwrap_or_else(|| self.get())
    }

    /// The object, and the one that the database has.
    pub(crate) fn images_mut(&mut self) -> impl Iterator<Item = &mut dyn Object> {
        let both = [self.object.as_mut(), self.original.as_mut()];
        both.into_iter().flatten().map(|object| object.as_mut() as &mut dyn Object)
    }

    /// Whether a column is not loaded.
    pub(crate) fn lacks(&self, column: usize) -> bool {
        let images = [self.object.as_deref(), self.original.as_deref()];
        images.into_iter().flatten().any(|object| matches!(object.column(column), ColumnValue::NotLoaded))
    }

    /// Whether the next flush writes what the object says.
    pub(crate) fn is_written(&self) -> bool {
        matches!(self.state, ObjectState::Pending | ObjectState::Persistent)
    }

    /// Whether the row is in the database now.
    pub(crate) fn in_database(&self) -> bool {
        matches!(self.state, ObjectState::Persistent | ObjectState::Deleting)
    }
}
