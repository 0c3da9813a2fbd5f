//! What is held while the session of a scope is used.

use crate::engine::Connection;
use crate::session::Session;
use std::fmt;
use std::ops::{Deref, DerefMut};
use tokio::sync::OwnedMutexGuard;

/// The session of a scope, for as long as the guard lives; a [`Session`] in every way.
///
/// Nobody else in the scope can use the session meanwhile: that is an [`InUse`](crate::ErrorKind::InUse) error.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::ErrorKind;
/// use orm_core::session::{ScopedSession, SessionGuard, SessionMaker};
/// let scoped = ScopedSession::new(SessionMaker::new(&engine));
/// scoped.scope(async {
///     let mut session: SessionGuard = scoped.session()?;
///     let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
///     session[ann].age = Some(41);
///     assert_eq!(scoped.commit().await.unwrap_err().kind(), ErrorKind::InUse);
///     drop(session);
///     scoped.commit().await
/// }).await?;
/// # assert_eq!(engine.count(select::<Customer>()).await?, 1);
/// # Ok(()) }
/// ```
pub struct SessionGuard(pub(super) OwnedMutexGuard<Session>);

impl Deref for SessionGuard {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.0
    }
}

impl DerefMut for SessionGuard {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.0
    }
}

impl fmt::Debug for SessionGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// The connection of the transaction of a scope's session; a [`Connection`] in every way.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::session::{ConnectionGuard, ScopedSession, SessionMaker};
/// let scoped = ScopedSession::new(SessionMaker::new(&engine));
/// scoped.scope(async {
///     let mut connection: ConnectionGuard = scoped.connection().await?;
///     connection.execute_script("SET LOCAL lock_timeout = '1s'").await?;
///     drop(connection);
///     scoped.commit().await
/// }).await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct ConnectionGuard(pub(super) SessionGuard);

impl Deref for ConnectionGuard {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0.connection.as_ref().expect("the guard was made with an open transaction")
    }
}

impl DerefMut for ConnectionGuard {
    fn deref_mut(&mut self) -> &mut Connection {
        self.0.connection.as_mut().expect("the guard was made with an open transaction")
    }
}
