//! Tables, columns and constraints as plain data.
//!
//! Nothing here knows models or SQL text: the [`mapper`](crate::mapper) fills it from models,
//! [`sql`](mod@crate::sql) writes it as DDL, and a comparison of two schemas needs only this.

mod exclusion;
mod index;
mod metadata;
mod naming;
mod table;
mod table_name;
mod view;

pub use exclusion::{Exclusion, ExclusionKey};
pub use index::{Index, IndexKey, IndexOf, IndexParameter, ParameterValue};
pub use metadata::Metadata;
pub use naming::{MAX_IDENTIFIER, constraint_name};
pub use table::{Check, Column, ColumnDefault, Deferrable, ForeignKey, Identity, KeyConstraint, Table};
pub use table_name::TableName;
pub use view::{View, ViewKind};

pub(crate) use metadata::components;
pub(crate) use naming::distinct_names;
