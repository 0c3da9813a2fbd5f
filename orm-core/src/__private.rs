//! What the derives write into users' crates. Not part of the public API.

pub use crate::engine::FromRow;
pub use crate::error::{Error, Result};
pub use crate::mapper::{AnyHandle, Handle, Inheritance, KindDef, Polymorphic, PolymorphicDef};
pub use crate::mapper::{
    AsMember, AssociationDef, Backing, BelongsTo, Cascade, CollectionAccess, CollectionField, Column,
    ColumnDef, ConstraintDef, DatabaseViewDef, DeferredDef, DefinitionDef, ExcludeDef, Filled,
    ForeignKeyAccess, ForeignKeyField, InMaterializedView, InTable, InView, IndexDef, IndexKeyDef,
    IntoMember, Load, Member, Missing, Model, ModelDef, ModelRow, Object, PassiveDeletes, ReferencesDef,
    ReferentialAction, Registration, RegistryCell, Related, Relation, RelationDef, RelationKind, Secondary,
    VersionDef, ViewDef, arity,
};
pub use crate::mapper::{
    Composite, Embedded, EmbeddedDef, EmbeddedField, EmbeddedPart, Tag, Variant, VariantAccess, VariantDef,
    nested, not_in_variant, part, part_of_variant, unknown_variant, with_embedded, with_variants,
};
pub use crate::mapper::{Computed, Source};
pub use crate::query::{Anchored, Fits, Gives, Row, Scope, Selected, TextScalar, read_value, row_by_names};
pub use crate::query::{AnySelect, Concrete, Select};
pub use crate::schema::{Deferrable, Identity, TableName, ViewKind};
pub use crate::sql::Expr;
pub use crate::types::{
    ColumnType, ColumnValue, Composite as CompositeType, CompositeFields, DbEnum, Deferred, DomainType,
    IntoKey, Key, NamedType, ScalarType, SqlType, TypeKind, TypeModifier, WireError, WireTypes, decode_label,
    put_field,
};
pub use bytes::BytesMut;
pub use inventory;
pub use postgres_types::{self, Type};
pub use serde_json::Value as Json;
pub use tokio_postgres::Row as AnyRow;

pub use crate::query::{Operand, SqlExpr};

mod builder;
mod check;
mod glue;
pub mod hybrid;
mod stand_in;

pub use builder::{Buildable, Complete, extend, new_member, required};
pub use check::{KeyPart, LeadsTo, SameAs, back_populates, is_system_version, is_version, key_type, same};
pub use glue::{criterion, decode, definition, from_row, no_such_column, param, read};
pub use stand_in::NoBase;
