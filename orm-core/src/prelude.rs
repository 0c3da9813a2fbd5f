//! Everything that a models file and a program need: `use orm_core::prelude::*;`.
//!
//! ```
//! use orm_core::prelude::*;
//!
//! orm_core::declarative_base!(pub Base);
//!
//! #[derive(Model, Clone, Debug)]
//! #[model(base = Base)]
//! pub struct Note {
//!     #[model(primary_key)]
//!     pub id: Uuid,
//!     pub text: String,
//!     pub tags: Json,
//!     #[model(server_default = "now()")]
//!     pub written_at: Auto<DateTime<Utc>>,
//! }
//!
//! let note = Note::builder().id(Uuid::nil()).text("Buy tea").tags(Json::Null).build();
//! assert_eq!(note.key(), Some(Uuid::nil()));
//! ```

pub use crate::engine::Engine;
pub use crate::mapper::{BelongsTo, DeclarativeBase, Handle, HasMany, HasOne, ManyToMany, View};
pub use crate::mapper::{Embedded, Model, Polymorphic};
pub use crate::query::{Predicate, Row, columns, select};
pub use crate::record::{Record, WritableRecord};
pub use crate::session::{Entity, Session};
#[cfg(feature = "serde_json")]
pub use crate::types::Jsonb;
pub use crate::types::{Auto, DbEnum, Deferred};
pub use crate::{Embedded, Model, Polymorphic, Row};
#[cfg(feature = "chrono")]
pub use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
pub use orm_derive::{Composite, ScalarType};
#[cfg(feature = "serde_json")]
pub use serde_json::Value as Json;
#[cfg(feature = "uuid")]
pub use uuid::Uuid;
