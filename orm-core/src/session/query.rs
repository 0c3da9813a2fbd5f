//! Queries whose rows become objects of the session.

use super::lent::Lent;
use super::planned::Asked;
use super::{Rows, Session};
use crate::error::{Error, ErrorKind, Result};
use crate::load::Known;
use crate::mapper::{Handle, IdentityKey, Model};
use crate::query::fetch::{multiple_found, not_found};
use crate::query::{Filter, OrderBy, Paths, Scope, Select, members, select};
use crate::record::by_key;
use crate::state::{At, ObjectState};
use crate::types::{IntoKey, Key, KeyBytes};

/// A query of a session; rows become objects, each once.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # session.add_all((1..=3).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(100 * n)));
/// # session.commit().await?;
/// let mut session = engine.session();
/// let dear = session
///     .query::<Product>()
///     .filter(Product::PRICE_CENTS.gt(100))
///     .order_by(Product::PRICE_CENTS.desc())
///     .with(Product::CARTS)
///     .all()
///     .await?;
/// assert_eq!(session[dear[0]].sku, "T-3");
/// let second = session.query::<Product>().order_by(Product::ID).offset(1).limit(1).one().await?;
/// assert_eq!(second, dear[1]); // the same row is the same object
///
/// assert_eq!(session.query::<Product>().filter(Product::TITLE.like("T%")).count().await?, 3);
/// assert!(session.query::<Product>().first().await?.is_some());
/// assert_eq!(session.query::<Product>().filter(Product::SKU.eq("X")).one_or_none().await?, None);
/// let error = session.query::<Product>().one().await.unwrap_err();
/// assert_eq!(error.to_string(), "more than one `Product` was found");
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a query does nothing before it is run"]
pub struct Query<'s, T: Model, S: Scope<Root = T> = T> {
    pub(super) session: Lent<'s>,
    pub(super) select: Select<S, T>,
    known: Known,
    pub(super) of: Of,
}

/// The object and the relation whose members are asked for, where it is not about all rows.
pub(super) type Of = Option<(At, usize)>;

/// What to run a query with: the conditions are complete after this. Of members, what changed is flushed first, so that their
/// owner has its key.
pub(super) async fn settled<S: Scope, R>(
    mut session: Lent<'_>,
    select: Select<S, R>,
    of: Of,
) -> Result<(Lent<'_>, Select<S, R>)> {
    let Some((owner, relation)) = of else { return Ok((session, select)) };
    session.flush_before_query().await?;
    let arena = &session.arena;
    let store = &arena.stores[owner.store];
    let members = members(store.registry, store.mapper, relation, arena.slot(owner).stored());
    Ok((session, select.require(vec![members])))
}

