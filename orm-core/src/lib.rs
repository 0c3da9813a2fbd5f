//! An object-relational mapper for PostgreSQL whose session owns its objects.

extern crate self as orm_core;

pub mod engine;
pub mod error;
pub mod events;
mod load;
pub mod flush;
pub mod mapper;
pub mod query;
mod record;
pub mod schema;
pub mod session;
pub mod sql;
pub mod state;
pub mod types;
pub mod prelude;

pub use engine::{Connection, Engine, EngineBuilder, Executor, Isolation, Statistics};
pub use error::{Error, ErrorKind, Result};
pub use flush::FlushPlan;
pub use orm_derive::Model;
pub use query::{columns, select};
pub use record::Record;
pub use session::{Session, TransactionOptions, TransactionSession};

#[doc(hidden)]
pub mod __private;
