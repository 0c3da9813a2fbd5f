//! Loading relations of objects that the session has.

use super::Session;
use crate::error::Result;
use crate::load::{attach, fetch};
use crate::mapper::{Handle, Model};
use crate::query::{IntoPath, Steps};
use crate::state::At;

/// One handle or many: what [`Session::load`] accepts.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder(), Cart::builder()]));
/// # session.commit().await?;
/// let mut session = engine.session();
/// let carts = session.query::<Cart>().all().await?;
/// let of_one = session.load(carts[0], Cart::CUSTOMER).await?;
/// let of_some = session.load(&carts[..1], Cart::CUSTOMER).await?;
/// let of_all = session.load(&carts, Cart::CUSTOMER).await?;
/// assert!(of_one == of_some && of_some == of_all && of_all.len() == 1);
/// # Ok(()) }
/// ```
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
    /// One round trip a relation, however many objects. What changed is flushed first, unless the session knows all of the
    /// members; under [`no_autoflush`](Self::no_autoflush) unsaved changes of a collection stay.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// # let carts = || [Cart::builder().products([tea]), Cart::builder().products([tea])];
    /// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts()));
    /// # session.add(Customer::builder().name("Bea").email("bea@example.org").carts(carts()));
    /// # session.commit().await?;
    /// let mut session = engine.session();
    /// let customers = session.query::<Customer>().all().await?;
    /// let carts = session.load(&customers, Customer::CARTS).await?; // one statement for all of them
    /// assert_eq!(carts.len(), 4);
    /// let products = session.load(&customers, Customer::CARTS.then(Cart::PRODUCTS)).await?;
    /// assert_eq!(products.len(), 1); // each once
    /// # Ok(()) }
    /// ```
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
            if self.wants_flush() && !fetch(&mut self.arena, store, *relation, &slots)?.statements.is_empty()
            {
                self.flush_before_query().await?;
                // A listener of the flush may have taken some of them out.
                slots.retain(|slot| self.arena.slot(At { store, slot: *slot }).object.is_some());
            }
            found = self.load_relation(store, *relation, &slots).await?;
            match found.first() {
                Some(first) => store = first.store,
                None => break,
            }
            slots = found.iter().map(|at| at.slot).collect();
        }
        Ok(found)
    }

    pub(super) async fn load_relation(
        &mut self,
        store: usize,
        relation: usize,
        owners: &[u32],
    ) -> Result<Vec<At>> {
        let mut fetch = fetch(&mut self.arena, store, relation, owners)?;
        let statements = std::mem::take(&mut fetch.statements);
        let replies = self.read(statements).await?;
        let found = attach(&mut self.arena, &fetch, &replies);
        self.tell_notes();
        let mut found = found?;
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
