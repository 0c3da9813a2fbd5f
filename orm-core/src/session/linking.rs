//! Both sides of a relation at once.

use super::Session;
use crate::error::Result;
use crate::flush::{self, adopt, own_collections};
use crate::mapper::{Handle, IntoMember, Member, Model, Relation, Writable};
use crate::state::At;

impl Session {
    /// Connects two objects by a relation, so that both sides show it at once; gives the handle of the other one, which may be a
    /// new value.
    ///
    /// `session[ann].carts.push(cart)` says the same, and the cart's side follows with the next flush. A member that can have one
    /// owner leaves the one that it had; the one object of a relation gives way to the new one. Linking what is linked changes
    /// nothing. When one side of an association is told otherwise later, the other side follows with the flush.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let [ann, bea] = ["Ann", "Bea"].map(|name| session.add(Customer::builder().name(name).email(name)));
    /// let cart = session.link(ann, Customer::CARTS, Cart::builder())?;
    /// assert_eq!(session.at(cart).related(Cart::CUSTOMER)?.name, "Ann");
    /// session.link(cart, Cart::CUSTOMER, bea)?; // from the other side
    /// assert_eq!(session.at(ann).related(Customer::CARTS)?.len(), 0);
    /// assert_eq!(session.at(bea).related(Customer::CARTS)?.len(), 1);
    /// let tea = session.link(cart, Cart::PRODUCTS, Product::builder().sku("T-1").title("Tea").price_cents(390))?;
    /// assert_eq!(session.at(tea).related(Product::CARTS)?.next().unwrap().handle(), cart);
    /// session.commit().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Gone`](crate::ErrorKind::Gone), also for objects that are going to be deleted; [`ReadOnly`](crate::ErrorKind::ReadOnly) for a view;
    /// [`ForeignHandle`](crate::ErrorKind::ForeignHandle).
    pub fn link<M: Writable, T: Model, A>(
        &mut self,
        owner: Handle<M>,
        relation: Relation<M, T, A>,
        member: impl IntoMember<T>,
    ) -> Result<Handle<T>> {
        let from = self.arena.locate(owner)?;
        // A new value is not added before it is sure that it can be linked.
        flush::can_link(&self.arena, from, relation.index())?;
        let member = self.take_member(member)?;
        let other = self.arena.locate(member)?;
        let linked = flush::link(&mut self.arena, from, relation.index(), other);
        self.tell_notes();
        linked.map(|()| member)
    }

    /// The handle of a member; a new value is added.
    pub(super) fn take_member<T: Model>(&mut self, member: impl IntoMember<T>) -> Result<Handle<T>> {
        let value = match member.into_member() {
            Member::Handle(handle) => return Ok(handle),
            Member::New(value) => value,
        };
        let store = self.arena.store_for::<T>()?;
        let at = At { store, slot: self.arena.stores[store].add(value) };
        own_collections(&mut self.arena, at);
        adopt(&mut self.arena, at)?;
        Ok(Handle::new(self.id(), at.slot))
    }

    /// Disconnects two objects, so that neither side shows the other any more.
    ///
    /// What that means for a member that can have one owner, the next flush says, as if it was removed from the collection: an
    /// optional foreign key is `NULL` at once, an orphan is deleted, and a member that needs an owner is an error unless it got
    /// another one.
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
    /// let cart = Cart::builder().products([tea]);
    /// session.add(Customer::builder().name("Ann").email("ann@example.org").carts([cart]));
    /// session.commit().await?;
    /// let cart = session.load(tea, Product::CARTS).await?[0];
    /// session.unlink(tea, Product::CARTS, cart)?;
    /// assert_eq!(session.at(cart).related(Cart::PRODUCTS)?.len(), 0);
    /// session.commit().await?;
    /// let twice = session.unlink(cart, Cart::PRODUCTS, tea).unwrap_err();
    /// assert_eq!(twice.to_string(), "Product(1) is not in `Cart::products` of Cart(1)");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Contradiction`](crate::ErrorKind::Contradiction) when the session knows that they are not connected;
    /// [`ReadOnly`](crate::ErrorKind::ReadOnly) for a view; [`Gone`](crate::ErrorKind::Gone), [`ForeignHandle`](crate::ErrorKind::ForeignHandle).
    pub fn unlink<M: Writable, T: Model, A>(
        &mut self,
        owner: Handle<M>,
        relation: Relation<M, T, A>,
        member: Handle<T>,
    ) -> Result<()> {
        let (from, other) = (self.arena.locate(owner)?, self.arena.locate(member)?);
        let unlinked = flush::unlink(&mut self.arena, from, relation.index(), other);
        self.tell_notes();
        unlinked
    }
}
