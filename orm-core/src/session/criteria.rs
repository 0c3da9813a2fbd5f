//! What rows have to meet to be seen.

use super::Session;
use super::lent::Lent;
use crate::mapper::Model;
use crate::query::Predicate;
use std::ops::{Deref, DerefMut};

/// A session that sees all rows; made by [`Session::without_criteria`].
///
/// It is a [`Session`] in every other way. Dropping it puts the criteria back, so guards can stand inside each other.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::session::WithoutCriteria;
/// /// Counts what others may not see.
/// async fn all(mut session: WithoutCriteria<'_>) -> orm_core::Result<i64> {
///     session.query::<Customer>().count().await
/// }
/// let mut session = engine.session();
/// session.add(Customer::builder().name("Ann").email("ann@example.org"));
/// session.restrict::<Customer>(Customer::AGE.ge(18));
/// assert_eq!(all(session.without_criteria()).await?, 1);
/// assert_eq!(session.query::<Customer>().count().await?, 0);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct WithoutCriteria<'s> {
    session: Lent<'s>,
    before: bool,
}

impl Deref for WithoutCriteria<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl DerefMut for WithoutCriteria<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.session
    }
}

impl<'s> WithoutCriteria<'s> {
    pub(super) fn of(mut session: Lent<'s>) -> Self {
        let before = session.arena.criteria_mut().lift(true);
        Self { session, before }
    }
}

impl Drop for WithoutCriteria<'_> {
    fn drop(&mut self) {
        self.session.arena.criteria_mut().lift(self.before);
    }
}

impl Session {
    /// From now on the session sees only rows of a model that meet a condition: a tenant's, or those that are not deleted.
    ///
    /// The condition stands beside those of the model itself (`#[model(criteria = …)]`) and holds wherever the session reads rows of
    /// the model: in queries, counts and streams, in `get`, `refresh` and `merge`, in relations that it loads, inside `any`, `has` and
    /// `is_empty` of other models, in UPDATE and DELETE by query, in bulk updates, which count hidden rows as missing. It may speak of related rows (`any`, `has`), and theirs hold inside.
    ///
    /// It does not hold where no rows are looked for:
    /// - Objects that the session has stay. Their handles work, `get` finds them without asking the database (this call makes all
    ///   objects stale, so that the next `get` does ask), a flush writes them by their keys, and deletions reach hidden members.
    /// - A collection that is loaded shows the members that are seen, and
    ///   [is in part](crate::mapper::HasMany::is_partial): members that come and go leave the hidden ones alone. A whole new
    ///   collection in its place says all, so that hidden members leave it, too.
    /// - Rows that are inserted need not meet it; queries do not find them afterwards.
    /// - SQL text of the program's own is sent as it is.
    /// - A view shows what its definition says: criteria of the models that it reads are part of that, those of a session are not. The model of
    ///   the view can be restricted like any other.
    ///
    /// The ways out: [`Query::unrestricted`](crate::session::Query::unrestricted) for a query, `Customer::CARTS.unrestricted()` for
    /// a relation of a path, and [`without_criteria`](Self::without_criteria) for everything.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # for (name, age) in [("Ann", 41), ("Bea", 7)] {
    /// #     session.add(Customer::builder().name(name).email(name).age(age).carts([Cart::builder()]));
    /// # }
    /// # session.commit().await?;
    /// let mut session = engine.session();
    /// session.restrict::<Customer>(Customer::AGE.ge(18));
    /// let seen = session.query::<Customer>().all().await?;
    /// assert_eq!((seen.len(), &*session[seen[0]].name), (1, "Ann"));
    /// assert_eq!(session.get::<Customer>(2).await?, None); // Bea is 7
    /// let carts = session.query::<Cart>().filter(Cart::CUSTOMER.has(Customer::NAME.like("%"))).count().await?;
    /// assert_eq!(carts, 1);
    /// assert_eq!(session.query::<Customer>().unrestricted().count().await?, 2);
    /// # Ok(()) }
    /// ```
    pub fn restrict<M: Model>(&mut self, criterion: Predicate<M>) {
        self.arena.criteria_mut().add(M::def(), criterion.expr);
        self.arena.stores.iter_mut().for_each(crate::state::Store::expire_all);
    }

    /// The session without any criteria, of models or its own, for as long as the guard lives.
    ///
    /// What is read in the meantime stays in the session.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # Customer::builder().name("Bea").email("bea@example.org").age(7).build().insert(&engine).await?;
    /// let mut session = engine.session();
    /// session.restrict::<Customer>(Customer::AGE.ge(18));
    /// assert_eq!(session.get::<Customer>(1).await?, None);
    /// let mut all = session.without_criteria();
    /// let bea = all.get_one::<Customer>(1).await?;
    /// drop(all);
    /// assert_eq!(session[bea].name, "Bea"); // it is an object of the session by now
    /// assert_eq!(session.query::<Customer>().count().await?, 0);
    /// # Ok(()) }
    /// ```
    pub fn without_criteria(&mut self) -> WithoutCriteria<'_> {
        WithoutCriteria::of(Lent::Borrowed(self))
    }

    /// Whether a store may lack rows because they are hidden, and not because they are gone.
    pub(super) fn may_hide(&self, store: usize) -> bool {
        let store = &self.arena.stores[store];
        self.arena.criteria().hide(store.registry, store.mapper.def.table)
    }
}
