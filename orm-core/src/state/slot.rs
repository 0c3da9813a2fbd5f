//! One object of a session.

use crate::mapper::Object;

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

/// An object with its state.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) object: Option<Box<dyn Object>>,
    pub(crate) state: ObjectState,
    /// The object as the database has it, kept from the first write until the flush.
    pub(crate) original: Option<Box<dyn Object>>,
    /// What a rollback of the open transaction has to take back.
    pub(crate) undo: Option<Undo>,
    /// Whether the slot is in the list of those that the next flush looks at.
    pub(crate) touched: bool,
}

/// How an object returns to what it was when the transaction began.
#[derive(Debug)]
pub(crate) enum Undo {
    /// It was not in the database: these columns were filled by it.
    Inserted(Vec<usize>),
    /// It was like this.
    Was(Box<dyn Object>),
    /// It was as it is, but for its state.
    Unchanged,
}

impl Slot {
    pub(crate) fn new(object: Box<dyn Object>, state: ObjectState) -> Self {
        Self { object: Some(object), state, original: None, undo: None, touched: false }
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

    /// Whether the row is in the database now.
    pub(crate) fn in_database(&self) -> bool {
        matches!(self.state, ObjectState::Persistent | ObjectState::Deleting)
    }
}
