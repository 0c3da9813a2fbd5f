//! The members of [`Session`](crate::session::Session), for the session of the scope.

use super::{ConnectionGuard, ScopedSession, SessionGuard};
use crate::bulk::Values;
use crate::engine::{Engine, FromRow};
use crate::error::Result;
use crate::mapper::{AnyHandle, Handle, IdentityKey, IntoModel, Model, Writable};
use crate::query::{Paths, Predicate, Select};
use crate::session::lent::Lent;
use crate::session::{Handles, Nested, NoAutoflush, Query, SessionOptions, WithoutCriteria};
use crate::sql::Text;
use crate::state::ObjectState;
use crate::types::{ColumnType, IntoKey, ScalarType};
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;

/// A line a member: `fn` for one that cannot fail in a session, `try fn` for one that can, `async fn` for one that asks
/// the database.
macro_rules! members {
    () => {};
    (fn $name:ident $(<$($ty:ident : $bound:path),+>)? ($($arg:ident : $of:ty),*) $(-> $out:ty)?; $($rest:tt)*) => {
        #[doc = concat!("[`Session::", stringify!($name), "`](crate::session::Session::", stringify!($name), ") of this scope's session.")]
        ///
        /// # Errors
        /// As [`session`](Self::session).
        pub fn $name $(<$($ty: $bound),+>)? (&self, $($arg: $of),*) -> Result<members!(@out $($out)?)> {
            Ok(self.session()?.$name($($arg),*))
        }
        members! { $($rest)* }
    };
    (try fn $name:ident $(<$($ty:ident : $bound:path),+>)? ($($arg:ident : $of:ty),*) $(-> $out:ty)?; $($rest:tt)*) => {
        #[doc = concat!("[`Session::", stringify!($name), "`](crate::session::Session::", stringify!($name), ") of this scope's session.")]
        ///
        /// # Errors
        /// As [`session`](Self::session), and as there.
        pub fn $name $(<$($ty: $bound),+>)? (&self, $($arg: $of),*) -> Result<members!(@out $($out)?)> {
            self.session()?.$name($($arg),*)
        }
        members! { $($rest)* }
    };
    (async fn $name:ident $(<$($ty:ident : $bound:path),+>)? ($($arg:ident : $of:ty),*) $(-> $out:ty)?; $($rest:tt)*) => {
        #[doc = concat!("[`Session::", stringify!($name), "`](crate::session::Session::", stringify!($name), ") of this scope's session.")]
        ///
        /// # Errors
        /// As [`session`](Self::session), and as there.
        pub async fn $name $(<$($ty: $bound),+>)? (&self, $($arg: $of),*) -> Result<members!(@out $($out)?)> {
            self.session()?.$name($($arg),*).await
        }
        members! { $($rest)* }
    };
    (@out) => { () };
    (@out $out:ty) => { $out };
}

