//! Adding, deleting, reading and writing objects.

use super::Session;
use crate::error::{Error, Result};
use crate::flush::{adopt, mark_deleted, own_collections, unmark_deleted};
use crate::mapper::{Handle, IntoModel, Model, Writable};
use crate::state::{At, ObjectState};
use std::ops::{Index, IndexMut};

impl Session {
    /// Adds a new object, with everything new that it holds: a model, or a complete builder of one.
    ///
    /// The next flush inserts it.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// let ann = session.add(
    ///     Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder().products([tea])]),
    /// );
    /// session.commit().await?; // customer, cart, product and what connects them
    /// assert_eq!((&session[ann].id, &session[tea].id), (&Auto::Set(1), &Auto::Set(1)));
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// When the models of the base contradict each other; `Base::metadata()` gives that as an error.
    pub fn add<N: IntoModel>(&mut self, object: N) -> Handle<N::Model> {
        let store = self.arena.store_for::<N::Model>();
        let store = store.unwrap_or_else(|error| panic!("{error}"));
        let slot = self.arena.stores[store].add(Box::new(object.into_model()));
        own_collections(&mut self.arena, At { store, slot });
        if let Err(error) = adopt(&mut self.arena, At { store, slot }) {
            panic!("{error}");
        }
        self.tell_notes();
        Handle::new(self.id(), slot)
    }

    /// Adds new objects.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let teas = session.add_all((1..=3).map(|n| {
    ///     Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(100 * n)
    /// }));
    /// session.commit().await?; // one INSERT
    /// assert_eq!(session[teas[2]].price_cents, 300);
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// As [`add`](Self::add).
    pub fn add_all<N: IntoModel>(&mut self, objects: impl IntoIterator<Item = N>) -> Vec<Handle<N::Model>> {
        objects.into_iter().map(|object| self.add(object)).collect()
    }

    /// Has the next flush insert an object again that a rollback took back. One that is marked for deletion stays, with what
    /// would have been deleted with it.
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
    /// session.rollback().await?;
    /// session.commit().await?;
    /// assert_eq!(session.query::<Customer>().count().await?, 0);
    /// session.add_again(ann)?;
    /// session.commit().await?;
    /// assert_eq!(session.query::<Customer>().count().await?, 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Gone`](crate::ErrorKind::Gone), [`ForeignHandle`](crate::ErrorKind::ForeignHandle).
    pub fn add_again<T: Writable>(&mut self, handle: Handle<T>) -> Result<()> {
        let at = self.arena.locate(handle)?;
        unmark_deleted(&mut self.arena, at);
        self.arena.stores[at.store].write(at.slot);
        self.tell_notes();
        Ok(())
    }

    /// Has the next flush insert all objects again that rollbacks took back.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Customer};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let [ann, bea] = ["Ann", "Bea"].map(|name| session.add(Customer::builder().name(name).email("same@example.org")));
    /// session.commit().await.unwrap_err(); // the address is taken
    /// session.rollback().await?;
    /// session[bea].email = "bea@example.org".into();
    /// session.add_all_again();
    /// session.commit().await?;
    /// assert!(session[ann].id.is_set() && session[bea].id.is_set());
    /// # Ok(()) }
    /// ```
    pub fn add_all_again(&mut self) {
        for store in &mut self.arena.stores {
            for slot in 0..u32::try_from(store.slots.len()).unwrap_or(u32::MAX) {
                if store.slot(slot).state == ObjectState::Transient {
                    store.write(slot);
                }
            }
        }
        self.tell_notes();
    }

    /// Has the next flush delete the object, and what its relations say is deleted with it.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder()]));
    /// session.commit().await?;
    /// session.delete(ann)?; // her carts have `cascade = "all, delete-orphan"`
    /// session.commit().await?;
    /// assert_eq!(session.query::<Cart>().count().await?, 0);
    /// assert!(session.try_get(ann).is_err());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Gone`](crate::ErrorKind::Gone), [`ForeignHandle`](crate::ErrorKind::ForeignHandle).
    pub fn delete<T: Writable>(&mut self, handle: Handle<T>) -> Result<()> {
        let at = self.arena.locate(handle)?;
        mark_deleted(&mut self.arena, at);
        self.tell_notes();
        Ok(())
    }

    /// The object; the form of `session[handle]` that does not panic.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::ErrorKind;
    /// let mut session = engine.session();
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// session.commit().await?;
    /// assert_eq!(session.try_get(ann)?.name, "Ann");
    /// session.delete(ann)?;
    /// session.commit().await?;
    /// assert_eq!(session.try_get(ann).unwrap_err().kind(), ErrorKind::Gone);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Gone`](crate::ErrorKind::Gone), [`ForeignHandle`](crate::ErrorKind::ForeignHandle).
    pub fn try_get<T: Model>(&self, handle: Handle<T>) -> Result<&T> {
        let at = self.arena.locate(handle)?;
        Ok(self.arena.object(at).as_any().downcast_ref().expect("the store holds objects of one model"))
    }

    /// The object for writing; the form of `&mut session[handle]` that does not panic.
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
    /// session.try_get_mut(ann)?.age = Some(41);
    /// assert_eq!(session[ann].age, Some(41));
    /// assert!(engine.session().try_get_mut(ann).is_err());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Gone`](crate::ErrorKind::Gone), [`ForeignHandle`](crate::ErrorKind::ForeignHandle).
    pub fn try_get_mut<T: Writable>(&mut self, handle: Handle<T>) -> Result<&mut T> {
        let at = self.arena.locate(handle)?;
        self.arena.stores[at.store].write(at.slot);
        self.tell_notes();
        let object = self.arena.slot_mut(at).get_mut().as_any_mut();
        Ok(object.downcast_mut().expect("the store holds objects of one model"))
    }

    /// Where the object stands between the program and the database.
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
    /// session.commit().await?;
    /// assert_eq!(session.state(ann)?, ObjectState::Persistent);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ForeignHandle`](crate::ErrorKind::ForeignHandle).
    pub fn state<T: Model>(&self, handle: Handle<T>) -> Result<ObjectState> {
        Ok(self.arena.slot(self.arena.find(handle)?).state)
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
impl<T: Writable> IndexMut<Handle<T>> for Session {
    #[track_caller]
    fn index_mut(&mut self, handle: Handle<T>) -> &mut T {
        self.try_get_mut(handle).unwrap_or_else(|error: Error| panic!("{error}"))
    }
}
