//! Handles: how the program names the objects that a session owns.

use super::{Model, ModelDef};
use crate::error::{Error, Result};
use crate::types::{IntoKey, Key, KeyBytes};
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

/// A [`Handle`] of any model.
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
/// let any = session.pending().next().unwrap();
/// assert_eq!((any.model(), any.of::<Customer>(), any.of::<Cart>()), ("Customer", Some(ann), None));
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AnyHandle {
    session: u64,
    index: u32,
    def: &'static ModelDef,
}

impl AnyHandle {
    pub(crate) const fn new(session: u64, index: u32, def: &'static ModelDef) -> Self {
        Self { session, index, def }
    }

    /// The name of the model.
    pub const fn model(self) -> &'static str {
        self.def.name
    }

    /// The handle, when the object is of model `T`.
    pub fn of<T: Model>(self) -> Option<Handle<T>> {
        (self.def == T::def()).then(|| Handle::new(self.session, self.index))
    }
}

impl<T: Model> From<Handle<T>> for AnyHandle {
    fn from(handle: Handle<T>) -> Self {
        Self::new(handle.session, handle.index, T::def())
    }
}

impl Hash for AnyHandle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.session, self.index, self.def.name).hash(state);
    }
}

impl fmt::Debug for AnyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle<{}>({}.{})", self.def.name, self.session, self.index)
    }
}

/// What an object is in the database: its model and its primary key.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer};
/// use orm_core::mapper::IdentityKey;
/// let ann = IdentityKey::of::<Customer>(7)?;
/// assert_eq!((ann.model(), ann.to_string()), ("Customer", "Customer(7)".to_owned()));
/// assert_ne!(ann, IdentityKey::of::<Cart>(7)?);
/// # Ok::<_, orm_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct IdentityKey {
    def: &'static ModelDef,
    key: KeyBytes,
    shown: String,
}

impl IdentityKey {
    pub(crate) const fn new(def: &'static ModelDef, key: KeyBytes, shown: String) -> Self {
        Self { def, key, shown }
    }

    /// The identity of the row with this primary key.
    ///
    /// # Errors
    /// [`Encode`](crate::ErrorKind::Encode) for a key that has no binary form.
    pub fn of<T: Model>(key: impl IntoKey<T::Key>) -> Result<Self> {
        let key: T::Key = key.into_key();
        let parts = || (0..T::Key::TYPES.len()).map(|i| key.part(i));
        let bytes = KeyBytes::of(parts()).map_err(|why| Error::encode("the key", why))?;
        let shown: Vec<String> = parts().map(|part| part.json().to_string()).collect();
        Ok(Self::new(T::def(), bytes, format!("{}({})", T::def().name, shown.join(", "))))
    }

    /// The name of the model.
    pub const fn model(&self) -> &'static str {
        self.def.name
    }
}

impl Hash for IdentityKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.def.name, &self.key).hash(state);
    }
}

impl fmt::Display for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityKey({})", self.shown)
    }
}
