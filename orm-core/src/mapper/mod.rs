//! Models: how structs describe their tables and relations, and how those fit together.
//!
//! `#[derive(Model)]` writes a [`ModelDef`], which is data, and an implementation of [`Model`], which is
//! glue between fields and columns. At first use the [`Registry`] of a base resolves all its models into
//! [`Mapper`]s: foreign keys find their targets, collections their foreign keys, association tables
//! their two ends. Mistakes that only the whole set of models can show are found there, at once.

mod access;
mod associations;
mod base;
mod belongs_to;
mod builder;
mod collection;
mod constants;
mod create;
mod criteria;
mod database_view;
mod deferred;
mod definition;
mod embedded;
mod fit;
mod handle;
mod indexes;
mod layout;
mod links;
#[expect(clippy::module_inception, reason = "the file holds the type `Mapper`")]
mod mapper;
mod member;
mod named_types;
mod object;
mod pairing;
mod polymorphic;
mod registry;
mod resolve;
mod shared;
mod slot_set;
mod source;
mod suggest;
mod tables;
mod version;
mod view;
mod writable;

pub use base::DeclarativeBase;
pub use belongs_to::BelongsTo;
pub use collection::{HasMany, HasOne, ManyToMany};
pub use constants::{Column, Relation, arity};
pub use database_view::refresh_materialized;
pub use embedded::{Composite, Embedded, PartOf, Variant};
pub use handle::{AnyHandle, Handle, IdentityKey};
#[doc(hidden)]
pub use member::AsMember;
pub use member::{IntoMember, IntoModel, Member};
pub use object::Model;
pub use polymorphic::Polymorphic;
pub use registry::Registry;
pub use source::{Alias, RelationBetween, Source, Table};
#[doc(hidden)]
pub use source::{Computed, Stored};
pub use view::View;
#[doc(hidden)]
pub use writable::{Backing, InMaterializedView, InTable, InView};
pub use writable::{Materialized, Writable};

pub(crate) use criteria::Criteria;
pub(crate) use layout::statement_of;
pub(crate) use pairing::{Paired, Pairing};
pub(crate) use suggest::Suggest;
pub(crate) use version::{first_version, next_version, next_versions, read_only, refuse_written};

// What derives and the layers above need; users do not.
#[doc(hidden)]
pub use embedded::{
    EmbeddedDef, EmbeddedField, EmbeddedPart, Tag, VariantAccess, VariantDef, nested, not_in_variant, part,
    part_of_variant, unknown_variant, with_embedded, with_variants,
};
#[doc(hidden)]
pub use polymorphic::{Inheritance, Inherits, KindDef, PolymorphicDef};
#[doc(hidden)]
pub use {
    access::{CollectionAccess, ForeignKeyAccess, RelationAccess},
    base::Registration,
    belongs_to::ForeignKeyField,
    builder::{Filled, Missing},
    collection::CollectionField,
    database_view::{DatabaseViewDef, DefinitionDef},
    definition::{
        AssociationDef, Cascade, ColumnDef, ConstraintDef, DeferredDef, Load, ModelDef, PassiveDeletes,
        ReferencesDef, ReferentialAction, RelationDef, RelationKind, Secondary, VersionDef, ViewDef,
    },
    fit::Fitted,
    indexes::{ExcludeDef, IndexDef, IndexKeyDef},
    layout::{Layout, ModelRow},
    links::{Links, Part, Reference},
    mapper::{Associates, Association, GeneratedKey, Link, LinkKind, Mapper, ViewBy, ViewLink},
    object::{Object, Related},
    registry::RegistryCell,
    shared::Shared,
    slot_set::SlotSet,
};
