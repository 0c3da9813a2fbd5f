//! The program's own data, carried by a session.

use super::Session;
use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;

/// Data of the program's own, one value a type: who is asking, a tenant, a clock.
///
/// A [`SessionMaker`](super::SessionMaker) gives each of its sessions a copy of its own.
///
/// ```
/// use orm_core::session::Info;
/// #[derive(Clone, Debug, PartialEq)]
/// struct Tenant(i64);
///
/// let mut info = Info::default();
/// assert_eq!(info.insert(Tenant(7)), None);
/// info.get_mut::<Tenant>().unwrap().0 += 1;
/// assert_eq!((info.get::<Tenant>(), info.len()), (Some(&Tenant(8)), 1));
/// assert_eq!(info.remove::<Tenant>(), Some(Tenant(8)));
/// assert!(info.is_empty() && info.get::<Tenant>().is_none());
/// ```
#[derive(Default)]
pub struct Info {
    values: HashMap<TypeId, (&'static str, Box<dyn Value>)>,
}

/// A value that can be copied without knowing its type.
trait Value: Any + Send + Sync {
    fn copy(&self) -> Box<dyn Value>;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

impl<T: Clone + Send + Sync + 'static> Value for T {
    fn copy(&self) -> Box<dyn Value> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl Info {
    /// The value of this type.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        let (_, value) = self.values.get(&TypeId::of::<T>())?;
        (**value).as_any().downcast_ref()
    }

    /// The value of this type, to be changed.
    pub fn get_mut<T: 'static>(&mut self) -> Option<&mut T> {
        let (_, value) = self.values.get_mut(&TypeId::of::<T>())?;
        (**value).as_any_mut().downcast_mut()
    }

    /// Puts a value in; gives the one of this type that was there.
    pub fn insert<T: Clone + Send + Sync + 'static>(&mut self, value: T) -> Option<T> {
        let before = self.values.insert(TypeId::of::<T>(), (type_name::<T>(), Box::new(value)));
        before.and_then(Self::unpack)
    }

    /// Takes the value of this type out.
    pub fn remove<T: 'static>(&mut self) -> Option<T> {
        self.values.remove(&TypeId::of::<T>()).and_then(Self::unpack)
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn unpack<T: 'static>((_, value): (&str, Box<dyn Value>)) -> Option<T> {
        value.into_any().downcast().ok().map(|value| *value)
    }
}

impl Clone for Info {
    fn clone(&self) -> Self {
        let copies = self.values.iter().map(|(ty, (name, value))| (*ty, (*name, (**value).copy())));
        Self { values: copies.collect() }
    }
}

/// Shows the names of the types, never the values.
impl fmt::Debug for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<&str> = self.values.values().map(|(name, _)| *name).collect();
        names.sort_unstable();
        f.debug_set().entries(names).finish()
    }
}

impl Session {
    /// The program's own data.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// #[derive(Clone, Debug, PartialEq)]
    /// struct Asking(&'static str);
    ///
    /// let mut session = engine.session();
    /// session.info_mut().insert(Asking("ann"));
    /// assert_eq!(session.info().get(), Some(&Asking("ann")));
    /// # Ok(()) }
    /// ```
    pub const fn info(&self) -> &Info {
        &self.info
    }

    /// The program's own data, to be changed.
    pub const fn info_mut(&mut self) -> &mut Info {
        &mut self.info
    }
}