impl Session {
    /// A query of all rows of a model.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # session.add_all((1..=3).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(100 * n)));
    /// # session.commit().await?;
    /// let mut session = engine.session();
    /// let tea = session.query::<Product>().filter(Product::SKU.eq("T-2")).one().await?;
    /// assert_eq!(session[tea].price_cents, 200);
    /// # Ok(()) }
    /// ```
    pub fn query<T: Model>(&mut self) -> Query<'_, T> {
        Query::of(Lent::Borrowed(self))
    }

    /// The object with this primary key: at once when the session has it, else from the database.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # session.add_all((1..=3).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(100 * n)));
    /// # session.commit().await?;
    /// let mut session = engine.session();
    /// let tea = session.get::<Product>(2).await?.unwrap();
    /// orm_testkit::assert_queries!(session, 0, { assert_eq!(session.get(2).await?, Some(tea)) });
    /// assert_eq!(session.get::<Product>(7).await?, None);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server's; [`Decode`](crate::ErrorKind::Decode); [`NeedsRollback`](crate::ErrorKind::NeedsRollback).
    pub async fn get<T: Model>(&mut self, key: impl IntoKey<T::Key>) -> Result<Option<Handle<T>>> {
        let key: T::Key = key.into_key();
        let store = self.arena.store_for::<T>()?;
        let parts = (0..T::Key::TYPES.len()).map(|i| key.part(i));
        let bytes = KeyBytes::of(parts).map_err(|why| Error::encode("the key", why))?;
        if let Some(slot) = self.arena.stores[store].find(&bytes)
            && self.arena.slot(At { store, slot }).state != ObjectState::Deleted
        {
            if !self.arena.stores[store].is_expired(slot) {
                return Ok(Some(Handle::new(self.id(), slot)));
            }
            let found = self.all(by_key::<T>(&key)).await?.pop();
            // A row that is hidden is not gone; and the flush before the query may have given it another key.
            let is_gone = found.is_none() && !self.may_hide(store);
            if is_gone && self.arena.stores[store].find(&bytes) == Some(slot) {
                let undone = self.in_transaction();
                self.arena.stores[store].lose(slot, undone)?;
                self.tell_notes();
            }
            return Ok(found);
        }
        Ok(self.all(by_key::<T>(&key)).await?.pop())
    }

    /// The object with this primary key.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # session.add_all((1..=3).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(100 * n)));
    /// # session.commit().await?;
    /// let mut session = engine.session();
    /// let tea = session.get_one::<Product>(2).await?;
    /// assert_eq!(session[tea].sku, "T-2");
    /// assert_eq!(session.get_one::<Product>(7).await.unwrap_err().kind(), orm_core::ErrorKind::NotFound);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound), or as [`get`](Self::get).
    pub async fn get_one<T: Model>(&mut self, key: impl IntoKey<T::Key>) -> Result<Handle<T>> {
        let key: T::Key = key.into_key();
        if let Some(found) = self.get(key.clone()).await? {
            return Ok(found);
        }
        let why = format!("no {} was found", IdentityKey::of::<T>(key)?);
        Err(Error::new(ErrorKind::NotFound, why).with_model(T::def().name))
    }

    /// Runs a query; its rows become objects, each once, and the relations of its paths are loaded.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # session.add_all((1..=3).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(100 * n)));
    /// # session.commit().await?;
    /// let cheap = select::<Product>().filter(Product::PRICE_CENTS.lt(300)); // a value: made here, run there
    /// let mut session = engine.session();
    /// let products = session.all(cheap.clone()).await?;
    /// assert_eq!(products.len(), 2);
    /// assert_eq!(session.all(cheap).await?, products);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server's; [`Decode`](crate::ErrorKind::Decode); [`NeedsRollback`](crate::ErrorKind::NeedsRollback).
    pub async fn all<S: Scope<Root: Model>>(
        &mut self,
        select: Select<S, S::Root>,
    ) -> Result<Vec<Handle<S::Root>>> {
        self.load_all(select, Known::Keep).await
    }

    async fn load_all<S: Scope<Root: Model>>(
        &mut self,
        select: Select<S, S::Root>,
        known: Known,
    ) -> Result<Vec<Handle<S::Root>>> {
        let store = self.arena.store_for::<S::Root>()?;
        let query = select.restricted(self.arena.criteria())?;
        let locks = select.locks();
        let known = if locks && known == Known::Keep { Known::Renew } else { known };
        let asked = Asked { store, query, paths: &select.paths, layout: &select.layout, known };
        let (statements, mut planned) = self.plan_query(asked)?;
        self.flush_before_query().await?;
        self.read_and_lock(locks, statements, &mut planned.takers().collect::<Vec<_>>()).await?;
        let slots = self.take_planned(planned).await?;
        let id = self.id();
        Ok(slots.into_iter().map(|slot| Handle::new(id, slot)).collect())
    }
}

impl<'s, T: Model> Query<'s, T> {
    pub(super) fn of(session: Lent<'s>) -> Self {
        Self { session, select: select::<T>(), known: Known::Keep, of: None }
    }
}

impl<'s, T: Model, S: Scope<Root = T>> Query<'s, T, S> {
    /// What to run it with, when its conditions are complete.
    pub(super) async fn into_parts(self) -> Result<(Lent<'s>, Select<S, T>, Known)> {
        let (session, select) = settled(self.session, self.select, self.of).await?;
        Ok((session, select, self.known))
    }

    /// What makes another query of it.
    pub(super) fn into_select(self) -> (Lent<'s>, Select<S, T>, Of) {
        (self.session, self.select, self.of)
    }

    pub(super) fn change(mut self, change: impl FnOnce(Select<S, T>) -> Select<S, T>) -> Self {
        self.select = change(self.select);
        self
    }

