//! Everything that a models file and a program need: `use orm_core::prelude::*;`.

pub use crate::mapper::{BelongsTo, DeclarativeBase, Handle, HasMany, HasOne, ManyToMany};
pub use crate::types::Auto;
pub use crate::Model;
pub use crate::engine::Engine;
pub use crate::query::{columns, select};
pub use crate::record::Record;
pub use crate::session::{Entity, Session};
pub use crate::mapper::Model;
pub use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
pub use serde_json::Value as Json;
pub use uuid::Uuid;
