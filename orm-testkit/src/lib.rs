//! A PostgreSQL that is just there: for tests and demos, without setting anything up.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let database = orm_testkit::TestDatabase::create().await?; // empty, of its own, gone at the end of the scope
//! let (client, connection) = tokio_postgres::connect(database.url(), tokio_postgres::NoTls).await?;
//! tokio::spawn(connection);
//! assert_eq!(client.query_one("SELECT 1 + 1", &[]).await?.get::<_, i32>(0), 2);
//! # Ok(())
//! # }
//! ```
//!
//! With models of `orm_core` there is even less to write: [`#[orm_testkit::test]`](macro@test) gives a test an engine on a
//! database that has the tables, [`assert_queries!`] counts what a block sends, and [`database_of`] is the way for
//! demos and examples.
//!
//! # Which PostgreSQL
//!
//! The first of these that exists:
//!
//! 1. the server that `DATABASE_URL` names (its user must be allowed to create databases);
//! 2. an installed PostgreSQL: from `PATH`, from `pg_config --bindir`, from the usual folders of the system;
//! 3. the PostgreSQL 17.5 that comes inside this crate, on Linux and macOS (x86-64 and ARM) and on 64-bit Windows; it has no
//!    timers: `statement_timeout` and its like never fire there, and a deadlock ends only with a timeout of the engine;
//! 4. none: a [`ServerError`] that names the package to install.
//!
//! `ORM_TESTKIT_POSTGRES=url`, `=installed` or `=bundled` admits one of them only.
//!
//! # What runs, and for how long
//!
//! From 2 and 3 we start **one shared server** per user of the machine ([`Server::shared`]): the first test binary
//! starts it, the others find it, and a small keeper process ends it and removes its folder some two seconds after
//! the last one is gone, however that one ended: a `kill -9` leaves nothing behind. It is set up for speed, not for
//! keeping data (`fsync = off`), and listens on a free port of 127.0.0.1 with a random password.
//!
//! Every test gets a database of its own: empty ([`TestDatabase::create`]), or as a copy of a template that is made
//! once ([`TestDatabase::from_template`]). Tests that stop or kill the server get a whole server of their own
//! ([`Cluster`]).
//!
//! PostgreSQL refuses to run as root. If the tests run as root (in a container, say) the server runs as the user
//! `postgres`, else as `nobody`.

mod admin;
mod call_site;
mod cluster;
mod count;
mod database;
mod error;
mod run;
mod server;
mod template;
mod url;

pub use cluster::{Cluster, ClusterBuilder};
pub use database::TestDatabase;
pub use error::{Error, ServerError};
/// A test with an engine on a database of its own.
///
/// ```test_harness
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Note { #[model(primary_key)] pub id: Auto<i64>, pub text: String }
/// #[orm_testkit::test(base = Base)]
/// async fn notes_get_a_number(engine: Engine) -> orm_core::Result<()> {
///     let mut note = Note::builder().text("Buy tea").build();
///     note.insert(&engine).await?; // the table is there, and empty
///     assert_eq!(note.id, 1);
///     Ok(())
/// }
/// ```
///
pub use orm_derive::test;
pub use run::database_of;
pub use server::{Server, Source};

#[doc(hidden)]
pub mod __private {
    pub use crate::count::{Budget, Counted, Recorder};
    pub use crate::run::{run, run_bare};
}
