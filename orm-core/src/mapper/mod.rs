//! Models: how structs describe their tables and relations, and how those fit together.
//!
//! `#[derive(Model)]` writes a [`ModelDef`], which is data, and an implementation of [`Model`], which is
//! glue between fields and columns. At first use the [`Registry`] of a base resolves all its models into
//! [`Mapper`]s: foreign keys find their targets, collections their foreign keys, association tables
//! their two ends. Mistakes that only the whole set of models can show are found there, at once.

mod access;
mod base;
mod belongs_to;
mod builder;
mod collection;
mod constants;
mod create;
mod definition;
mod handle;
mod links;
#[expect(clippy::module_inception, reason = "the file holds the type `Mapper`")]
mod mapper;
mod member;
mod object;
mod registry;
mod resolve;
mod slot_set;

pub use access::{CollectionAccess, ForeignKeyAccess, RelationAccess};
pub use base::{DeclarativeBase, Registration};
pub use belongs_to::{BelongsTo, ForeignKeyField};
pub use builder::{Filled, Missing};
pub use collection::{CollectionField, HasMany, HasOne, ManyToMany};
pub use constants::{Column, Relation, arity};
pub use definition::{
    Cascade, ColumnDef, ConstraintDef, ModelDef, ReferencesDef, ReferentialAction, RelationDef,
    RelationKind, Secondary,
};
pub use handle::Handle;
pub use links::{Links, Reference};
pub use mapper::{Association, GeneratedKey, Link, LinkKind, Mapper};
pub use member::{IntoMember, IntoModel, Member};
pub use object::{Model, Object};
pub use registry::{Registry, RegistryCell};
pub use slot_set::SlotSet;