    /// The same query with other sources.
    pub(super) fn in_scope<X: Scope<Root = T>>(
        self,
        change: impl FnOnce(Select<S, T>) -> Select<X, T>,
    ) -> Query<'s, T, X> {
        let Self { session, select, known, of } = self;
        Query { session, select: change(select), known, of }
    }

    /// Only rows that meet the condition; several filters must all be met.
    pub fn filter(self, filter: impl Filter<S>) -> Self {
        self.change(|select| select.filter(filter))
    }

    /// The order of the rows; several orders follow each other.
    pub fn order_by<I>(self, order: impl OrderBy<S, I>) -> Self {
        self.change(|select| select.order_by(order))
    }

    /// At most this many rows.
    pub fn limit(self, rows: u32) -> Self {
        self.change(|select| select.limit(rows))
    }

    /// Without the first rows.
    pub fn offset(self, rows: u32) -> Self {
        self.change(|select| select.offset(rows))
    }

    /// Without the criteria of the models and of the session: [`Select::unrestricted`].
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # Product::builder().sku("T-1").title("Tea").price_cents(390).build().insert(&engine).await?;
    /// let mut session = engine.session();
    /// session.restrict::<Product>(Product::PRICE_CENTS.lt(100));
    /// assert_eq!(session.query::<Product>().count().await?, 0);
    /// assert_eq!(session.query::<Product>().unrestricted().count().await?, 1);
    /// # Ok(()) }
    /// ```
    pub fn unrestricted(self) -> Self {
        self.change(Select::unrestricted)
    }

    /// Loads the relations of a path, or of a tuple of paths, together with the rows: one round trip a level, unless a path says how.
    pub fn with(self, paths: impl Paths<T>) -> Self {
        self.change(|select| select.with(paths))
    }

    /// Takes what the rows say over into objects that the session has already; what the program changed in them and did
    /// not flush is lost.
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
    /// session.commit().await?;
    /// engine.execute_script("UPDATE product SET price_cents = 420").await?;
    /// session.query::<Product>().all().await?;
    /// assert_eq!(session[tea].price_cents, 390); // what was read stays
    /// session.query::<Product>().populate_existing().all().await?;
    /// assert_eq!(session[tea].price_cents, 420);
    /// # Ok(()) }
    /// ```
    pub fn populate_existing(mut self) -> Self {
        self.known = Known::Replace;
        self
    }

    /// All rows, and the session.
    pub(super) async fn run(self) -> Result<(Lent<'s>, Vec<Handle<T>>)> {
        let (mut session, select, known) = self.into_parts().await?;
        let found = session.load_all(select, known).await?;
        Ok((session, found))
    }

    /// The only row or `None`, and the session.
    pub(super) async fn run_for_one(self) -> Result<(Lent<'s>, Option<Handle<T>>)> {
        let (session, mut found) = self.change(Select::at_most_two).run().await?;
        let first = found.pop();
        if found.is_empty() { Ok((session, first)) } else { Err(multiple_found::<T>()) }
    }

    /// All rows.
    ///
    /// # Errors
    /// As [`Session::all`].
    pub async fn all(self) -> Result<Vec<Handle<T>>> {
        Ok(self.run().await?.1)
    }

    /// The only row.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound), [`MultipleFound`](crate::ErrorKind::MultipleFound), or as
    /// [`Session::all`].
    pub async fn one(self) -> Result<Handle<T>> {
        self.one_or_none().await?.ok_or_else(not_found::<T>)
    }

    /// The only row, or `None`.
    ///
    /// # Errors
    /// [`MultipleFound`](crate::ErrorKind::MultipleFound), or as [`Session::all`].
    pub async fn one_or_none(self) -> Result<Option<Handle<T>>> {
        Ok(self.run_for_one().await?.1)
    }

    /// The first row, or `None`.
    ///
    /// # Errors
    /// As [`Session::all`].
    pub async fn first(self) -> Result<Option<Handle<T>>> {
        Ok(self.change(Select::at_most_one).all().await?.pop())
    }

    /// Whether there is a row; of its paths, inner joins count.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// assert!(session.query::<Product>().filter(Product::SKU.eq("T-1")).exists().await?);
    /// assert!(!session.query::<Product>().filter(Product::SKU.eq("X-9")).exists().await?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Session::all`].
    pub async fn exists(self) -> Result<bool> {
        let (mut session, select, _) = self.into_parts().await?;
        session.exists(select).await
    }

    /// How many rows there are. Paths load nothing here, but those of
    /// [`contains_eager`](crate::query::Path::contains_eager) leave the same rows out as in [`all`](Self::all).
    ///
    /// # Errors
    /// As [`Session::all`].
    pub async fn count(self) -> Result<i64> {
        let (mut session, select, _) = self.into_parts().await?;
        session.count(select).await
    }

    /// The rows as owned values, in batches of so many: as [`Session::stream`].
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// session.add_all((1..=3).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(100 * n)));
    /// let mut batches = session.query::<Product>().order_by(Product::ID).stream(2).await?;
    /// while let Some(products) = batches.next().await? {
    ///     assert!(products.len() <= 2);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Session::stream`].
    pub async fn stream(self, batch: u32) -> Result<Rows<'s, S, T>> {
        let (session, select, _) = self.into_parts().await?;
        Session::stream_of(session, select, batch).await
    }
}