/// What a session does, done by the session of the scope.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::session::{ScopedSession, SessionMaker};
/// use orm_core::sql::text;
/// let scoped = ScopedSession::new(SessionMaker::new(&engine).info("a note"));
/// scoped.configure(|options| options.autoflush(true));
/// scoped.scope(async {
///     let ann = scoped.add(Customer::builder().name("Ann").email("ann@example.org"))?;
///     assert_eq!(scoped.pending()?.len(), 1); // `new` in SQLAlchemy
///     scoped.commit().await?;
///     scoped.session()?[ann].age = Some(41);
///     assert_eq!((scoped.dirty()?.len(), scoped.is_modified(ann)?), (1, true));
///     assert_eq!(scoped.scalar::<i32>(text("SELECT age FROM customer")).await?, Some(41)); // flushed first
///
///     assert_eq!(scoped.load(ann, Customer::CARTS).await?.len(), 0);
///     assert!(scoped.connection().await?.in_transaction());
///     let nested = scoped.begin_nested().await?;
///     drop(nested); // takes the savepoint back
///     let quiet = scoped.no_autoflush()?;
///     assert!(!quiet.autoflush());
///     drop(quiet);
///
///     scoped.restrict::<Customer>(Customer::AGE.lt(18))?;
///     assert_eq!(scoped.query::<Customer>()?.count().await?, 0);
///     assert_eq!(scoped.without_criteria()?.query::<Customer>().count().await?, 1);
///
///     assert_eq!(scoped.identity_map()?[0].0.to_string(), "Customer(1)");
///     assert!(scoped.object_session(ann)?.is_some());
///     assert_eq!(scoped.info::<&str>()?, Some("a note"));
///     assert_eq!(scoped.get_bind()?.to_string(), scoped.bind()?.to_string());
///     scoped.delete(ann)?;
///     assert_eq!(scoped.deleted()?.len(), 1);
///     scoped.close().await?;
///     assert!(scoped.identity_map()?.is_empty());
///     let customers = scoped.query::<Customer>()?.unrestricted().all().await?;
///     assert_eq!(scoped.session()?[customers[0]].age, None); // it was not committed
///     scoped.session_factory().session().close().await
/// }).await?;
///
/// let customers = scoped.query_property::<Customer>(); // to be kept beside the model
/// scoped.scope(async { assert_eq!(customers.query()?.count().await?, 1); Ok::<_, orm_core::Error>(()) }).await?;
/// scoped.close_all();
/// # Ok(()) }
/// ```
impl<K: Eq + Hash + Send + 'static> ScopedSession<K> {
    members! {
        fn add<N: IntoModel>(object: N) -> Handle<N::Model>;
        fn add_all<N: IntoModel>(objects: impl IntoIterator<Item = N>) -> Vec<Handle<N::Model>>;
        fn autoflush() -> bool;
        fn contains<T: Model>(handle: Handle<T>) -> bool;
        fn expire_all();
        fn expunge_all();
        fn in_nested_transaction() -> bool;
        fn in_transaction() -> bool;
        fn is_active() -> bool;
        fn restrict<M: Model>(criterion: Predicate<M>);
        try fn add_again<T: Writable>(handle: Handle<T>);
        try fn delete<T: Writable>(handle: Handle<T>);
        try fn expire<T: Model>(of: impl Handles<T>);
        try fn expunge<T: Model>(handle: Handle<T>) -> T;
        try fn identity_key<T: Model>(handle: Handle<T>) -> Option<IdentityKey>;
        try fn is_expired<T: Model>(handle: Handle<T>) -> bool;
        try fn is_modified<T: Model>(handle: Handle<T>) -> bool;
        try fn state<T: Model>(handle: Handle<T>) -> ObjectState;
        async fn all<T: Model>(select: Select<T>) -> Vec<Handle<T>>;
        async fn begin();
        async fn bulk_insert_mappings<T: Writable>(rows: impl IntoIterator<Item = Values<T>>) -> u64;
        async fn bulk_save_objects<N: IntoModel>(objects: impl IntoIterator<Item = N>) -> u64;
        async fn bulk_save_objects_returning<N: IntoModel>(objects: impl IntoIterator<Item = N>) -> Vec<N::Model>;
        async fn bulk_update_mappings<T: Writable>(rows: impl IntoIterator<Item = Values<T>>) -> u64;
        async fn commit();
        async fn execute(text: Text) -> u64;
        async fn fetch<R: FromRow>(text: Text) -> Vec<R>;
        async fn flush();
        async fn get<T: Model>(key: impl IntoKey<T::Key>) -> Option<Handle<T>>;
        async fn get_one<T: Model>(key: impl IntoKey<T::Key>) -> Handle<T>;
        async fn merge<N: IntoModel>(object: N) -> Handle<N::Model>;
        async fn refresh<T: Model>(of: impl Handles<T>);
        async fn reset();
        async fn rollback();
        async fn scalar<T: ScalarType>(text: Text) -> Option<T>;
        async fn scalars<T: ColumnType>(text: Text) -> Vec<T>;
    }

    /// [`Session::load`](crate::session::Session::load) of this scope's session.
    ///
    /// # Errors
    /// As [`session`](Self::session), and as there.
    pub async fn load<T: Model, P: Paths<T>>(&self, of: impl Handles<T>, paths: P) -> Result<P::Ends> {
        self.session()?.load(of, paths).await
    }

    /// [`Session::query`](crate::session::Session::query) of this scope's session, which the query holds until it is run.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub fn query<T: Model>(&self) -> Result<Query<'static, T>> {
        Ok(Query::of(Lent::Held(self.session()?)))
    }

    /// Queries of one model, each of the session of the scope in which it is made.
    pub fn query_property<T: Model>(&self) -> QueryProperty<T, K> {
        QueryProperty { scoped: self.clone(), model: PhantomData }
    }

    /// [`Session::begin_nested`](crate::session::Session::begin_nested) of this scope's session, which the savepoint holds until its end.
    ///
    /// # Errors
    /// As [`session`](Self::session), and as there.
    pub async fn begin_nested(&self) -> Result<Nested<'static>> {
        Nested::begin(Lent::Held(self.session()?)).await
    }

    /// [`Session::no_autoflush`](crate::session::Session::no_autoflush) of this scope's session, which the guard holds.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub fn no_autoflush(&self) -> Result<NoAutoflush<'static>> {
        Ok(NoAutoflush::of(Lent::Held(self.session()?)))
    }

    /// [`Session::without_criteria`](crate::session::Session::without_criteria) of this scope's session, which the guard holds.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub fn without_criteria(&self) -> Result<WithoutCriteria<'static>> {
        Ok(WithoutCriteria::of(Lent::Held(self.session()?)))
    }

    /// [`Session::connection`](crate::session::Session::connection) of this scope's session, which the guard holds.
    ///
    /// # Errors
    /// As [`session`](Self::session), and as there.
    pub async fn connection(&self) -> Result<ConnectionGuard> {
        let mut session = self.session()?;
        session.connection().await?;
        Ok(ConnectionGuard(session))
    }

    /// [`Session::close`](crate::session::Session::close) of this scope's session; the scope goes on with it as if it were new.
    ///
    /// # Errors
    /// As [`session`](Self::session), and as there.
    pub async fn close(&self) -> Result<()> {
        self.session()?.reset().await
    }

    /// [`SessionMaker::close_all`](crate::SessionMaker::close_all): the sessions of all scopes, and all others of the maker.
    pub fn close_all(&self) {
        self.session_factory().close_all();
    }

    /// [`SessionMaker::configure`](crate::SessionMaker::configure): for the sessions of scopes that have none yet.
    pub fn configure(&self, change: impl FnOnce(SessionOptions) -> SessionOptions) {
        self.session_factory().configure(change);
    }

    /// [`Session::pending`](crate::session::Session::pending) of this scope's session: `new` in SQLAlchemy.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub fn pending(&self) -> Result<Vec<AnyHandle>> {
        Ok(self.session()?.pending().collect())
    }

    /// [`Session::dirty`](crate::session::Session::dirty) of this scope's session.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub fn dirty(&self) -> Result<Vec<AnyHandle>> {
        Ok(self.session()?.dirty().collect())
    }

    /// [`Session::deleted`](crate::session::Session::deleted) of this scope's session.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub fn deleted(&self) -> Result<Vec<AnyHandle>> {
        Ok(self.session()?.deleted().collect())
    }

    /// [`Session::identity_map`](crate::session::Session::identity_map) of this scope's session.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub fn identity_map(&self) -> Result<Vec<(IdentityKey, AnyHandle)>> {
        Ok(self.session()?.identity_map().collect())
    }

    /// The session of this scope, when the object of the handle is in it.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub fn object_session<T: Model>(&self, handle: Handle<T>) -> Result<Option<SessionGuard>> {
        let session = self.session()?;
        Ok(session.contains(handle).then_some(session))
    }

    /// The value of this type in the [`Session::info`](crate::session::Session::info) of this scope's session.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub fn info<T: Clone + 'static>(&self) -> Result<Option<T>> {
        Ok(self.session()?.info().get().cloned())
    }

    /// [`Session::get_bind`](crate::session::Session::get_bind) of this scope's session.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub fn get_bind(&self) -> Result<Engine> {
        Ok(self.session()?.get_bind().clone())
    }

    /// The engine of this scope's session; the same as [`get_bind`](Self::get_bind).
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub fn bind(&self) -> Result<Engine> {
        self.get_bind()
    }
}

