//! Queries of the members of one object.

use super::lent::Lent;
use super::{Query, Session};
use crate::error::Result;
use crate::mapper::{Handle, Model, Relation};

impl Session {
    /// A query of the members of one object's relation, whether or not the relation is loaded: for pages of a large collection, for
    /// counting, and for the members of a collection that is [write-only](crate::mapper::Load::WriteOnly).
    ///
    /// What it finds becomes objects of the session; the collection itself shows nothing new.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// let carts = [Cart::builder(), Cart::builder(), Cart::builder().invoice("I-1")];
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
    /// assert_eq!(session.related(ann, Customer::CARTS).count().await?, 3);
    /// let page = session.related(ann, Customer::CARTS).order_by(Cart::ID.desc()).offset(1).limit(1).all().await?;
    /// assert_eq!(session[page[0]].invoice, None);
    /// assert!(session.related(ann, Customer::CARTS).filter(Cart::INVOICE.eq("I-1")).exists().await?);
    /// session.related(ann, Customer::CARTS).filter(Cart::INVOICE.is_null()).delete().await?;
    /// assert_eq!(session.related(ann, Customer::CARTS).count().await?, 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// As `session[handle]`; [`try_related`](Self::try_related) does not.
    #[track_caller]
    pub fn related<T: Model, U: Model, A>(
        &mut self,
        owner: Handle<T>,
        relation: Relation<T, U, A>,
    ) -> Query<'_, U> {
        self.try_related(owner, relation).unwrap_or_else(|error| panic!("{error}"))
    }

    /// [`related`](Self::related), for a handle of which one does not know where it is from.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// assert_eq!(session.try_related(ann, Customer::CARTS)?.count().await?, 0);
    /// assert!(engine.session().try_related(ann, Customer::CARTS).is_err());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Gone`](crate::ErrorKind::Gone), [`ForeignHandle`](crate::ErrorKind::ForeignHandle).
    pub fn try_related<T: Model, U: Model, A>(
        &mut self,
        owner: Handle<T>,
        relation: Relation<T, U, A>,
    ) -> Result<Query<'_, U>> {
        let at = self.arena.locate(owner)?;
        let order = self.arena.stores[at.store].mapper.relations[relation.index()].order_by;
        let mut query = Query::of(Lent::Borrowed(self));
        query.select = query.select.in_order_of(order);
        query.of = Some((at, relation.index()));
        Ok(query)
    }
}
