//! Handles: how the program names the objects that a session owns.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// A small, copyable name of an object of model `T` inside one session.
///
/// `session[handle]` reads the object, `&mut session[handle]` writes it. A handle knows its session:
/// used with another one it is a [`ForeignHandle`](crate::ErrorKind::ForeignHandle) error, never a wrong object.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let ann: Handle<Customer> = session.add(Customer::builder().name("Ann").email("ann@example.org"));
/// session[ann].name.push('a');
/// assert_eq!(session[ann].name, "Anna");
/// assert_eq!(ann.session_id(), session.id());
///
/// let error = engine.session().try_get(ann).unwrap_err();
/// assert_eq!(error.kind(), orm_core::ErrorKind::ForeignHandle);
/// # Ok(()) }
/// ```
pub struct Handle<T> {
    session: u64,
    index: u32,
    model: PhantomData<fn() -> T>,
}

impl<T> Handle<T> {
    pub(crate) const fn new(session: u64, index: u32) -> Self {
        Self { session, index, model: PhantomData }
    }

    /// The id of the session that this handle belongs to.
    pub const fn session_id(self) -> u64 {
        self.session
    }

    pub(crate) const fn index(self) -> u32 {
        self.index
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Handle<T> {}

impl<T> PartialEq for Handle<T> {
    fn eq(&self, other: &Self) -> bool {
        self.session == other.session && self.index == other.index
    }
}

impl<T> Eq for Handle<T> {}

impl<T> Hash for Handle<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.session, self.index).hash(state);
    }
}

impl<T> PartialOrd for Handle<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Handle<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.session, self.index).cmp(&(other.session, other.index))
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = std::any::type_name::<T>();
        let name = name.rsplit("::").next().unwrap_or(name);
        write!(f, "Handle<{name}>({}.{})", self.session, self.index)
    }
}