/// Queries of one model in whichever scope they are asked for; made by [`ScopedSession::query_property`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::session::{QueryProperty, ScopedSession, SessionMaker};
/// async fn adults(customers: &QueryProperty<Customer>) -> orm_core::Result<i64> {
///     customers.query()?.filter(Customer::AGE.ge(18)).count().await
/// }
/// let scoped = ScopedSession::new(SessionMaker::new(&engine));
/// let customers = scoped.query_property::<Customer>();
/// assert_eq!(scoped.scope(adults(&customers)).await?, 0);
/// # Ok(()) }
/// ```
pub struct QueryProperty<T, K = super::TaskScope> {
    scoped: ScopedSession<K>,
    model: PhantomData<fn() -> T>,
}

impl<T: Model, K: Eq + Hash + Send + 'static> QueryProperty<T, K> {
    /// A query of the session of this scope.
    ///
    /// # Errors
    /// As [`ScopedSession::session`].
    pub fn query(&self) -> Result<Query<'static, T>> {
        self.scoped.query()
    }
}

impl<T, K> Clone for QueryProperty<T, K> {
    fn clone(&self) -> Self {
        Self { scoped: self.scoped.clone(), model: PhantomData }
    }
}

impl<T: Model, K> fmt::Debug for QueryProperty<T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "QueryProperty<{}>({:?})", T::def().name, self.scoped)
    }
}
